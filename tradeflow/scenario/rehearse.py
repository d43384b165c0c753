"""The trade of a run played along in memory: what a document would do, before it is lodged.

The machine decides and the rules judge here as in the hub, so a document that a scenario leaves open can be chosen among several. Only the
choice is made here: what the hub says is what is compared.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tradeflow.app.placing import placed
from tradeflow.codec import canonical
from tradeflow.draft import Card, draft
from tradeflow.errors import BadInput
from tradeflow.machine.admit import KEPT
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.case import Case
from tradeflow.machine.commands import Command, Context, Lodge, Raise, Seed
from tradeflow.machine.commands import Open as OpenTrade
from tradeflow.machine.decide import admission, decide
from tradeflow.machine.dispatch import Miss, Offer, match
from tradeflow.machine.fold import fold
from tradeflow.machine.in_force import in_force
from tradeflow.machine.kin import kin
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Guard, Machine, Region
from tradeflow.machine.turn import Turn, holds
from tradeflow.machine.words import Verdict
from tradeflow.machine.words.fields import LETTERS
from tradeflow.machine.words.transport import destination
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
SURRENDERING = "PENDING"  # a bill on its way back to the carrier is nobody's to pass on
IGNORED = "IGNORED"  # what the short form says of an event that no transition expects


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
            done = meant(step, self.code, [finding.rule for finding in self.findings])
            return 0 if done else 1000 + 20 * self.lacking + len(self.findings)
        return self.lacking + sum(self.states.get(region) != state for region, _, state in (e.partition("=") for e in step.expect))


def meant(step: Step, code: str, rules: Iterable[str]) -> bool:
    """Whether a refusal is the one a step asks for.

    The short form knows four reasons; a guard, or a row that says why a state takes nothing, may give a code of its own. A guard that
    asks rules of the message is answered for by those rules. To a table that asks every region, a message is out of order where one of
    them could have taken it in another state; the hub says more: that its sender never sends it, or what the one region says that decides.
    """
    if code == step.error or not code or not isinstance(step, Made):
        return code == step.error
    if step.event:
        return step.error == IGNORED
    tables = machine()
    if step.error == "GUARD_FAILED":
        asked = {rule for name in step.denied for term in tables.guards[name].when for rule in term.args.get("rules", ())}
        return any(guard.error == code for guard in tables.guards.values()) or any(rule.rstrip(LETTERS) in asked for rule in rules)
    regions = [region for process in tables.processes.values() for region in process.regions.values()]
    if step.error != "OUT_OF_ORDER":
        return False
    never = code == "WRONG_SENDER" and step.by.partition(":")[0] not in catalogue().message(step.message).from_roles
    decided = code == "TERMINAL_STATE" and any(step.message in region.decides for region in regions)
    return never or decided or any(reason.error == code for region in regions for reason in region.refuse)


def _failing(guard: Guard, case: Case) -> list[Verdict]:
    """Each word of the guard that does not hold."""
    verdicts = [term.holds(case) for term in guard.when] if not guard.any else [holds(guard, case)]
    return [verdict for verdict in verdicts if not verdict.holds]


def _guards_of(region: Region, message: str) -> Iterable[Guard]:
    return (guard for transition in region.on[message] for guard in transition.guards)


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
        lacking = len(self._lacking(step, command))
        trial, after = self._tried(command, step.date)
        lost = self._lost(step, after) if isinstance(step, Made) and after else 0
        return replace(trial, lacking=lacking + lost)

    def _lost(self, step: Made, after: TradeState) -> int:
        """Whether a bill is not with whom it has to be next, and whether it is to the order of somebody else."""
        titles = list(after.titles.values())
        if not titles or any(title.status.startswith(SURRENDERING) for title in titles):
            return 0
        held = not step.heir or any(title.holder == self._scenario.party(step.heir)[0] for title in titles)
        to_order = not step.endorsee or any(title.order_party in ("", self._scenario.party(step.endorsee)[0]) for title in titles)
        return (not held) + (not to_order)

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
        findings = [finding for verdict in self._lacking(step, command) for finding in verdict.findings]
        for key in (entry.partition("=")[0] for entry in step.expect):
            region = self._machine.region(key)
            if region is not None and step.message in region.on:
                offer = Offer(region, key.partition(".")[0], key not in self.state.regions)
                missed = match(turn, offer, step.message, command.envelope.function, command.envelope.role)
                findings += missed.findings if isinstance(missed, Miss) else ()
            if region is not None and key in self.state.regions:
                findings += self._leading(turn, key, step)
        return tuple(findings)

    def _leading(self, turn: Turn, key: str, step: Step) -> list[Finding]:
        """What keeps the document, or a signal that it sends, from moving a region to the state that is expected."""
        wanted = next(state for region, _, state in (entry.partition("=") for entry in step.expect) if region == key)
        region, now = self._machine.region(key), self.state.regions[key].state
        assert region is not None, key
        rows = [
            t for t in region.open[now] if t.to == wanted and (t.event or (step.message in t.messages and step.function in t.functions))
        ]
        case = turn.case(region, key.partition(".")[0])
        return [finding for row in rows for guard in row.guards for verdict in _failing(guard, case) for finding in verdict.findings]

    def destination(self, step: Step) -> Tree:
        """The port or airport of discharge, as far as the documents tell."""
        turn = Turn.begin(self._machine, self.state, self._context(step.date))
        region = next(iter(self._machine.on.get(step.message, ())), None)
        final = destination(turn.case(region, step.instance.partition(".")[0] or region.process)) if region else None
        return dict(final or {})

    def looked_at(self, step: Made) -> set[str]:
        """The types of the documents that the guards look at which a step says do not hold."""
        denied = [guard for name in step.denied if (guard := self._machine.guards.get(name))]
        return {kind for guard in denied for term in (*guard.when, *guard.any) for kind in term.documents()}

    def denied(self, step: Made, tree: Tree, earlier: Tree) -> bool:
        """Whether a guard that a step says does not hold would not, had this been what the trade has of an earlier document."""
        try:
            command, other = self._lodge(step.message, tree), self._lodge(earlier["message"]["type"], earlier).document
        except BadInput:
            return False
        if any(finding.severity is Severity.ERROR for finding in check_message(other, step.date).findings):
            return False
        docs = DocumentSet([other if (one.type, one.number) == (other.type, other.number) else one for one in self._docs.documents])
        turn = Turn.begin(self._machine, self.state, Context(step.date, docs, (), lambda rules: check_set(rules, docs)))
        turn.document, turn.envelope = command.document, command.envelope
        guards = {guard.name: region for region in self._machine.on.get(step.message, ()) for guard in _guards_of(region, step.message)}
        asked = [(self._machine.guards[name], guards[name]) for name in step.denied if name in guards]
        return any(not holds(guard, turn.case(region, step.instance or region.process)).holds for guard, region in asked)

    def _lacking(self, step: Step, command: Lodge) -> list[Verdict]:
        """What of the guards that a step says hold does not hold of its document."""
        if not isinstance(step, Made):
            return []
        turn = Turn.begin(self._machine, self.state, self._context(step.date, command.document))
        turn.document, turn.envelope = command.document, command.envelope
        named = [guard for name in step.granted if (guard := self._machine.guards.get(name))]
        regions = self._machine.on.get(step.message, ())
        cases = [turn.case(region, step.instance.partition(".")[0] or region.process) for region in regions[:1]]
        return [verdict for guard in named for case in cases for verdict in _failing(guard, case)]

    def drafted(self, step: Step, number: str) -> Tree:
        """What the hub would draft of the document from those on file, as JSON without the envelope."""
        party, role = self._scenario.party(step.by)
        register = {member.party: Card(member.party, member.name, member.country) for member in self._scenario.cast}
        place = placed(self._machine, self.state, catalogue().message(step.message), role, step.instance)
        known = kin(self.state, in_force(self._docs, self.state).documents, place.standpoints)
        made = draft(
            catalogue().message(step.message), role, known.documents, self.state.terms, self.state.participants, step.date,
            party=party, register=register, number=number, everything=known.everything, above=known.above,
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
