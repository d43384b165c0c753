"""Taking what is withheld out of a document, and saying so: the marker names every field, and the hash is that of the original."""

from collections.abc import Mapping
from typing import Any

from tradeflow.app.convert import written
from tradeflow.codec import canonical, xml
from tradeflow.machine.sight import ALL
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.document import Document, Tree
from tradeflow.model.format import Loss

KEPT = ("message", "document")  # of a document that is withheld as a whole: who sent it to whom, and its number
MARKER = "withheld"


def redacted(document: Document, withheld: frozenset[str]) -> tuple[Tree, list[str]]:
    """The data without the fields at these paths, and the JSON Pointers of what was there."""
    if ALL in withheld:
        kept = {name: document.data[name] for name in KEPT if name in document.data}
        return kept, [f"/{name}" for name in document.data if name not in KEPT]
    data: Any = document.data
    pointers: list[str] = []
    for path in sorted(withheld):
        data = _without(data, path.split("."), "", pointers)
    return data, sorted(pointers)


def without(document: Document, withheld: frozenset[str]) -> tuple[Tree, list[Any]]:
    """The data without the fields at these paths, and the values of what is left out."""
    data, pointers = redacted(document, withheld)
    return data, [_value(document.data, pointer) for pointer in pointers]


def _value(node: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node.get(part) if isinstance(node, Mapping) else None
    return node


def _without(node: Any, segments: list[str], at: str, pointers: list[str]) -> Any:
    """A copy of the node without what the path leads to; the node itself where there is nothing."""
    name = segments[0].removesuffix("[]")
    if not isinstance(node, Mapping) or name not in node:
        return node
    value, here = node[name], f"{at}/{name}"
    if len(segments) == 1:
        pointers.append(here)
        return {key: one for key, one in node.items() if key != name}
    if isinstance(value, list):
        return {**node, name: [_without(one, segments[1:], f"{here}/{n}", pointers) for n, one in enumerate(value)]}
    return {**node, name: _without(value, segments[1:], here, pointers)}


def as_json(document: Document, withheld: frozenset[str]) -> bytes:
    """The document as a reader may see it: canonical JSON, and where something is missing a member that says what."""
    data, pointers = redacted(document, withheld)
    if not pointers:
        return document.canonical
    return canonical.encode({**data, MARKER: marker(document, pointers)})


def as_xml(document: Document, withheld: frozenset[str]) -> bytes:
    """The same as XML; what is withheld stands in a comment at the end, so that the elements are those of the message."""
    data, pointers = redacted(document, withheld)
    if not pointers:
        return xml.write(document)
    said = f"withheld: {' '.join(pointers)}; sha256 of the original: {document.sha256}".replace("--", "- -")
    shown = Document(document.type, data, document.canonical, document.sha256, document.payload_sha256)
    return xml.write(shown).rstrip() + f"\n<!-- {said} -->\n".encode()


def as_format(document: Document, withheld: frozenset[str], form: str) -> tuple[str, bytes, tuple[Loss, ...]]:
    """The same in a format of the outside: media type, bytes, and what that form loses of what the reader may see."""
    return written(visible(document, withheld), form)


def visible(document: Document, withheld: frozenset[str]) -> Document:
    """The document as a reader may see it, without any marker; the hashes are those of the original."""
    data, pointers = redacted(document, withheld)
    return Document(document.type, data, canonical.encode(data), document.sha256, document.payload_sha256) if pointers else document


def marker(document: Document, pointers: list[str]) -> dict[str, Any]:
    """What the reader is told about the fields it may not see; the hashes are those of the document as lodged."""
    type_ = catalogue().message(document.type)
    fields = [{"pointer": pointer, "name": _name(type_, pointer)} for pointer in pointers]
    return {"fields": fields, "sha256": document.sha256, "payload_sha256": document.payload_sha256}


def _name(type_: MessageType, pointer: str) -> str:
    """What a person calls the field at a JSON Pointer."""
    path = ""
    for part in pointer.split("/")[1:]:
        path = f"{path}[]" if part.isdecimal() else f"{path}.{part}" if path else part
    field = type_.field_at(path) or type_.field_at(f"{path}[]")
    return field.name if field else path
