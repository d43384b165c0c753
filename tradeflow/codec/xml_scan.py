"""The first look at XML of an unknown sender: one pass of expat that refuses what would be dear or dangerous to build."""

from xml.parsers import expat

from tradeflow.codec.malformed import malformed
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say

ATTRIBUTES_MAX = 100  # of one element; lxml and canonicalisation are quadratic in it
ELEMENTS_MAX = 100_000
ENCODINGS = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1"})
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "
_FORBIDDEN = frozenset({_INSTANCE + "type", _INSTANCE + "nil"})


def scan(body: bytes) -> None:
    """Refuse (BadInput MALFORMED, with line and column) what is not well-formed, or is but must not be parsed.

    That is: any DOCTYPE, encodings other than UTF-8, UTF-16, ASCII and ISO-8859-1, more than 100 attributes or namespaces
    on an element, more than 100,000 elements, xsi:type and xsi:nil.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    elements = namespaces = 0

    def refuse(what: str) -> BadInput:
        return malformed(what, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1)

    def declaration(version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise refuse("Only XML 1.0 is accepted")
        if encoding and encoding.lower() not in ENCODINGS:
            raise refuse(say("The encoding %(encoding)s is not accepted; send UTF-8", encoding=repr(encoding[:40])))

    def doctype(*_: object) -> None:
        raise refuse("A document type declaration (DOCTYPE) is never accepted")

    def namespace(*_: object) -> None:
        nonlocal namespaces
        namespaces += 1
        if namespaces > ATTRIBUTES_MAX:
            raise refuse(say("More than %(ATTRIBUTES_MAX)s namespaces on one element", ATTRIBUTES_MAX=ATTRIBUTES_MAX))

    def start(_name: str, attributes: list[str]) -> None:
        nonlocal elements, namespaces
        elements += 1
        namespaces = 0
        if elements > ELEMENTS_MAX:
            raise refuse(say("More than %(ELEMENTS_MAX)s elements", ELEMENTS_MAX=f"{ELEMENTS_MAX:,}"))
        if attributes:
            if len(attributes) > 2 * ATTRIBUTES_MAX:
                raise refuse(say("More than %(ATTRIBUTES_MAX)s attributes on one element", ATTRIBUTES_MAX=ATTRIBUTES_MAX))
            if not _FORBIDDEN.isdisjoint(attributes[::2]):
                raise refuse("xsi:type and xsi:nil are not accepted")

    parser.ordered_attributes = True
    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    parser.StartNamespaceDeclHandler = namespace
    parser.StartElementHandler = start
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise malformed(f"Not well-formed XML: {what}", line=error.lineno, column=error.offset + 1) from None
