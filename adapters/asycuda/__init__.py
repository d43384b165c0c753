"""The single administrative document of ASYCUDA World, by the rows of documents/<message>/formats/asycuda.toml."""

import re
from collections.abc import Sequence
from pathlib import Path

from tradeflow.elements import notes
from tradeflow.elements.aside import Stated
from tradeflow.elements.codec import RowCodec
from tradeflow.elements.element import Element, malformed
from tradeflow.elements.library import Library
from tradeflow.elements.markup import TEXT_MAX, Parser, lines_of, opening

LIBRARY = Library(Path(__file__).parent / "library.toml")
_HINT = "Send one ASYCUDA document (SAD) as XML in UTF-8."
_ROOT = re.compile(rb"<ASYCUDA[\s>]")
_OURS = "TDF "  # begins Comments_free_text where it holds what stands aside
_PLACE = ("General_information", "Comments_free_text")


class Asycuda(RowCodec):
    """The codec."""

    name, library = "ASYCUDA", LIBRARY

    def detect(self, body: bytes) -> bool:
        """The root element stands in the first kilobytes."""
        return bool(_ROOT.search(opening(body)))

    def parsed(self, body: bytes) -> tuple[Element, Sequence[Stated]]:
        """The document, and what its comments of ours say. An element that holds `null` is empty."""
        root = Parser(_HINT).parsed(body)
        if root.name != "ASYCUDA":
            raise malformed(f"{root.name[:60]} is no ASYCUDA document", _HINT)
        _emptied(root)
        general = root.first(_PLACE[0])
        comments = general.first(_PLACE[1]) if general else None
        if general is None or comments is None or not comments.text.strip().startswith(_OURS):
            return root, []
        aside = notes.stated([comments.text.strip().removeprefix(_OURS)])
        if aside is None:
            return root, []
        general.children.remove(comments)
        return root, aside

    def serialised(self, root: Element, aside: Sequence[Stated]) -> bytes:
        """XML in the order that the exports of ASYCUDA have."""
        for piece in notes.pieces(aside, TEXT_MAX - len(_OURS)):
            general = root.first(_PLACE[0]) or Element(_PLACE[0])
            if general not in root.children:
                root.children.append(general)
            general.children.append(Element(_PLACE[1], text=_OURS + piece))
        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        lines += lines_of(LIBRARY, root, root.name, {})
        return ("\n".join(lines) + "\n").encode()


def _emptied(element: Element) -> None:
    level = [element]
    while level:
        for one in level:
            one.children = [child for child in one.children if child.name != "null"]
        level = [child for one in level for child in one.children]


__all__ = ["Asycuda"]
