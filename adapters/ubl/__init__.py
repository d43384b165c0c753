"""OASIS UBL 2.4: documents to UBL and back, by the rows of documents/<message>/formats/ubl.toml."""

import re
from collections.abc import Sequence

from tradeflow.adapters.ubl.aside import extension, stated
from tradeflow.adapters.ubl.tree import EXT, HINT, LIBRARY, UBL, serialised

from tradeflow.elements.aside import Stated
from tradeflow.elements.codec import RowCodec
from tradeflow.elements.element import Element, malformed
from tradeflow.elements.markup import Parser, opening

_ROOT = re.compile(rb"xmlns(:[\w.-]+)?\s*=\s*[\"']urn:oasis:names:specification:ubl:schema:xsd:")


class Ubl(RowCodec):
    """The codec."""

    name, library, ours = "UBL", LIBRARY, EXT

    def detect(self, body: bytes) -> bool:
        """The first kilobytes name a namespace of UBL."""
        return bool(_ROOT.search(opening(body)))

    def parsed(self, body: bytes) -> tuple[Element, Sequence[Stated]]:
        """The root element and what our extension says."""
        root = Parser(HINT).parsed(body)
        if root.namespace != f"{UBL}{root.name}-2":
            raise malformed(f"{root.name[:60]} in the namespace {root.namespace[:100]!r} is no UBL document", HINT)
        return root, [*stated(root)]

    def serialised(self, root: Element, aside: Sequence[Stated]) -> bytes:
        """XML in the order of the schemas."""
        made: bytes = serialised(root, extension(aside))
        return made


__all__ = ["Ubl"]
