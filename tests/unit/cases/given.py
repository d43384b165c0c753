"""given(states, documents, ...).when(message or event).then(...): one decision, checked at command level."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.unit.cases.documents import NOW, PARTY
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.changes import AnyChange, Moved
from tradeflow.machine.commands import Context, Lodge, Open, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import DocumentEntry, Participant, Payable, RegionState, TimerState, TitleState, TradeState

ROLES = tuple(catalogue().roles)


@dataclass(frozen=True)
class Given:
    """A trade in which every role is played by "<role>-co", seeded with what the test is about."""

    states: dict[str, str] = field(default_factory=dict)
    docs: tuple[Document, ...] = ()
    terms: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    titles: tuple[TitleState, ...] = ()
    payables: dict[str, str] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    timers: dict[str, TimerState] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    last: dict[str, tuple[str, str]] = field(default_factory=dict)  # region -> (message id, role) that last fired there
    presented: tuple[str, ...] = ()
    roles: tuple[str, ...] = ROLES
    tables: Machine = field(default_factory=machine)

    def state(self) -> TradeState:
        cast = [Participant(PARTY.format(role=role), role) for role in self.roles]
        opener = next(role for role in self.roles if role in ("exporter", "importer"))
        opened = decide(self.tables, TradeState(""), Open("TEST-TRADE-1", self.terms, cast, PARTY.format(role=opener)), Context(NOW))
        assert isinstance(opened, Decision)
        state = fold(TradeState(""), opened.changes, NOW)
        for key, value in self.states.items():
            instance = key.partition(".")[0]
            if key not in state.regions:
                for region in self.tables.processes[instance.partition("#")[0]].regions.values():
                    state.regions.setdefault(f"{instance}.{region.id}", RegionState(region.initial))
            message, role = self.last.get(key, ("", ""))
            state.regions[key] = RegionState(value, started=True, last_message=message, last_sender=role)
        for document in self.docs:
            sender = document.data["message"]["sender"]["role"]
            key = f"{document.type}:{document.number}"
            entry = DocumentEntry(document.type, document.number, document.version, document.sha256, document.payload_sha256,
                                  document.data["message"]["id"], sender, presented=key in self.presented)  # fmt: skip
            state.documents[key] = entry
        state.attributes.update(self.attributes)
        state.titles.update({title.document: title for title in self.titles})
        state.payables.update({i: Payable(kind, i, NOW) for i, kind in self.payables.items()})
        state.keys.update(self.keys)
        state.timers.update(self.timers)
        state.containers.update(self.containers)
        return state

    def when(
        self, what: Document | Raise, *, at: datetime = NOW, findings: Iterable[Finding] = (), cross: Iterable[Finding] = ()
    ) -> "Outcome":
        crossing = list(cross)
        docs = DocumentSet(list(self.docs))
        context = Context(at, docs, list(findings), lambda rules: [f for f in crossing if f.rule in rules])
        command = Lodge(what, Envelope.of(what)) if isinstance(what, Document) else what
        state = self.state()
        answer = decide(self.tables, state, command, context)
        assert decide(self.tables, state, command, context) == answer, "the same question has the same answer"
        return Outcome(state, answer, at)


@dataclass(frozen=True)
class Outcome:
    before: TradeState
    answer: Decision | Refusal
    at: datetime

    @property
    def changes(self) -> list[AnyChange]:
        assert isinstance(self.answer, Decision), self.answer
        return self.answer.changes

    @property
    def after(self) -> TradeState:
        return fold(self.before, self.changes, self.at)

    def of(self, kind: type) -> list[Any]:
        """The changes of one kind."""
        return [change for change in self.changes if isinstance(change, kind)]

    def fires(self, *transitions: str) -> "Outcome":
        """These transitions fired, in order."""
        assert isinstance(self.answer, Decision), f"{self.answer.code}: {self.answer.detail}"
        assert self.answer.fired == list(transitions), self.answer.fired
        return self

    def ends_in(self, **states: str) -> "Outcome":
        """region="state", with __ for the dot and ___ for #."""
        for key, value in states.items():
            region = key.replace("___", "#").replace("__", ".")
            assert self.after.state_of(region) == value, f"{region} is {self.after.state_of(region)}"
        return self

    def moves(self) -> list[str]:
        return [f"{c.region}={c.target}" for c in self.changes if isinstance(c, Moved)]

    def refused(self, code: str, *says: str) -> Refusal:
        """Refused with this code; the detail holds these texts."""
        assert isinstance(self.answer, Refusal), f"accepted: {self.answer.fired}"
        assert self.answer.code == code, f"{self.answer.code}: {self.answer.detail}"
        assert self.answer.status == machine().errors[code].http
        for text in says:
            assert text in self.answer.detail, self.answer.detail
        return self.answer


def given(states: dict[str, str] | None = None, *docs: Document, **more: Any) -> Given:
    return replace(Given(), states=states or {}, docs=docs, **more)


def broken(rule: str) -> Finding:
    """An error of one rule."""
    return Finding(rule, Severity.ERROR, "/x", f"{rule} is broken")


def event(name: str, region: str = "", role: str = "platform", note: str = "", **more: Any) -> Raise:
    """An event that somebody reports."""
    return Raise(name, region, "operator" if role == "platform" else PARTY.format(role=role), role, note, **more)


def bill(**changes: Any) -> TitleState:
    """Control of bill B1: three originals in the exporter's hands, to order."""
    base = TitleState("bill_of_lading:B1", holder="exporter-co", order_party="exporter-co", originals=3, last_link="link-0",
                      instance="transport", issuer="sea_carrier-co", form="TO_ORDER")  # fmt: skip
    for name, value in changes.items():
        setattr(base, name, value)
    return base
