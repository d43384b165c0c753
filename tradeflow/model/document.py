"""A document: the typed content of one message, read by path.

A path is dotted; `[]` after a segment means every element: "lines[].line_amount.value".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | bool | Decimal | date | datetime
Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """Content of one message of `type`: dicts, lists and scalars (Decimal, date, datetime already parsed).

    `canonical` is the RFC 8785 JSON of the whole message, `sha256` its hash; `payload_sha256` leaves the
    envelope (`message`) out, so that the same document re-sent by reference has the same hash.
    """

    type: str
    data: Tree
    canonical: bytes
    sha256: str
    payload_sha256: str

    def get(self, path: str) -> Any:
        """The value at a path without `[]`, or None where any segment is absent."""
        return get(self.data, path)

    def each(self, path: str) -> Iterator[tuple[str, Any]]:
        """Every (JSON Pointer, value) that exists at the path; `[]` walks all elements of a list."""
        return each(self.data, path)

    @property
    def number(self) -> str:
        return str(self.get("document.number") or "")

    @property
    def version(self) -> int:
        return int(self.get("document.version") or 1)


def get(tree: Any, path: str) -> Any:
    """The value at a dotted path in a tree of dicts, or None."""
    node = tree
    for segment in path.split("."):
        if not isinstance(node, Mapping):
            return None
        node = node.get(segment)
        if node is None:
            return None
    return node


def each(tree: Any, path: str, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every (JSON Pointer, value) present at the path below `tree`, in document order."""
    segment, _, rest = path.partition(".")
    name = segment.removesuffix("[]")
    value = tree.get(name) if isinstance(tree, Mapping) else None
    if value is None:
        return
    here = f"{at}/{name}"
    nodes = [(f"{here}/{i}", element) for i, element in enumerate(value)] if segment.endswith("[]") else [(here, value)]
    for pointer, node in nodes:
        if rest:
            yield from each(node, rest, pointer)
        else:
            yield pointer, node


@dataclass(slots=True)
class DocumentSet:
    """The current documents of one trade, newest version of each (type, number)."""

    documents: list[Document] = field(default_factory=list)
    apart: Callable[[Document, Document], bool] = lambda one, other: False  # whether two of them are of different shipments

    def of(self, type_: str) -> list[Document]:
        """All current documents of a type, oldest first."""
        return [d for d in self.documents if d.type == type_]

    def with_(self, document: Document) -> "DocumentSet":
        """This set with one more document, which replaces an earlier version of itself."""
        others = [d for d in self.documents if (d.type, d.number) != (document.type, document.number)]
        return DocumentSet([*others, document], self.apart)

    def latest(self, type_: str) -> Document | None:
        """The most recently lodged document of a type, or None."""
        found = self.of(type_)
        return found[-1] if found else None
