"""UBL as bytes: elements in the order of the schemas, in their namespaces."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tradeflow.elements.element import Element
from tradeflow.elements.library import Library

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC, EXT = f"{UBL}CommonAggregateComponents-2", f"{UBL}CommonBasicComponents-2", f"{UBL}CommonExtensionComponents-2"
HINT = "Send one UBL 2.x document as XML in UTF-8."
LIBRARY = Library(Path(__file__).parent / "library.toml")


def serialised(root: Element, extension: str = "") -> bytes:
    """A document as bytes: children in the order of the schema, empty ones left out. `extension` is the content of one extension."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    spaces = f'xmlns="{UBL}{root.name}-2" xmlns:cac="{CAC}" xmlns:cbc="{CBC}" xmlns:ext="{EXT}"'
    lines.append(f"<{root.name} {spaces}>")
    if extension:
        lines.append(extension)
    for child, kind in _ordered(root, root.name):
        _write(child, kind, 1, lines)
    lines.append(f"</{root.name}>")
    return ("\n".join(lines) + "\n").encode()


def _ordered(element: Element, kind: str) -> list[tuple[Element, str]]:
    places = LIBRARY.members(kind)
    return [(child, places[child.name].type) for child in sorted(element.children, key=lambda one: places[one.name].place)]


def _write(element: Element, kind: str, depth: int, lines: list[str]) -> None:
    pad = "  " * depth
    if not kind:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
        lines.append(f"{pad}<cbc:{element.name}{attributes}>{escape(element.text, {chr(13): '&#13;'})}</cbc:{element.name}>")
        return
    if not element.children:
        return
    lines.append(f"{pad}<cac:{element.name}>")
    for child, type_ in _ordered(element, kind):
        _write(child, type_, depth + 1, lines)
    lines.append(f"{pad}</cac:{element.name}>")
