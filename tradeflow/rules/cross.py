"""Rules across the documents of one trade: documents/_common/cross*.toml."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.finding import Finding, identity
from tradeflow.rules.binding import Rule, UnknownPath, bind
from tradeflow.rules.evaluate import rules_of
from tradeflow.rules.meant import meant
from tradeflow.rules.paths import WHOLE
from tradeflow.rules.places import RuleContext
from tradeflow.rules.rows import Alias, Row, aliases, rows

R = TypeVar("R", "CrossRule", Rule)


@dataclass(frozen=True, slots=True)
class CrossRule:
    """A rule over one document of each of some types: the newest, or the one that belongs to the first.

    `types` gives the message types behind each document name, `where` narrows a name to documents with certain values. A rule over the
    whole trade has the one name `trade`: it is put to the newest document, and its word looks at all.
    `successive` are the names under which only the document lodged last counts: it takes the place of the others.
    """

    row: Row
    types: Mapping[str, tuple[str, ...]]
    where: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    successive: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return self.row.id

    def documents(self, docs: DocumentSet) -> dict[str, Document] | None:
        """The documents the rule is about, or None if one of them is not in the set."""
        if WHOLE in self.types and len(docs.documents) < 2:
            return None
        fitting = {name: self._fitting(name, docs) for name in self.types}
        if not all(fitting.values()):
            return None
        newest = next(d for d in reversed(docs.documents) if any(d is several[-1] for several in fitting.values()))
        found: dict[str, Document] = {}
        for name, several in fitting.items():
            together = [document for document in several if not docs.apart(newest, document)]
            if not together:
                return None
            found[name] = meant(together, next(iter(found.values()), None))
        return found

    def _fitting(self, name: str, docs: DocumentSet) -> list[Document]:
        where = self.where.get(name, {})
        return [d for d in docs.documents if d.type in self.types[name] and all(d.get(p) in values for p, values in where.items())]

    def findings(self, docs: DocumentSet) -> Iterator[Finding]:
        """Everything the rule finds wrong; nothing where a document is missing."""
        documents = self.documents(docs)
        if documents is not None:
            yield from self.compare(documents, docs)

    def compare(self, documents: Mapping[str, Document], docs: DocumentSet) -> Iterator[Finding]:
        """Everything the rule finds wrong between these documents, by the names it uses; `docs` is the set they are of."""
        rule = bound(self, tuple(document.type for document in documents.values()))
        subject = next(iter(documents.values()))
        now: datetime = subject.data["message"]["created_at"]
        about = f"{subject.type} {subject.number}"
        for finding in rule.findings(RuleContext(subject, now, None, docs, documents)):
            marked = replace(finding, document=about)
            yield replace(marked, id=identity(marked))


def check_set(rule_ids: Iterable[str], docs: DocumentSet) -> list[Finding]:
    """What the named rules, with all their parts, find over the documents of a trade.

    Rules across documents are skipped where a document is missing. A rule of one message (M-, I-) is checked on the newest
    document of every type that has it, as of the moment that message was created and without the state of the trade.
    """
    wanted = list(rule_ids)
    known = catalogue()
    found = [finding for id in wanted for rule in _cross_parts(known).get(id, ()) for finding in rule.findings(docs)]
    of_messages = [id for id in wanted if not id.startswith("X-")]
    newest = {document.type: document for document in docs.documents} if of_messages else {}
    for document in newest.values():
        own = [rule for id in of_messages for rule in _own_parts(known, document.type).get(id, ())]
        if own:
            context = RuleContext(document, document.data["message"]["created_at"])
            for rule in own:
                rule.check(context, found)
    return found


@functools.cache
def _cross_parts(known: Catalogue) -> Mapping[str, list[CrossRule]]:
    return _parts(_cross_rules(known))


@functools.cache
def _own_parts(known: Catalogue, message: str) -> Mapping[str, list[Rule]]:
    return _parts(rules_of(message))


def _parts(rules: Iterable[R]) -> dict[str, list[R]]:
    """Rules by their id, and all parts of a rule (M-LC-14, M-LC-14b ...) by its number."""
    found: dict[str, list[R]] = {}
    for rule in rules:
        for id in {rule.id, rule.id.rstrip("abcdefghijklmnopqrstuvwxyz")}:
            found.setdefault(id, []).append(rule)
    return found


def cross_rules() -> tuple[CrossRule, ...]:
    """All rules across documents; read when first asked for."""
    return _cross_rules(catalogue())


@functools.cache
def _cross_rules(known: Catalogue) -> tuple[CrossRule, ...]:
    return tuple(cross_rule(row, known) for file in cross_files(known.roots) for row in rows(file))


def cross_files(roots: Iterable[Path]) -> list[Path]:
    """The files that hold rules across documents."""
    return [file for root in roots for file in sorted((root / "documents" / "_common").glob("cross*.toml"))]


def cross_rule(row: Row, known: Catalogue) -> CrossRule:
    """The rule of a row; ContentError unless it names two or more known documents, or the whole trade."""
    if len(set(row.documents)) < 2 and row.documents != (WHOLE,):
        raise row.defect(f'a rule across documents names two or more documents, or the whole trade ("{WHOLE}")')
    names = {**_aliases(known), WHOLE: Alias(tuple(known.ids()))}
    meant = {name: names.get(name, Alias((name,))) for name in row.documents}
    unknown = [type_ for alias in meant.values() for type_ in alias.of if type_ not in known.ids()]
    if unknown:
        raise row.defect(f"unknown document {', '.join(unknown)}")
    types = {name: alias.of for name, alias in meant.items()}
    where = {name: alias.where for name, alias in meant.items() if alias.where}
    return CrossRule(row, types, where, frozenset(name for name, alias in meant.items() if alias.successive))


@functools.cache
def _aliases(known: Catalogue) -> dict[str, Alias]:
    return {name: alias for file in cross_files(known.roots) for name, alias in aliases(file).items()}


def bound(rule: CrossRule, types: tuple[str, ...], known: Catalogue | None = None) -> Rule:
    """The rule bound to one message type per document name; ContentError if its words or paths do not fit."""
    key = (rule.row.file, rule.row.line, types)
    made = _BOUND.get(key)
    if made is None:
        messages = {name: (known or catalogue()).message(type_) for name, type_ in zip(rule.types, types, strict=True)}
        try:
            made = _BOUND[key] = bind(rule.row, messages)
        except UnknownPath as error:
            raise rule.row.defect(str(error)) from error
    return made


_BOUND: dict[tuple[str, int, tuple[str, ...]], Rule] = {}
