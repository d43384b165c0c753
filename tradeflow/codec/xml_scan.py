"""The first look at XML of an unknown sender: one pass of expat that refuses what would be dear or dangerous to build."""

from dataclasses import dataclass
from xml.parsers import expat

from tradeflow.codec.malformed import malformed
from tradeflow.errors import BadInput

ATTRIBUTES_MAX = 100  # of one element; lxml and canonicalisation are quadratic in it
ELEMENTS_MAX = 100_000
DEPTH_MAX = 64
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1"})
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "


@dataclass(slots=True)
class _Scan:
    parser: expat.XMLParserType
    elements: int = 0
    depth: int = 0
    namespaces: int = 0  # declared by the element about to start

    def refuse(self, what: str) -> BadInput:
        return malformed(what, line=self.parser.CurrentLineNumber, column=self.parser.CurrentColumnNumber + 1)

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise self.refuse("Only XML 1.0 is accepted")
        if encoding and encoding.lower() not in ENCODINGS:
            raise self.refuse(f"The encoding {encoding[:40]!r} is not accepted; send UTF-8")

    def doctype(self, *_: object) -> None:
        raise self.refuse("A document type declaration (DOCTYPE) is never accepted")

    def namespace(self, *_: object) -> None:
        self.namespaces += 1
        if self.namespaces > ATTRIBUTES_MAX:
            raise self.refuse(f"More than {ATTRIBUTES_MAX} namespaces on one element")

    def start(self, _name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.elements += 1
        self.namespaces = 0
        if self.depth > DEPTH_MAX:
            raise self.refuse(f"Nested deeper than {DEPTH_MAX} levels")
        if self.elements > ELEMENTS_MAX:
            raise self.refuse(f"More than {ELEMENTS_MAX:,} elements")
        if attributes:
            if len(attributes) > 2 * ATTRIBUTES_MAX:
                raise self.refuse(f"More than {ATTRIBUTES_MAX} attributes on one element")
            if _INSTANCE + "type" in attributes[::2] or _INSTANCE + "nil" in attributes[::2]:
                raise self.refuse("xsi:type and xsi:nil are not accepted")

    def end(self, _name: str) -> None:
        self.depth -= 1


def scan(body: bytes) -> None:
    """Refuse (BadInput MALFORMED, with line and column) what is not well-formed, or is but must not be parsed.

    That is: any DOCTYPE, encodings other than UTF-8, UTF-16, ASCII and ISO-8859-1, more than 100 attributes
    or namespaces on an element, more than 100,000 elements, nesting deeper than 64.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    state = _Scan(parser)
    parser.XmlDeclHandler = state.declaration
    parser.StartDoctypeDeclHandler = state.doctype
    parser.StartNamespaceDeclHandler = state.namespace
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise malformed(f"Not well-formed XML: {what}", line=error.lineno, column=error.offset + 1) from None
