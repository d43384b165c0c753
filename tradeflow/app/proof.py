"""Proof of rule rows: documents made of a valid sample and the snippets of a row, and what the row finds in them."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from tradeflow.codec import canonical
from tradeflow.errors import BadInput, ContentError
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.finding import Finding
from tradeflow.model.trade import TradeState
from tradeflow.rules.binding import Rule
from tradeflow.rules.cross import CrossRule, cross_rules
from tradeflow.rules.evaluate import rules_of
from tradeflow.rules.paths import WHOLE
from tradeflow.rules.places import RuleContext
from tradeflow.rules.rows import Row
from tradeflow.rules.snippets import overridden, sample

Snippet = Literal["pass", "fail"]


def check_snippets(wanted: Iterable["Proof"] | None = None) -> Iterator[ContentError]:
    """Every row whose snippets do not show what it finds: the passing one has to pass, the failing one to fail."""
    for proof in proofs() if wanted is None else wanted:
        try:
            if found := proof.findings("pass"):
                yield proof.row.defect(f"{proof.row.id}: its passing snippet fails: {found[0].message}")
            if not proof.findings("fail"):
                yield proof.row.defect(f"{proof.row.id}: its failing snippet passes")
        except BadInput as error:
            first = error.findings[0] if error.findings else None
            yield proof.row.defect(f"{proof.row.id}: its snippet breaks the schema: {first.pointer if first else error.detail}")
        except (LookupError, ValueError) as error:
            yield proof.row.defect(f"{proof.row.id}: its snippets cannot be made: {error}")


@dataclass(frozen=True)
class Proof:
    """A row and the message it proves itself on ("" for rows across documents)."""

    message: str
    rule: Rule | CrossRule

    @property
    def row(self) -> Row:
        return self.rule.row

    def __str__(self) -> str:
        return f"{self.message or 'cross'}-{self.row.id}"

    def findings(self, snippet: Snippet, rules: Mapping[str, Rule | CrossRule] | None = None) -> list[Finding]:
        """What some rules (by default this one) find in the snippet, as far as it carries this row's id."""
        loaded = list((rules if rules is not None else {self.row.id: self.rule}).values())
        found: list[Finding] = []
        if isinstance(self.rule, CrossRule):
            documents = DocumentSet(self.documents(snippet))
            found = [finding for rule in loaded if isinstance(rule, CrossRule) for finding in rule.findings(documents)]
        else:
            context = self.context(snippet)
            for rule in loaded:
                if isinstance(rule, Rule):
                    rule.check(context, found)
        return [finding for finding in found if finding.rule == self.row.id]

    def context(self, snippet: Snippet) -> RuleContext:
        """The snippet of a row of one message, a minute after its sample was made, in the trade the row describes."""
        base = tree(self.message, self.row.sample)
        made = datetime.fromisoformat(self.row.now or base["message"]["created_at"])
        state = msgspec.convert(self.row.state, TradeState) if self.row.state else None
        return RuleContext(self._document(self.message, base, snippet, ""), made + timedelta(minutes=1), state)

    def documents(self, snippet: Snippet) -> list[Document]:
        """The snippets of a row across documents: one document for each name, or those that a row over the whole trade names."""
        assert isinstance(self.rule, CrossRule)
        named = dict(part.split(":") for part in self.row.sample.split())
        types = {name: name for name in named} if WHOLE in self.rule.types else {name: of[0] for name, of in self.rule.types.items()}
        return [self._document(type_, tree(type_, named.get(name, "")), snippet, f"{name}:") for name, type_ in types.items()]

    def _document(self, message: str, base: dict[str, Any], snippet: Snippet, prefix: str) -> Document:
        overrides = self.row.passing if snippet == "pass" else self.row.failing
        own = {}
        for path, value in overrides.items():
            sign, bare = ("-", path[1:]) if path.startswith("-") else ("", path)
            if bare.startswith(prefix):
                own[sign + bare.removeprefix(prefix)] = value
        return canonical.document(message, overridden(base, own))


def tree(message: str, name: str) -> dict[str, Any]:
    """A valid sample of a message; a row without one cannot prove itself."""
    found = sample(catalogue(), message, name)
    if found is None:
        raise LookupError(f"{message} has no sample {name or 'at all'} to prove rules on")
    return found


@functools.cache
def proofs() -> tuple[Proof, ...]:
    """Every row once, shared rows on the message they name or the first that has them."""
    found: dict[tuple[str, int], Proof] = {}
    for message in catalogue().ids():
        for rule in rules_of(message):
            if rule.row.on in ("", message) and sample(catalogue(), message, rule.row.sample) is not None:
                found.setdefault((rule.row.file, rule.row.line), Proof(message, rule))
    return (*found.values(), *(Proof("", rule) for rule in cross_rules()))
