"""What makes a guard hold, and what makes it fail alone: documents, terms, titles and clocks, never a stub.

Most of it is read from elsewhere: the row of the guard, the cases that prove guards one by one, the snippets that prove rules.
"""

import contextlib
import copy
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from tests.rule_proof import Proof
from tests.unit.cases import guards_carriage, guards_commercial
from tests.unit.cases.documents import NOW, put
from tests.unit.cases.facts import LINES
from tradeflow.codec.intake import read
from tradeflow.errors import BadInput
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Guard
from tradeflow.machine.words import Term
from tradeflow.machine.words.fields import LETTERS
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import rules_of

CASES = [*guards_commercial.CASES, *guards_carriage.CASES]
STATED = {"lines": LINES, "loaded_at": NOW}


@dataclass(frozen=True)
class Facts:
    """Part of a case: what the message says, who sends it, and what the trade holds already."""

    fields: dict[str, Any] = field(default_factory=dict)  # of the message, as a tree; None takes a field away
    base: Document | None = None  # what the fields are laid over
    otherwise: dict[str, Any] = field(default_factory=dict)  # fields where the base says nothing
    by: str = ""
    to: str = ""
    number: str = ""
    version: int = 0
    note: str = ""
    found: tuple[Finding, ...] = ()
    at: datetime | None = None
    instance: str = ""
    docs: tuple[Document, ...] = ()
    states: dict[str, str] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    titles: tuple[Any, ...] = ()
    payables: dict[str, str] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    timers: dict[str, Any] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    last: dict[str, tuple[str, str]] = field(default_factory=dict)
    presented: tuple[str, ...] = ()

    def __or__(self, other: "Facts") -> "Facts":
        """Both; where they contradict each other, the other."""
        both = {}
        for each in fields(Facts):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if each.name in ("fields", "otherwise"):
                both[each.name] = laid_over(mine, theirs)
            elif isinstance(mine, dict):
                both[each.name] = {**mine, **theirs}
            elif each.name in ("docs", "titles", "presented"):
                both[each.name] = (*mine, *(x for x in theirs if x not in mine))
            else:
                both[each.name] = theirs or mine
        return Facts(**both)


def laid_over(tree: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """A copy of a tree with these fields, group by group."""
    made = dict(tree)
    for name, value in fields.items():
        below = made.get(name)
        made[name] = laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return made


@functools.cache
def samples(kind: str) -> tuple[Document, ...]:
    """The valid samples of a message, S01's first."""
    folder = catalogue().message(kind).folder / "samples" / "valid"
    files = sorted(folder.glob("*.json"), key=lambda file: (not file.stem.startswith("s01"), file.stem))
    return tuple(read(file.read_bytes(), "application/json") for file in files)


def of_sample(kind: str) -> Document | None:
    """The first valid sample of a message."""
    return next(iter(samples(kind)), None)


def candidates(guard: Guard, kind: str, *, holds: bool) -> list[Facts]:
    """Facts under which the guard may hold (or fail) for a message of this kind, the likeliest first."""
    told = [_of_case(message, asked) for name, held, message, asked in CASES if name == guard.name and held is holds]
    if holds:
        whole = functools.reduce(Facts.__or__, (_satisfying(term, kind) for term in guard.when), Facts())
        either = [_satisfying(term, kind) for term in guard.any]
        bare = [replace(whole, docs=())] if whole.docs else []  # where nothing is there to disagree with
        return [*(case | _rules(guard, kind) for case in told), *(whole | one for one in either or [Facts()]), *bare, *told]
    return [*told, *(facts for term in guard.when for facts in _breaking(term, kind))]


def _rules(guard: Guard, kind: str) -> Facts:
    return functools.reduce(
        Facts.__or__, (_satisfying(t, kind) for t in guard.when if t.word.name in ("field_in", "field_starts", "documents_agree")), Facts()
    )


def _of_case(message: Document | None, asked: dict[str, Any]) -> Facts:
    """A case that proves one guard, as facts."""
    trade, raised = asked.get("trade"), asked.get("raised")
    more: dict[str, Any] = {"at": asked.get("at"), "instance": asked.get("instance", "")}
    if trade is not None:
        names = ("states", "docs", "terms", "attributes", "titles", "payables", "keys", "timers", "containers", "last", "presented")
        more |= {name: getattr(trade, name) for name in names}
    if raised is not None:
        more |= {"note": raised.note, "found": raised.findings, "by": "" if raised.role == "platform" else raised.role}
    if message is not None:
        role = message.data["message"]["sender"]["role"]
        more |= {"fields": {k: v for k, v in message.data.items() if k not in ("message", "document")}, "by": role}
        more |= {"number": "" if message.number == f"{message.type}-1" else message.number}
        more |= {"version": message.version if message.version > 1 else 0}
    return Facts(**more)


def _field(path: str, value: Any, **more: Any) -> Facts:
    tree: dict[str, Any] = {}
    put(tree, path, value)
    return Facts(fields=tree, **more)


def _satisfying(term: Term, kind: str) -> Facts:
    """What the row of a plain word says it needs."""
    args = term.args
    match term.word.name:
        case "field_in":
            return _field(args["path"], {"true": True, "false": False}.get(args["values"][0], args["values"][0]))
        case "field_starts":
            return _field(args["path"], args["prefix"] + "SIGHT")
        case "field_present":
            return Facts(otherwise=_field(args["path"], STATED.get(args["path"], "x")).fields)
        case "field_absent":
            return _field(args["path"], None)
        case "recipient_role":
            return Facts(to=next((r for r in args["roles"] if r in catalogue().message(kind).to_roles), "")) if kind else Facts()
        case "sender_role" | "asserted_by":
            return Facts(by=args["roles"][0])
        case "region_in":
            return Facts(states={args["region"]: args["states"][0]})
        case "documents_agree":
            return Facts(docs=tuple(made for other in args["documents"] if other != kind and (made := of_sample(other))))
    return Facts()


def _breaking(term: Term, kind: str) -> Iterator[Facts]:
    """What makes a plain word fail."""
    args = term.args
    match term.word.name:
        case "field_in" | "field_starts" | "field_present":
            yield _field(args["path"], None)
        case "field_absent":
            yield _field(args["path"], STATED.get(args["path"], "x"))
        case "recipient_role" if kind:
            yield from (Facts(to=role) for role in catalogue().message(kind).to_roles if role not in args["roles"])
        case "sender_role" | "asserted_by" if kind:
            yield from (Facts(by=role) for role in catalogue().message(kind).from_roles if role not in args["roles"])
        case "region_in":
            region = machine().region(args["region"])
            yield from (Facts(states={args["region"]: state}) for state in region.states if region and state not in args["states"])
        case "no_region_in":
            yield Facts(states={args["region"]: args["states"][0]})
        case "rules_hold" | "documents_agree":
            yield from _failing(tuple(args["rules"]), kind)


@functools.cache
def _failing(rules: tuple[str, ...], kind: str) -> tuple[Facts, ...]:
    """The failing snippets of these rules, on a message of this kind."""
    made = []
    for rule in cross_rules():
        if rule.id.rstrip(LETTERS) in rules:
            documents = Proof("", rule).documents("fail")
            own = next((d for d in documents if d.type == kind), None)
            if own is not None:
                made.append(Facts(base=own, docs=tuple(d for d in documents if d is not own)))
    for own_rule in rules_of(kind) if kind else ():
        if own_rule.id.rstrip(LETTERS) in rules and of_sample(kind) is not None:
            with contextlib.suppress(ValueError, LookupError, BadInput):  # a shared row whose snippet was written for another message
                context = Proof(kind, own_rule).context("fail")
                terms = context.state.terms if context.state else {}
                made.append(Facts(base=context.document, at=context.now, terms=terms))
    return tuple(made)


def fresh(document: Document | None) -> dict[str, Any]:
    """The content of a document, to be written on."""
    return copy.deepcopy({k: v for k, v in document.data.items() if k != "message"}) if document else {}
