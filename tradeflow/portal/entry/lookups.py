"""What a field may hold: code lists with their meanings, and what the documents of the trade say already."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradeflow.model.catalogue import catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document
from tradeflow.pdf.values import words

FOUND_MAX = 20
MEMBERS = {"unlocode": "unlocode", "iata_airport": "iata", "hs_code": "hs_code", "container_type": "size_type", "party": "party_id"}
OFFSETS = ("Z", "+08:00", "+01:00", "+02:00", "+09:00", "+05:30", "-05:00", "-04:00", "-08:00", "+03:00", "+07:00", "+10:00")


@dataclass(frozen=True, slots=True)
class Offer:
    """One value for a field; `also` fills what stands beside it, by member name."""

    code: str
    text: str
    also: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def listed(name: str) -> tuple[tuple[str, str], ...]:
    """A list that is short enough to come with the page: code and meaning."""
    if name == "document_type":
        return tuple((id_, catalogue().message(id_).name) for id_ in catalogue().ids())
    if name == "offset":
        return tuple((one, f"UTC{one if one != 'Z' else ''}") for one in OFFSETS)
    codes = catalogue().codelists[name].codes
    if codes:
        return tuple(codes.items())
    return tuple(sorted({**words(name), **_kept(name)}.items()))


@functools.cache
def _kept(name: str) -> dict[str, str]:
    """The rows of documents/_common/lookups.toml: what is common in trade, never all there is."""
    found: dict[str, str] = {}
    for root in catalogue().roots:
        file = root / "documents" / "_common" / "lookups.toml"
        if file.exists():
            found |= {str(code): str(text) for code, text in load(file).data.get(name, {}).items()}
    return found


def offers(name: str, asked: str, documents: Iterable[Document] = (), earlier: Iterable[Offer] = ()) -> list[Offer]:
    """What fits to what was typed, at most 20: first what documents of the trade have, then what was used before, then the common ones."""
    wanted = asked.casefold().split()
    found: dict[str, Offer] = {}
    for offer in (*said(name, documents), *earlier, *_common(name)):
        text = f"{offer.code} {offer.text}".casefold()
        if offer.code not in found and all(word in text for word in wanted):
            found[offer.code] = offer
            if len(found) == FOUND_MAX:
                break
    return list(found.values())


def _common(name: str) -> Iterator[Offer]:
    for code, text in listed(name) if name in catalogue().codelists else ():
        also = {"name": text.partition(",")[0], "country": code[:2]} if name == "unlocode" else {}
        yield Offer(code, text, also)


def said(name: str, documents: Iterable[Document]) -> Iterator[Offer]:
    """What stands in documents, of one list."""
    member = MEMBERS.get(name)
    if member is None:
        return
    for document in documents:
        for node in _objects(document.data):
            code = node.get(member)
            if isinstance(code, str) and (name != "party" or "name" in node):
                text = str(node.get("name") or node.get("description") or "")
                yield Offer(code, " ".join(text.split())[:80], _texts(node) if name in ("party", "unlocode", "iata_airport") else {})


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for name, inner in node.items():
            if name != "message":
                yield from _objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _objects(inner)


def _texts(node: Any, at: str = "") -> dict[str, str]:
    """The texts of an object by path: what a form fills in beside the value that was chosen."""
    found: dict[str, str] = {}
    for name, value in node.items():
        if isinstance(value, dict):
            found |= _texts(value, f"{at}{name}/")
        elif isinstance(value, list):
            found |= {f"{at}{name}/{i}": str(one) for i, one in enumerate(value) if isinstance(one, str)}
        else:
            found[f"{at}{name}"] = str(value)
    return found
