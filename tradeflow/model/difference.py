"""What two versions of a document differ in: JSON Pointer, the old value, the new one, and what a person calls the field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Document

IDENTIFIERS = ("line_no", "item_no", "seq", "number", "sscc", "document_type", "code", "field", "party_id", "name")
ENVELOPE = "message"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is another, was added (no old one) or removed (no new one).

    The pointer leads into the newer version; into the older one where the value was removed. `line` names the element of a
    list by what identifies it ("line_no 2"), for its place in the list says nothing.
    """

    pointer: str
    name: str
    old: Any = None
    new: Any = None
    line: str = ""


def differences(type_: MessageType, old: Document, new: Document) -> list[Difference]:
    """Every difference of content, in the order of the newer version; the envelope is not content."""
    found = _of_objects(type_, _content(old), _content(new), "", "", "")
    return [d for d in found if d.pointer != "/document/version"]


def _content(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.data.items() if name != ENVELOPE}


def _of_objects(type_: MessageType, old: Mapping[str, Any], new: Mapping[str, Any], at: str, path: str, line: str) -> Iterator[Difference]:
    for name in [*new, *(name for name in old if name not in new)]:
        inner = f"{path}.{name}" if path else name
        yield from _of_values(type_, old.get(name), new.get(name), f"{at}/{name}", inner, line)


def _of_values(type_: MessageType, old: Any, new: Any, at: str, path: str, line: str) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_objects(type_, old, new, at, path, line)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(type_, old, new, at, f"{path}[]", line)
    else:
        yield Difference(at, _name(type_, path), old, new, line)


def _of_lists(type_: MessageType, old: list[Any], new: list[Any], at: str, path: str, line: str) -> Iterator[Difference]:
    key = _identifier(old, new)
    before = {_key(element, key, n): (n, element) for n, element in enumerate(old)}
    for n, element in enumerate(new):
        own = _key(element, key, n)
        _, earlier = before.pop(own, (n, None))
        yield from _of_values(type_, earlier, element, f"{at}/{n}", path, _line(line, key, own))
    for own, (n, element) in before.items():
        yield Difference(f"{at}/{n}", _name(type_, path), element, None, _line(line, key, own))


def _identifier(old: list[Any], new: list[Any]) -> str:
    """The member that names the elements of both lists, each once; "" where only their value or place tells them apart."""
    for name in IDENTIFIERS:
        if all(_names_all(elements, name) for elements in (old, new)):
            return name
    return ""


def _names_all(elements: list[Any], name: str) -> bool:
    if not all(isinstance(element, Mapping) and name in element for element in elements):
        return False
    return len({str(element[name]) for element in elements}) == len(elements)


def _key(element: Any, key: str, place: int) -> str:
    if key:
        return str(element[key])
    return f"#{place}" if isinstance(element, (Mapping, list)) else str(element)


def _line(outer: str, key: str, own: str) -> str:
    return " ".join(part for part in (outer, f"{key} {own}" if key else "") if part)


def _name(type_: MessageType, path: str) -> str:
    """The catalogue's name of the field at a path, with that of the row that holds it."""
    field = type_.field_at(path)
    if field is not None:
        return field.name
    outer, _, last = path.rpartition(".")
    return _name(type_, outer) if outer else last
