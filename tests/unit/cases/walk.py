"""A random walk: one trade, told guards, decide() and the plain reading side by side; they agree after every step.

Every step draws one number and makes all its choices from it, so that a failing walk shrinks to few steps and can be played again.
"""

import copy
import functools
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.unit.cases.documents import NOW, PARTY, document
from tests.unit.cases.given import ROLES
from tests.unit.cases.reference import DAYS, Reference, Said, messages
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.changes import AnyChange, Moved, dump, load
from tradeflow.machine.commands import Command, Context, Lodge, Open, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import from_content, machine
from tradeflow.machine.settle import HELD_BACK
from tradeflow.machine.tables import Machine
from tradeflow.machine.words import Term, Verdict, Word
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, TradeState

NUMBERS = st.integers(min_value=0, max_value=2**48)
FUNCTIONS = ("9", "9", "5", "4", "1", "6", "7", "31")
SUFFIXES = ("2", "fwd", "premium", "goods")
PASSING = "no_presentation_pending"  # a guard that nothing but the state of the trade decides
TOLD: Counter[str] = Counter()  # what the steps of all walks came to
FIRED: set[str] = set()  # the transitions that fired in them


@functools.cache
def told() -> Machine:
    """The installed tables with guards that are true or false as the terms of the trade say, and clocks that run DAYS days.

    What a clock fires may be held back everywhere: the installed tables have one such row, which a walk hardly meets.
    """
    content = copy.deepcopy(machine().content)
    regions = [region for process in content["processes"] for region in process["regions"]]
    rung = {timer["fires"].split()[0] for region in regions for timer in region.get("timers", ())}
    for region in regions:
        for timer in region.get("timers", ()):
            timer["due"] = {"days": DAYS}
        for row in region["transitions"]:
            if row.get("event") in rung:
                row["guards"] = row["guards"] or [PASSING]
    tables = from_content(content)
    for name, guard in tables.guards.items():
        word = Word("told", _told, frozenset(), (), name == PASSING, "", {}, frozenset())
        object.__setattr__(guard, "when", (Term(word, {"guard": name}),))
        object.__setattr__(guard, "any", ())
    return tables


def _told(case: Any, guard: str) -> Verdict:
    return Verdict(guard in case.state.terms["truth"], guard)


@functools.cache
def taking() -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """The rows that messages fire, by region, each with its messages that somebody may send."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for process in told().content["processes"]:
        for region in process["regions"]:
            rows = [(kind, row) for row in region["transitions"] for kind in messages(row)]
            found[f"{process['id']}.{region['id']}"] = rows
    return found


class Walk(RuleBasedStateMachine):
    """One trade, walked through at random."""

    def __init__(self) -> None:
        super().__init__()
        senders = {kind: tuple(catalogue().message(kind).from_roles) for kind in catalogue().ids()}
        self.plain = Reference(told().content, senders, frozenset({PASSING}))
        self.now, self.steps, self.salt = NOW, 0, 0
        cast = [Participant(PARTY.format(role=role), role) for role in ROLES]
        opened = decide(told(), TradeState(""), Open("TEST-TRADE-1", {}, cast, PARTY.format(role="exporter")), Context(NOW))
        assert isinstance(opened, Decision)
        self.state = fold(TradeState(""), opened.changes, NOW)
        self.history: list[tuple[list[AnyChange], datetime]] = [(opened.changes, NOW)]
        self.variants: dict[tuple[str, str], int] = {}

    @initialize(number=NUMBERS)
    def salted(self, number: int) -> None:
        """Makes equal numbers of two walks mean different things; two of three trades begin in the middle."""
        self.salt = number
        chance = random.Random(number)
        share = chance.choice((0, 0.3, 1))
        moves: list[AnyChange] = []
        for key, state in sorted(self.plain.state.items()):
            target = chance.choice([row["id"] for row in self.plain.table(key)["states"]])
            if target != state and chance.random() < share:
                moves.append(Moved(key, "begun before", state, target, "begun before"))
                self.plain.state[key], self.plain.previous[key] = target, state
        self.history.append((moves, self.now))
        self.state = fold(self.state, moves, self.now)

    @rule(number=NUMBERS)
    def something_happens(self, number: int) -> None:
        """A message is lodged, an event is reported, or time passes."""
        chance, truth = self._step(number)
        (what,) = chance.choices((self.a_message_is_lodged, self.an_event_is_reported, self.time_passes), (70, 22, 8))
        what(chance, truth)

    def a_message_is_lodged(self, chance: random.Random, truth: set[str]) -> None:
        said, variant = self._said(chance)
        made = self._made(said, variant)
        said = replace(said, payload=made.payload_sha256)
        wanted = self.plain.message(said, truth, self.now)
        answer = self._do(Lodge(made, Envelope.of(made)))
        if wanted:
            assert isinstance(answer, Refusal), (said, wanted, answer)
            assert answer.code == wanted, (said, wanted, answer.detail)
        else:
            assert isinstance(answer, Decision), (said, answer)
            self.variants[said.kind, said.number] = variant
        self._agree(answer, wanted or "accepted")

    def an_event_is_reported(self, chance: random.Random, truth: set[str]) -> None:
        key = chance.choice(sorted(self.plain.state))
        if chance.random() < 0.05:
            key = f"{key.partition('.')[0].partition('#')[0]}#{chance.choice(SUFFIXES)}.{key.partition('.')[2]}"
        rows = [row for row in self.plain.table(key)["transitions"] if "event" in row]
        likely = [row for row in rows if self.plain.now_in(key) in row["from"]] or rows
        name = chance.choice(likely)["event"] if likely and chance.random() < 0.9 else chance.choice(sorted(told().events))
        fired = self.plain.event(name, key, truth, self.now)
        answer = self._do(Raise(name, key, "operator", "platform"))
        assert isinstance(answer, Decision) is fired, (name, key, answer)
        self._agree(answer, "event fired" if fired else "event refused")

    def time_passes(self, chance: random.Random, truth: set[str]) -> None:
        """A clock reports that it ran out: when it did, or a moment too early."""
        if not self.plain.timers:
            self.now += timedelta(hours=chance.randrange(48))
            return
        timer = min(self.plain.timers, key=lambda name: (self.plain.timers[name][2], name))
        key, event, due = self.plain.timers[timer]
        early = chance.random() < 0.1
        self.now = max(self.now, due - timedelta(seconds=early))
        self.plain.clock(timer, truth, self.now)
        answer = self._do(Raise(event, key))
        self._agree(answer, "clock too early" if early else "clock held back" if timer in self.plain.held else "clock")

    def teardown(self) -> None:
        """What was folded step by step is the fold of the whole history."""
        again = TradeState("")
        for changes, at in self.history:
            again = fold(again, changes, at)
        again.terms = self.state.terms
        assert again == self.state

    def _step(self, number: int) -> tuple[random.Random, set[str]]:
        """The choices of one step, and what is true in it."""
        self.steps += 1
        chance = random.Random(f"{self.salt} {self.steps} {number}")
        share = chance.choice((0.5, 0.8, 0.95))
        truth = {guard for guard in told().guards if chance.random() < share}
        self.state.terms["truth"] = truth
        return chance, truth

    def _do(self, command: Command) -> Decision | Refusal:
        answer = decide(told(), self.state, command, Context(self.now))
        if isinstance(answer, Decision):
            self.history.append((load(dump(answer.changes)), self.now))
            self.state = fold(self.state, self.history[-1][0], self.now)
        return answer

    def _agree(self, answer: Decision | Refusal, what: str) -> None:
        """Both say the same of everything there is."""
        TOLD[what] += 1
        FIRED.update(self.plain.fired)
        state, plain = self.state, self.plain
        assert (answer.fired if isinstance(answer, Decision) else []) == plain.fired
        assert {key: region.state for key, region in state.regions.items()} == plain.state
        assert {key: region.last_message for key, region in state.regions.items() if region.last_message} == plain.last
        assert {key: (timer.region, timer.event, timer.due_at) for key, timer in state.timers.items()} == plain.timers
        assert {key: payable.open for key, payable in state.payables.items()} == plain.payables
        assert {key: set(keys) for key, keys in state.keys.items()} == plain.keys
        assert {(d.type, d.number): (d.version, d.payload_sha256) for d in state.documents.values()} == {
            key: known[:2] for key, known in plain.documents.items()
        }
        assert {(d.type, d.number) for d in state.documents.values() if d.withdrawn} == plain.withdrawn
        held = {name.replace(HELD_BACK, "."): value for name, value in state.attributes.items() if HELD_BACK in name and value}
        assert {name: tuple(value) for name, value in held.items()} == plain.held
        assert set(state.tasks) == plain.tasks

    def _said(self, chance: random.Random) -> tuple[Said, int]:
        """Mostly a message that some region takes in its state, from whom it may come; now and then anything."""
        key = chance.choice(sorted(self.plain.state))
        rows = taking()[f"{key.partition('.')[0].partition('#')[0]}.{key.partition('.')[2]}"]
        able = [(kind, row) for kind, row in rows if self.plain.state[key] in row["from"]] or rows
        kind, row = chance.choice(able) if able and chance.random() < 0.9 else (chance.choice(catalogue().ids()), {})
        if self.plain.withdrawn and chance.random() < 0.1:
            kind, row = chance.choice(sorted(self.plain.withdrawn))[0], {}
        senders = catalogue().message(kind).from_roles
        role = chance.choice([r for r in row.get("by", ()) if r in senders] or senders)
        if chance.random() < 0.1:
            role = chance.choice(ROLES if chance.random() < 0.3 else senders)
        function = chance.choice(row.get("function", ["9"]) if row and chance.random() < 0.85 else FUNCTIONS)
        number, version, variant = self._numbered(chance, kind, function)
        answers = ""
        if kind == "application_response":
            answers = (
                self.plain.last.get(key, "") if chance.random() < 0.8 else chance.choice(["m-nobody", *sorted(self.plain.last.values())])
            )
        said = Said(
            kind, role, f"m-{self.steps}", number, version, "", function, self._instance(chance, key), answers, chance.random() < 0.98
        )
        return said, variant

    def _numbered(self, chance: random.Random, kind: str, function: str) -> tuple[str, int, int]:
        """A number and version that fit the function, most of the time."""
        known = sorted(number for other, number in self.plain.documents if other == kind)
        if not known or chance.random() < (0.9 if function == "9" else 0.05):
            return f"{kind}-{self.steps}", 1, 0
        number = chance.choice(known)
        version = self.plain.documents[kind, number][0] + (function in ("4", "5"))
        variant = self.variants.get((kind, number), 0)
        return number, version + (chance.random() < 0.05), variant + (chance.random() < 0.1)

    def _instance(self, chance: random.Random, key: str) -> str:
        instance, _, region = key.partition(".")
        which = chance.random()
        if which < 0.7:
            return ""
        if which < 0.9:
            return chance.choice((instance, key))
        named = f"{instance.partition('#')[0]}#{chance.choice(SUFFIXES)}"
        return chance.choice((named, f"{named}.{region}"))

    def _made(self, said: Said, variant: int) -> Any:
        kind = catalogue().message(said.kind)
        strangers = [role for role in ROLES if role not in kind.to_roles]
        fields: dict[str, Any] = {"originals": 3, "variant": variant}
        if said.answers:
            fields["answers_message_id"] = said.answers
        to = kind.to_roles[0] if said.welcome or not strangers else strangers[0]
        return document(
            said.kind, fields, by=said.role, to=(to,), number=said.number, version=said.version, function=said.function,
            instance=said.instance, at=self.now, id=said.id,
        )  # fmt: skip
