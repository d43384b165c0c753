"""Checking documents: every rule of a message, and rules across the documents of a trade. All findings at once."""

import contextlib
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.model.trade import TradeState
from tradeflow.rules.binding import Rule, UnknownPath, bind
from tradeflow.rules.places import RuleContext
from tradeflow.rules.rows import Row, rows, shared_files


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a message found, and how many rules were evaluated (never none)."""

    findings: list[Finding]
    evaluated: int


def check_message(document: Document, now: datetime, state: TradeState | None = None) -> Report:
    """Every finding of every rule of the message, in the order of its rules; LookupError if the message has no rules."""
    rules = rules_of(document.type)
    if not rules:
        raise LookupError(f"no rule applies to {document.type}: its content is incomplete")
    context = RuleContext(document, now, state)
    found: list[Finding] = []
    for rule in rules:
        rule.check(context, found)
    return Report(found, len(rules))


def check_unfinished(document: Document, now: datetime, missing: Iterable[str], state: TradeState | None = None) -> Report:
    """The same for a document that is being written; `missing` are the JSON Pointers of what its schema still needs.

    A rule may rely on what the schema requires. Where that is not there yet the rule has nothing to say, nor what it says of such a place.
    """
    context, rules = RuleContext(document, now, state), rules_of(document.type)
    found: list[Finding] = []
    for rule in rules:
        said: list[Finding] = []
        with contextlib.suppress(LookupError, TypeError, AttributeError):
            rule.check(context, said)
            found += said
    gaps = frozenset(missing)
    return Report([f for f in found if not any(f.pointer == gap or f.pointer.startswith(f"{gap}/") for gap in gaps)], len(rules))


def rules_of(message: str) -> tuple[Rule, ...]:
    """The rules of one message type, shared ones first; read when first asked for. ContentError if a row does not fit."""
    return _rules_of(catalogue(), message)


@functools.cache
def _rules_of(known: Catalogue, id: str) -> tuple[Rule, ...]:
    message = known.message(id)
    made = [rule for file in shared_files(known.roots) for row in rows(file) if (rule := attach(row, message)) is not None]
    return (*made, *(bind_own(row, message) for row in rows_of(message)))


def rows_of(message: MessageType) -> tuple[Row, ...]:
    """The rows of the message's own rules.toml; none if it has no such file."""
    file = message.folder / "rules.toml"
    return rows(file) if file.exists() else ()


def attach(row: Row, message: MessageType) -> Rule | None:
    """A shared row bound to a message, or None if it is not meant for it. A row for all messages concerns those that have its paths."""
    if not row.concerns(message):
        return None
    try:
        return bind(row, {"": message})
    except UnknownPath as error:
        if row.applies_to == "all":
            return None
        raise row.defect(str(error)) from error


def bind_own(row: Row, message: MessageType) -> Rule:
    """A row of a message's own rules.toml, bound; ContentError if it does not fit."""
    try:
        return bind(row, {"": message})
    except UnknownPath as error:
        raise row.defect(str(error)) from error
