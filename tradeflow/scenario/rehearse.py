"""The trade of a run played along in memory: what a document would do, before it is lodged.

The machine decides and the rules judge here as in the hub, so a document that a scenario leaves open can be chosen among several. Only the
choice is made here: what the hub says is what is compared.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tradeflow.codec import canonical
from tradeflow.draft import Card, draft
from tradeflow.errors import BadInput
from tradeflow.machine.admit import KEPT
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Command, Context, Lodge, Raise, Seed
from tradeflow.machine.commands import Open as OpenTrade
from tradeflow.machine.decide import admission, decide
from tradeflow.machine.dispatch import Miss, Offer, match
from tradeflow.machine.fold import fold
from tradeflow.machine.in_force import in_force
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Machine
from tradeflow.machine.turn import Turn, holds
from tradeflow.machine.words.fields import LETTERS
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import Participant, TradeState
from tradeflow.rules.cross import check_set
from tradeflow.rules.evaluate import check_message
from tradeflow.scenario.load import Made, Scenario, Step

Tree = dict[str, Any]
CLOCKS_MAX = 50


@dataclass(frozen=True, slots=True)
class Trial:
    """What a document would do: the code it is refused with, or "" and the states after it. `findings` say what is wrong with it."""

    code: str
    states: dict[str, str]
    detail: str = ""
    findings: tuple[Finding, ...] = ()
    lacking: int = 0  # what of the step's meaning it does not do: guards that have to hold, a bill that has to reach somebody

    def missed(self, step: Step) -> int:
        """How far this is from what the step says; 0 if it is that."""
        if step.error or self.code:
            return 0 if meant(step, self.code, [finding.rule for finding in self.findings]) else 1000 + len(self.findings)
        return self.lacking + sum(self.states.get(region) != state for region, _, state in (e.partition("=") for e in step.expect))


def meant(step: Step, code: str, rules: Iterable[str]) -> bool:
    """Whether a refusal is the one a step asks for.

    The short form knows four reasons; a guard, or a row that says why a state takes nothing, may give a code of its own. A guard that
    asks rules of the message is answered for by those rules.
    """
    if code == step.error or not code or not isinstance(step, Made):
        return code == step.error
    tables = machine()
    if step.error == "GUARD_FAILED":
        asked = {rule for name in step.denied for term in tables.guards[name].when for rule in term.args.get("rules", ())}
        return any(guard.error == code for guard in tables.guards.values()) or any(rule.rstrip(LETTERS) in asked for rule in rules)
    regions = [region for process in tables.processes.values() for region in process.regions.values()]
    return step.error == "OUT_OF_ORDER" and any(reason.error == code for region in regions for reason in region.refuse)


class Rehearsal:
    """The state of one trade, changed by what was accepted."""

    def __init__(self, machine: Machine, scenario: Scenario) -> None:
        self._machine, self._scenario = machine, scenario
        self.state, self._docs = TradeState(scenario.reference), DocumentSet()

    def open(self, trade_id: str, on_file: list[Tree], now: datetime) -> None:
        """The trade as it begins."""
        people = [Participant(member.party, role) for member in self._scenario.cast for role in member.roles]
        terms = dict[str, Any](self._scenario.terms)
        lodged = [self._lodge(tree["message"]["type"], tree) for tree in on_file]
        given = self._scenario.states
        command: Command = Seed(trade_id, terms, people, given, tuple(lodged))
        if not (given or on_file):
            command = OpenTrade(trade_id, terms, people, people[0].party_id)
        self.state = TradeState(trade_id)
        self._docs = DocumentSet()
        for one in lodged:
            self._docs = self._docs.with_(one.document)
        docs = self._docs
        self._decided(command, Context(now, cross=lambda rules: check_set(rules, docs)), now)

    def trial(self, step: Step, tree: Tree) -> Trial:
        """What the hub would make of this document now."""
        try:
            command = self._lodge(step.message, tree)
        except BadInput as error:
            return Trial(error.code, {}, error.detail, tuple(error.findings))
        self.run_clocks(step.date)
        lacking = len({finding.rule for finding in self._lacking(step, command)})
        trial, after = self._tried(command, step.date)
        heir = self._scenario.party(step.heir)[0] if isinstance(step, Made) and step.heir else ""
        lost = bool(heir and after and heir not in {title.holder for title in after.titles.values()})
        return replace(trial, lacking=lacking + lost)

    def _tried(self, command: Lodge, now: datetime) -> tuple[Trial, TradeState | None]:
        """What it would do, and the trade after it where it is taken."""
        if barred := admission(self._machine, self.state, command, Context(now)):
            return Trial(barred.code, {}, barred.detail, tuple(barred.findings)), None
        found = check_message(command.document, now, self.state).findings
        if errors := [finding for finding in found if finding.severity is Severity.ERROR]:
            return Trial("RULE_VIOLATION", {}, "", tuple(errors)), None
        answer = decide(self._machine, self.state, command, self._context(now, command.document, found))
        if isinstance(answer, Refusal):
            return Trial(answer.code, {}, answer.detail, tuple(answer.findings)), None
        after = fold(self.state, answer.changes, now)
        return Trial("", {key: region.state for key, region in after.regions.items()}), after

    def wants(self, step: Step, tree: Tree) -> tuple[Finding, ...]:
        """What keeps an accepted document from moving the regions that are expected to move: the findings of their guards."""
        command = self._lodge(step.message, tree)
        found = check_message(command.document, step.date, self.state).findings
        turn = Turn.begin(self._machine, self.state, self._context(step.date, command.document, found))
        turn.document, turn.envelope = command.document, command.envelope
        findings = self._lacking(step, command)
        for key in (entry.partition("=")[0] for entry in step.expect):
            region = self._machine.region(key)
            if region is not None and step.message in region.on:
                offer = Offer(region, key.partition(".")[0], key not in self.state.regions)
                missed = match(turn, offer, step.message, command.envelope.function, command.envelope.role)
                findings += missed.findings if isinstance(missed, Miss) else ()
        return tuple(findings)

    def _lacking(self, step: Step, command: Lodge) -> list[Finding]:
        """What the guards that a step says hold find wrong with its document."""
        if not isinstance(step, Made):
            return []
        turn = Turn.begin(self._machine, self.state, self._context(step.date, command.document))
        turn.document, turn.envelope = command.document, command.envelope
        named = [guard for name in step.granted if (guard := self._machine.guards.get(name))]
        regions = self._machine.on.get(step.message, ())
        verdicts = [holds(guard, turn.case(region, region.process)) for guard in named for region in regions[:1]]
        return [finding for verdict in verdicts if not verdict.holds for finding in verdict.findings]

    def drafted(self, step: Step, number: str) -> Tree:
        """What the hub would draft of the document from those on file, as JSON without the envelope."""
        party, role = self._scenario.party(step.by)
        register = {member.party: Card(member.party, member.name, member.country) for member in self._scenario.cast}
        known = in_force(self._docs, self.state).documents
        made = draft(
            catalogue().message(step.message), role, known, self.state.terms, self.state.participants, step.date,
            party=party, register=register, number=number,
        )  # fmt: skip
        found: Tree = json.loads(canonical.encode(made.tree))
        return found

    def lodged(self, step: Step, tree: Tree) -> None:
        """The hub took this document."""
        command = self._lodge(step.message, tree)
        self.run_clocks(step.date)
        found = check_message(command.document, step.date, self.state).findings
        self._decided(command, self._context(step.date, command.document, found), step.date)
        if step.function in KEPT:
            self._docs = self._docs.with_(command.document)

    def reported(self, step: Step) -> None:
        """The hub took this event."""
        self.run_clocks(step.date)
        party, role = self._scenario.party(step.by)
        self._decided(Raise(step.event, step.instance, party, role, step.note), self._context(step.date), step.date)

    def run_clocks(self, now: datetime) -> None:
        """What came due since the last step."""
        for _ in range(CLOCKS_MAX):
            due = min(((timer.due_at, key) for key, timer in self.state.timers.items() if timer.due_at <= now), default=None)
            if due is None:
                return
            timer = self.state.timers[due[1]]
            self._decided(Raise(timer.event, timer.region), self._context(now), now)

    def _context(self, now: datetime, document: Document | None = None, found: list[Finding] | None = None) -> Context:
        docs = self._docs.with_(document) if document else self._docs
        return Context(now, self._docs, found or (), lambda rules: check_set(rules, in_force(docs, self.state)))

    def _decided(self, command: Command, context: Context, now: datetime) -> None:
        answer = decide(self._machine, self.state, command, context)
        if isinstance(answer, Decision):
            self.state = fold(self.state, answer.changes, now)

    def _lodge(self, message: str, tree: Tree) -> Lodge:
        document = canonical.document(message, tree)
        return Lodge(document, Envelope.of(document))
