"""XML to elements by expat, bounded and without document types, and elements to lines of XML; no tree of an XML library is built."""

from collections.abc import Iterator, Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tradeflow.elements.element import Element, malformed
from tradeflow.elements.library import Library

OPENING_BYTES = 16_384  # many begin with a licence
ELEMENTS_MAX, DEPTH_MAX, ATTRIBUTES_MAX, TEXT_MAX = 60_000, 40, 20, 100_000


def opening(body: bytes) -> bytes:
    """The first kilobytes of XML, in an encoding whose letters are those of ASCII: UTF-16 is told by its mark or its zeros."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body[:OPENING_BYTES].decode("utf-16", "ignore").encode()
    if body[:2] in (b"<\x00", b"\x00<"):
        return body[:OPENING_BYTES].decode("utf-16-le" if body[1] == 0 else "utf-16-be", "ignore").encode()
    return body[:OPENING_BYTES]


class Parser:
    """Builds the tree of one document; what no document needs ends it at once. `hint` says what to send instead."""

    def __init__(self, hint: str) -> None:
        self._hint = hint
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
            raise malformed(f"Not well-formed XML: {expat.ErrorString(error.code)}", self._hint, error.lineno) from None
        except (LookupError, ValueError):
            raise malformed("The encoding that the document declares is not known", self._hint, 1) from None
        if self._root is None:
            raise malformed("There is no element", self._hint)
        return self._root

    def _doctype(self, *_: object) -> None:
        raise malformed("A document type declaration (DOCTYPE) is never accepted", self._hint, self._expat.CurrentLineNumber)

    def _namespace(self, *_: object) -> None:
        self._namespaces += 1
        if self._namespaces > 10 * ATTRIBUTES_MAX:
            raise malformed(f"More than {10 * ATTRIBUTES_MAX} namespaces", self._hint, self._expat.CurrentLineNumber)

    def _start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX or len(self._stack) >= DEPTH_MAX or len(attributes) > 2 * ATTRIBUTES_MAX:
            what = f"More than {ELEMENTS_MAX:,} elements, {DEPTH_MAX} levels or {ATTRIBUTES_MAX} attributes of one element"
            raise malformed(what, self._hint, self._expat.CurrentLineNumber)
        namespace, _, local = name.rpartition(" ")
        made = Element(local, namespace)
        if attributes:
            made.attributes.update(zip(attributes[::2], attributes[1::2], strict=True))
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
            raise malformed(f"More than {TEXT_MAX:,} characters in one element", self._hint, self._expat.CurrentLineNumber)
        here.text += text


def lines_of(library: Library, element: Element, kind: str, prefixes: Mapping[str, str], depth: int = 0) -> Iterator[str]:
    """An element of a type as lines, in the order of its schema; `prefixes` are those of elements from another namespace."""
    pad, members = "  " * depth, library.members(kind)
    yield f"{pad}<{element.name}>"
    for child in sorted(element.children, key=lambda one: members[one.name].place):
        if members[child.name].type:
            yield from lines_of(library, child, members[child.name].type, prefixes, depth + 1)
            continue
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in child.attributes.items())
        name = f"{prefixes.get(child.name, '')}{child.name}"
        yield f"{pad}  <{name}{attributes}>{escape(child.text, {chr(13): '&#13;'})}</{name}>"
    yield f"{pad}</{element.name}>"
