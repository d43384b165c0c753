"""XML of the WCO data model: declarations and responses of customs, by the rows of documents/<message>/formats/wco.toml."""

import re
from collections.abc import Sequence
from pathlib import Path

from tradeflow.elements import notes
from tradeflow.elements.aside import Stated
from tradeflow.elements.codec import RowCodec
from tradeflow.elements.element import Element, malformed
from tradeflow.elements.library import Library
from tradeflow.elements.markup import Parser, lines_of, opening

META = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
SPACES = {"Declaration": "urn:wco:datamodel:WCO:DEC-DMS:2", "Response": "urn:wco:datamodel:WCO:RES-DMS:2"}
DATA = {"Declaration": "urn:wco:datamodel:WCO:Declaration_DS:DMS:2", "Response": "urn:wco:datamodel:WCO:Response_DS:DMS:2"}
NAMES = {"Declaration": "DEC", "Response": "RES"}  # WCOTypeName
PREFIXES = {"DateTimeString": "ds:"}  # of the module of data types
LIBRARY = Library(Path(__file__).parent / "library.toml")
_HINT = "Send one Declaration or Response of the WCO data model, in its MetaData, as XML in UTF-8."
_KNOWN = re.compile(rb"urn:wco:datamodel:|<WCODataModelVersionCode>|<WCOTypeName>")
_WRAPPED_MAX = 4  # levels that a request may wrap around MetaData
_LENGTH = 512  # of AdditionalInformation/StatementDescription
_OURS = "TDF"  # its StatementCode where it holds what stands aside


class Wco(RowCodec):
    """The codec."""

    name, library = "WCO", LIBRARY

    def detect(self, body: bytes) -> bool:
        """The first kilobytes name the data model."""
        return bool(_KNOWN.search(opening(body)))

    def parsed(self, body: bytes) -> tuple[Element, Sequence[Stated]]:
        """The Declaration or Response, and what its additional information of ours says."""
        root = _document(Parser(_HINT).parsed(body))
        own = [child for child in root.all("AdditionalInformation") if _text(child, "StatementCode").strip() == _OURS]
        aside = notes.stated(_text(child, "StatementDescription") for child in own)
        if aside is None:
            return root, []
        root.children = [child for child in root.children if child not in own]
        return root, aside

    def serialised(self, root: Element, aside: Sequence[Stated]) -> bytes:
        """XML in the order of the schema, in its MetaData."""
        more = [
            Element("AdditionalInformation", children=[Element("StatementCode", text=_OURS), Element("StatementDescription", text=piece)])
            for piece in notes.pieces(aside, _LENGTH)
        ]
        whole = Element(root.name, children=[*root.children, *more])
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<md:MetaData xmlns:md="{META}">']
        lines.append("  <md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>")
        lines.append(f"  <md:WCOTypeName>{NAMES[root.name]}</md:WCOTypeName>")
        lines += lines_of(LIBRARY, whole, root.name, PREFIXES, 1)
        lines[4] = f'  <{root.name} xmlns="{SPACES[root.name]}" xmlns:ds="{DATA[root.name]}">'
        lines.append("</md:MetaData>")
        return ("\n".join(lines) + "\n").encode()


def _document(root: Element) -> Element:
    if root.name in SPACES:
        return root
    found = [child for child in (_around(root) or root).children if child.name in SPACES]
    if not found:
        raise malformed(f"{root.name[:60]} is no MetaData with a Declaration or a Response", _HINT)
    if len(found) > 1:
        raise malformed(f"The file holds {len(found)} documents: send one at a time, each has an answer of its own", _HINT)
    return found[0]


def _around(root: Element) -> Element | None:
    """What holds the document: MetaData, or what an agency's request wraps it in."""
    level = [root]
    for _ in range(_WRAPPED_MAX):
        if found := next((one for one in level if any(child.name in SPACES for child in one.children)), None):
            return found
        level = [child for one in level for child in one.children]
    return None


def _text(element: Element, name: str) -> str:
    child = element.first(name)
    return "" if child is None else child.text


__all__ = ["Wco"]
