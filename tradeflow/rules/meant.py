"""Which of several documents of one type another document is about: the one it refers to, or that refers to it, not merely the newest."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from tradeflow.model.document import Document

_REMEMBERED = 512  # documents whose references are kept


def meant(candidates: Sequence[Document], subject: Document | None) -> Document:
    """The newest candidate; of several of its type the newest that the subject refers to, else that refers to the subject."""
    newest = candidates[-1]
    same = [document for document in candidates if document.type == newest.type]
    if subject is None or len(same) == 1:
        return newest
    to = [document for document in same if (document.type, document.number) in references(subject)]
    back = [document for document in same if (subject.type, subject.number) in references(document)]
    return (to or back or same)[-1]


def references(document: Document) -> frozenset[tuple[str, str]]:
    """(type, number) of every document that is referred to anywhere in this one."""
    return _references(_Keyed(document))


class _Keyed:
    """A document as the key of a cache: by its hash, which is its whole content."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return hash(self.document.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.document.sha256 == other.document.sha256


@functools.lru_cache(maxsize=_REMEMBERED)
def _references(keyed: _Keyed) -> frozenset[tuple[str, str]]:
    return frozenset(_found({name: value for name, value in keyed.document.data.items() if name != "message"}))


def _found(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str) and isinstance(node.get("number"), str):
            yield node["type"], node["number"]
        for value in node.values():
            yield from _found(value)
    elif isinstance(node, list):
        for value in node:
            yield from _found(value)
