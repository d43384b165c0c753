"""XML as UBL has it: bytes to elements, bounded and without document types, and elements back to bytes in the order of the schemas."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tradeflow.adapters.ubl.library import order

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC, EXT = f"{UBL}CommonAggregateComponents-2", f"{UBL}CommonBasicComponents-2", f"{UBL}CommonExtensionComponents-2"
ELEMENTS_MAX, DEPTH_MAX, ATTRIBUTES_MAX, TEXT_MAX = 60_000, 40, 20, 100_000


@dataclass(slots=True, eq=False)
class Element:
    """One element by its local name. `taken` says that a row has read its text."""

    name: str
    namespace: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)
    taken: bool = False
    claimed: bool = False  # by a row that asks for it by a value inside
    one_of_many: bool = False  # stands for an element of a list: it is not joined with its like

    def all(self, name: str) -> Iterator["Element"]:
        """The children of a name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> "Element | None":
        return next(self.all(name), None)


def malformed(what: str, line: int = 0) -> BadInput:
    """BadInput MALFORMED for bytes that are no UBL document."""
    where = f" (line {line})" if line else ""
    text = (what if what.isprintable() else what.encode("unicode_escape").decode()) + where + "."
    finding = Finding("M-GEN-01", Severity.ERROR, "", text, hint="Send one UBL 2.x document as XML in UTF-8.", found=None, expected=None)
    return BadInput("MALFORMED", text, 400, findings=[finding])


class Parser:
    """Builds the tree of one document; what no document needs ends it at once."""

    def __init__(self) -> None:
        self._stack: list[Element] = []
        self._count = self._namespaces = 0
        self._root: Element | None = None
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.ordered_attributes = True
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartNamespaceDeclHandler = self._namespace
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters

    def parsed(self, body: bytes) -> Element:
        """The root element. Raises BadInput MALFORMED."""
        try:
            self._expat.Parse(body, True)
        except expat.ExpatError as error:
            raise malformed(f"Not well-formed XML: {expat.ErrorString(error.code)}", error.lineno) from None
        if self._root is None:
            raise malformed("There is no element")
        return self._root

    def _doctype(self, *_: object) -> None:
        raise malformed("A document type declaration (DOCTYPE) is never accepted", self._expat.CurrentLineNumber)

    def _namespace(self, *_: object) -> None:
        self._namespaces += 1
        if self._namespaces > 10 * ATTRIBUTES_MAX:
            raise malformed(f"More than {10 * ATTRIBUTES_MAX} namespaces", self._expat.CurrentLineNumber)

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX or len(self._stack) >= DEPTH_MAX or len(attributes) > 2 * ATTRIBUTES_MAX:
            what = f"More than {ELEMENTS_MAX:,} elements, {DEPTH_MAX} levels or {ATTRIBUTES_MAX} attributes of one element"
            raise malformed(what, self._expat.CurrentLineNumber)
        namespace, _, local = name.rpartition(" ")
        made = Element(local, namespace, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        if self._stack:
            self._stack[-1].children.append(made)
        else:
            self._root = made
        self._stack.append(made)

    def _end(self, _: str) -> None:
        ended = self._stack.pop()
        if ended.children:
            ended.text = ""

    def _characters(self, text: str) -> None:
        here = self._stack[-1]
        if len(here.text) + len(text) > TEXT_MAX:
            raise malformed(f"More than {TEXT_MAX:,} characters in one element", self._expat.CurrentLineNumber)
        here.text += text


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
    places: Mapping[str, tuple[int, str]] = order(kind)
    inside = [(child, *places[child.name]) for child in element.children]
    return [(child, type_) for child, _, type_ in sorted(inside, key=lambda one: one[1])]


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
