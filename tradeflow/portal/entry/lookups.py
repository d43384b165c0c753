"""What a field may hold: code lists with their meanings, and what the documents of the trade say already."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradeflow.language.catalogues import DEFAULT, translations
from tradeflow.model.catalogue import catalogue
from tradeflow.model.content import load
from tradeflow.model.document import Document
from tradeflow.pdf.values import words

FOUND_MAX = 20
MEMBERS = {"unlocode": "unlocode", "iata_airport": "iata", "hs_code": "hs_code", "container_type": "size_type", "party": "party_id"}
CODE_MAX = 4  # longer ones are words
NUMBERED = re.compile(r"[A-Z]{2}\d+")  # a meaning that is the number of a standard's message or clause
OFFSETS = ("Z", "+08:00", "+01:00", "+02:00", "+09:00", "+05:30", "-05:00", "-04:00", "-08:00", "+03:00", "+07:00", "+10:00")


@dataclass(frozen=True, slots=True)
class Offer:
    """One value for a field; `also` fills what stands beside it, by member name. `found_by`: what else one may type to find it."""

    code: str
    text: str
    also: Mapping[str, str] = field(default_factory=dict)
    found_by: str = ""


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
    return tuple(sorted({**words(name), **kept(name)}.items()))


def offered(name: str) -> tuple[tuple[str, str], ...]:
    """A closed list as it is offered for choice: code and what the choice says, "FOB – Free on Board"; a code in words says it itself."""
    return tuple((code, _choice(code, *_meaning(name, code, text))) for code, text in catalogue().codelists[name].values.items())


def _meaning(name: str, code: str, stated: str) -> tuple[str, bool]:
    """What a code means, and whether it is to be seen beside it."""
    return (stated, True) if stated else (kept(name).get(code, ""), len(code) <= CODE_MAX)


def _choice(code: str, meaning: str, beside: bool) -> str:
    return f"{code} – {meaning}" if meaning and beside else meaning or code.replace("_", " ")


@functools.cache
def kept(name: str) -> dict[str, str]:
    """The rows of documents/_common/lookups.toml: what is common in trade, never all there is."""
    found: dict[str, str] = {}
    for root in catalogue().roots:
        file = root / "documents" / "_common" / "lookups.toml"
        if file.exists():
            found |= {str(code): str(text) for code, text in load(file).data.get(name, {}).items()}
    return found


def offers(
    name: str, asked: str, documents: Iterable[Document] = (), earlier: Iterable[Offer] = (), language: str = DEFAULT
) -> list[Offer]:
    """What fits to what was typed, at most 20: first what documents of the trade have, then what was used before, then the common ones.

    The common ones are said in the reader's language, and found in it or in English; what they fill in is what documents say: English.
    """
    wanted = asked.casefold().split()
    found: dict[str, Offer] = {}
    for offer in (*said(name, documents), *earlier, *_common(name, language)):
        text = f"{offer.code} {offer.text} {offer.found_by}".casefold()
        if offer.code not in found and all(word in text for word in wanted):
            found[offer.code] = offer
            if len(found) == FOUND_MAX:
                break
    return list(found.values())


def _common(name: str, language: str) -> Iterator[Offer]:
    gettext = translations(language).gettext
    for code, text in listed(name) if name in catalogue().codelists else ():
        also = {"name": text.partition(",")[0], "country": code[:2]} if name == "unlocode" else {}
        yield Offer(code, gettext(text), also, text)


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
