"""Where rules look: a context of documents, and the places in them that a rule is applied to one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.trade import TradeState


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is applied to: the document (no branches) or every element some branches lead to.

    A branch is the scope it starts from, the members to follow, and whether they end in a list.
    """

    key: str
    document: str = ""
    branches: tuple[tuple["Scope", tuple[str, ...], bool], ...] = ()


class Place:
    """One node a rule is applied to, and the place that encloses it."""

    __slots__ = ("context", "index", "names", "node", "outer")

    def __init__(
        self, context: "RuleContext", node: Any, outer: "Place | None" = None, names: tuple[str, ...] = (), index: int = -1
    ) -> None:
        self.context = context
        self.node = node
        self.outer = outer
        self.names = names
        self.index = index

    @property
    def pointer(self) -> str:
        """The JSON Pointer of the node; put together only for a finding."""
        inner = "".join(f"/{name}" for name in self.names) + (f"/{self.index}" if self.index >= 0 else "")
        return (self.outer.pointer if self.outer else "") + inner

    @property
    def name(self) -> str:
        """The member the node stands in."""
        return self.names[-1] if self.names else ""


@dataclass(slots=True)
class RuleContext:
    """What a rule may look at: the document, the clock, and where there is one the state of the trade and its documents.

    `documents` holds the documents a rule across documents names, by the name it uses; "" is the document itself.
    """

    document: Document
    now: datetime
    state: TradeState | None = None
    docs: DocumentSet | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    _places: dict[str, list[Place]] = field(default_factory=dict)
    _tops: dict[str, Place] = field(default_factory=dict)

    def named(self, name: str) -> Document:
        """The document a path's prefix names."""
        return self.documents[name] if name else self.document

    def top(self, name: str) -> Place:
        """The whole of the document a path's prefix names, as a place."""
        found = self._tops.get(name)
        if found is None:
            found = self._tops[name] = Place(self, self.named(name).data)
        return found

    def places(self, scope: Scope) -> list[Place]:
        """Every place of a scope, in document order; found once per context."""
        found = self._places.get(scope.key)
        if found is None:
            found = self._places[scope.key] = self._find(scope) if scope.branches else [self.top(scope.document)]
        return found

    def _find(self, scope: Scope) -> list[Place]:
        found: list[Place] = []
        for outer, names, listed in scope.branches:
            for place in self.places(outer):
                node = place.node
                for name in names:
                    node = node.get(name)
                    if node is None:
                        break
                else:
                    if listed:
                        found += [Place(self, element, place, names, n) for n, element in enumerate(node)]
                    else:
                        found.append(Place(self, node, place, names))
        return found
