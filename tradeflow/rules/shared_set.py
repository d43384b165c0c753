"""The shared set of a trade against itself: which rules across documents concern a document, and what they find in it."""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from msgspec import structs

from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.finding import Finding, Severity, identity
from tradeflow.rules.cross import CrossRule, cross_rules
from tradeflow.rules.paths import WHOLE

KEPT = frozenset({Severity.CONFLICT, Severity.WARNING})  # an error refuses its message at the door; an info drives a guard
Documents = tuple[str, ...]


@dataclass(slots=True)
class Judgement:
    """What the rules found. `compared` are the sets of documents each rule looked at, `standing` all it would look at today."""

    evaluated: int = 0
    found: dict[str, tuple[Finding, Documents]] = field(default_factory=dict)
    compared: set[tuple[str, Documents]] = field(default_factory=set)
    standing: set[tuple[str, Documents]] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)


def concerning(types: Iterable[str], present: Collection[str]) -> tuple[CrossRule, ...]:
    """The rules that look at documents of these types, as far as the trade has all the documents they compare."""
    index = _index(catalogue())
    rules = {rule.id: rule for type_ in types for rule in index.get(type_, ())}
    return tuple(rule for rule in rules.values() if all(any(t in present for t in several) for several in rule.types.values()))


def types_of(rules: Iterable[CrossRule]) -> set[str]:
    """The message types these rules may look at."""
    return {type_ for rule in rules for types in rule.types.values() for type_ in types}


@functools.cache
def _index(known: Catalogue) -> Mapping[str, list[CrossRule]]:
    found: dict[str, list[CrossRule]] = {}
    for rule in cross_rules():
        if rule.row.severity in KEPT:
            for type_ in {t for types in rule.types.values() for t in types}:
                found.setdefault(type_, []).append(rule)
    return found


def judge(rules: Iterable[CrossRule], docs: DocumentSet, changed: Collection[str]) -> Judgement:
    """Compare the documents wherever one that changed ("type:number") is among them; `docs` is the set in force."""
    result, pairings = Judgement(), _Pairings(docs)
    for rule in rules:
        result.rules.add(rule.id)
        if WHOLE in rule.types:
            result.evaluated += 1
            for finding in _over_all(rule, docs):
                result.found[finding.id] = (finding, _about(finding))
            continue
        looked = False
        for documents in pairings.of(rule):
            keys = tuple(key_of(document) for document in documents.values())
            result.standing.add((rule.id, keys))
            if not any(key in changed for key in keys):
                continue
            looked = True
            result.compared.add((rule.id, keys))
            for finding in rule.compare(documents, docs):
                result.found[finding.id] = (finding, keys)
        result.evaluated += looked
    return result


def _over_all(rule: CrossRule, docs: DocumentSet) -> Iterator[Finding]:
    """What a rule over the whole trade finds, each told where it stands.

    It is put to a copy of the oldest document, which is none of the set: so the same finding is told the same way whatever came last.
    """
    if len(docs.documents) < 2:
        return
    subject = replace(docs.documents[0])
    for finding in rule.compare({WHOLE: subject}, docs):
        document, _, pointer = finding.other.partition("#")
        told = structs.replace(finding, document=document, pointer=pointer, other="") if document else finding
        yield structs.replace(told, id=identity(told))


def _about(finding: Finding) -> Documents:
    return (finding.document.replace(" ", ":", 1),)


def key_of(document: Document) -> str:
    """How the state of a trade names a document."""
    return f"{document.type}:{document.number}"


class _Pairings:
    """Which documents belong together. Where a trade has several of a kind, a document is compared with those that it names, and never

    with those of another shipment.
    """

    def __init__(self, docs: DocumentSet) -> None:
        self._docs = docs
        self._by_type: dict[str, list[Document]] = {}
        for document in docs.documents:
            self._by_type.setdefault(document.type, []).append(document)
        self._texts: dict[str, frozenset[str]] = {}

    def of(self, rule: CrossRule) -> Iterator[dict[str, Document]]:
        """The documents by the names the rule uses, once for each document of the name that has most."""
        candidates = {name: self._candidates(types, rule, name) for name, types in rule.types.items()}
        if not all(candidates.values()):
            return
        most = max(candidates, key=lambda name: len(candidates[name]))
        for anchor in candidates[most]:
            chosen = {name: anchor if name == most else self._belonging(anchor, several) for name, several in candidates.items()}
            together = {name: document for name, document in chosen.items() if document is not None}
            if len(together) == len(chosen) and all(one is not other for one, other in combinations(together.values(), 2)):
                yield together

    def _candidates(self, types: tuple[str, ...], rule: CrossRule, name: str) -> list[Document]:
        """The documents a name means; of types that take the place of one another those of the type that was lodged last."""
        found = [d for d in self._docs.documents if d.type in types] if len(types) > 1 else self._by_type.get(types[0], [])
        where = rule.where.get(name)
        if where:
            found = [d for d in found if all(d.get(path) in values for path, values in where.items())]
        return [d for d in found if d.type == found[-1].type] if name in rule.successive else found

    def _belonging(self, anchor: Document, several: list[Document]) -> Document | None:
        """The newest that names the anchor or is named by it, else the newest of the same shipment; None if all are of others."""
        together = [document for document in several if not self._docs.apart(anchor, document)]
        if len(together) < 2:
            return together[0] if together else None
        said = self._said(anchor)
        linked = [d for d in together if d.number in said or anchor.number in self._said(d)]
        return (linked or together)[-1]

    def _said(self, document: Document) -> frozenset[str]:
        key = key_of(document)
        if key not in self._texts:
            self._texts[key] = frozenset(_texts(document.data))
        return self._texts[key]


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
