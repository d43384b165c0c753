"""Each transition fired, and refused guard by guard: a trade seeded with facts, one command, what it did.

A signal is fired by the transition that sends it, a clock by its being due, the rest by whoever may send or decide it.
"""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.extra_facts import EXTRA, FAILS
from tests.unit.cases.given import Given, event
from tests.unit.cases.guard_facts import Facts, candidates, fresh, laid_over, of_sample, samples
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Command, Context, Lodge, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.load import from_content, machine
from tradeflow.machine.tables import Effect, Guard, Machine, Region, Transition
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import TimerState, TradeState
from tradeflow.rules.cross import check_set
from tradeflow.rules.evaluate import check_message

TRIES_MAX = 40
CHANGES = ("4", "5", "1", "6")
PAYMENTS = {"kind_premium": "payment#premium", "kind_detention": "payment#det", "kind_goods": "payment#goods"}


@dataclass(frozen=True)
class Way:
    """How a transition is fired from a state: by a message or an event, or (`by`) by the signal of another transition."""

    region: Region
    transition: Transition
    source: str
    message: str = ""
    by: "Way | None" = None
    sent: Guard | None = None  # the condition of the signal

    @property
    def key(self) -> str:
        return f"{self.region.process}.{self.region.id}"

    @property
    def first(self) -> "Way":
        """The way whose command sets everything going."""
        return self.by.first if self.by else self

    def guards(self) -> list[Guard]:
        """Everything that has to hold, the command's own conditions first."""
        mine = [*([self.sent] if self.sent else []), *self.transition.guards]
        return [*(self.by.guards() if self.by else []), *mine]

    def states(self) -> dict[str, str]:
        """Where the regions of the way are; one in its initial state was not started."""
        begun = self.source != self.region.initial or self.message == "application_response"
        mine = {self.key: self.source} if begun else {}
        return {**(self.by.states() if self.by else {}), **mine}

    def ids(self) -> list[str]:
        """The transitions on the way, in order."""
        return [*(self.by.ids() if self.by else []), self.transition.id]


@dataclass(frozen=True)
class Played:
    """What came of one command."""

    way: Way
    facts: Facts
    what: str
    answer: Decision | Refusal

    @property
    def fired(self) -> list[str]:
        return self.answer.fired if isinstance(self.answer, Decision) else []


def transitions() -> Iterator[tuple[Region, Transition]]:
    """Every transition there is."""
    for process in machine().processes.values():
        for region in process.regions.values():
            for transition in region.transitions:
                yield region, transition


def ways(region: Region, transition: Transition, source: str, depth: int = 0) -> Iterator[Way]:
    """How a transition can be set off from a state."""
    if transition.messages:
        for message in transition.messages:
            if transition.by & set(catalogue().message(message).from_roles):
                yield Way(region, transition, source, message)
    elif machine().events[transition.event].source != "signal":
        yield Way(region, transition, source)
    else:
        for other, sender, effect in senders(region, transition.event) if depth < 4 else ():
            for by in itertools.islice(ways(other, sender, sender.source[0], depth + 1), 4):
                yield Way(region, transition, source, by=by, sent=effect.when)
        if depth == 0:
            yield Way(region, transition, source)  # the platform may report every event


def senders(region: Region, name: str) -> Iterator[tuple[Region, Transition, Effect]]:
    """The effects that signal an event to a region."""
    target = f"{region.process}.{region.id}"
    for other, transition in transitions():
        for effect in transition.effects:
            if (effect.verb == "signal" and effect.args == (target, name)) or (effect.verb == "charge" and name == "payable_created"):
                yield other, transition, effect


def firing(way: Way) -> Played | None:
    """The first seeded trade in which the transition fires, its guards asked for real; None if none was found."""
    for facts in _tries(way, [_holding(way, guard) for guard in way.guards()]):
        for spoken in _spoken(way, facts):
            played = play(way, spoken)
            if way.transition.id in played.fired:
                return played
    return None


def _spoken(way: Way, facts: Facts) -> Iterator[Facts]:
    """The facts said in a valid sample of the message, now or when it was made; else in a message that says nothing else."""
    known = samples(way.first.message) if way.first.message and facts.base is None else ()
    yield from (replace(facts, base=base) for base in known)
    yield from (replace(facts, base=base, at=facts.at or base.data["message"]["created_at"]) for base in known)
    yield replace(facts, base=facts.base or NOTHING)


def failing(way: Way, at: Facts, guard: Guard) -> Played | None:
    """The same trade with one guard failing: refused for that guard if it can be, else whatever else happens."""
    best = None
    kind = way.first.message
    told = FAILS.get((way.transition.id, guard.name))
    for facts in [told] if told else candidates(guard, kind, holds=False):
        for spoken in (at | facts, *_spoken(way, replace(at | facts, base=facts.base))):
            played = play(way, spoken)
            if way.transition.id in played.fired:
                continue
            if isinstance(played.answer, Refusal) and played.answer.code == guard.error:
                return played
            best = best or played
    return best


NOTHING = document("nothing")


def _holding(way: Way, guard: Guard) -> list[Facts]:
    return candidates(guard, way.first.message, holds=True) or [Facts()]


def _tries(way: Way, choices: list[list[Facts]]) -> Iterator[Facts]:
    extra = [EXTRA.get(id, Facts()) for id in way.ids()]
    instance = next((Facts(instance=PAYMENTS[g.name]) for g in way.guards() if g.name in PAYMENTS), Facts())
    for chosen in itertools.islice(itertools.product(*choices), TRIES_MAX):
        facts = instance
        for part in (*chosen, *extra):
            facts |= part
        yield facts


def play(way: Way, facts: Facts) -> Played:
    """Seed the trade, do the one thing."""
    first = way.first
    given = _given(way, facts)
    if first.transition.messages:
        made = _message(first, facts, given)
        given = _on_file(given, made)
        state, what = given.state(), f"{made.data['message']['sender']['role']} sends {first.message}"
        if made.data["message"]["function"] != "9":
            what += f" with function {made.data['message']['function']}"
        docs = DocumentSet(list(given.docs))
        found = check_message(made, facts.at or NOW, state).findings
        context = Context(facts.at or NOW, docs, found, lambda rules: check_set(rules, docs.with_(made)))
        return Played(way, facts, what, _decided(given.tables, state, Lodge(made, Envelope.of(made)), context))
    state, raised, what = _event(first, facts, given)
    return Played(way, facts, what, _decided(given.tables, state, raised, Context(facts.at or NOW, DocumentSet(list(given.docs)))))


def _decided(tables: Machine, state: TradeState, command: Command, context: Context) -> Decision | Refusal:
    """The decision, which leaves the state it was given as it was."""
    before = msgspec.msgpack.encode(state)
    answer = decide(tables, state, command, context)
    assert msgspec.msgpack.encode(state) == before
    return answer


def _given(way: Way, facts: Facts) -> Given:
    """The trade as the case finds it. The regions of the way are where the way begins; the answered message was the last one there."""
    states = {**facts.states, **way.states()}
    if facts.instance:
        states = {key.replace("payment.", f"{facts.instance}."): value for key, value in states.items()}
    last = {_key(way.first, facts): ("m-1", "")} if way.first.message == "application_response" else {}
    return Given(
        states, facts.docs, facts.terms, facts.attributes, facts.titles, facts.payables, facts.keys, facts.timers, facts.containers,
        {**last, **facts.last}, facts.presented, tables=_tables(way),
    )  # fmt: skip


@functools.cache
def notifying() -> Machine:
    """The installed tables where an operator listed the goods of the order for notification: the list that comes with them is empty."""
    rows = [{"hs": "940521", "text": "lamps"}]
    return from_content({**machine().content, "goods": {**machine().content["goods"], "notified": rows}})


def _tables(way: Way) -> Machine:
    return notifying() if any(guard.name == "notification_scheme" for guard in way.guards()) else machine()


def _key(way: Way, facts: Facts) -> str:
    own = facts.instance if way.region.process == "payment" and facts.instance else way.region.process
    return f"{own}.{way.region.id}"


def _message(way: Way, facts: Facts, given: Given) -> Document:
    kind = catalogue().message(way.message)
    listed = [role for role in _listed(way.transition) if role in kind.from_roles]
    base = facts.base or of_sample(way.message)
    sent = base.data["message"] if base else {}
    role = facts.by if facts.by in listed else listed[0]
    to = tuple(r["role"] for r in sent.get("recipients", ()) if r["role"] in kind.to_roles)
    function = way.transition.functions[0]
    data = laid_over(laid_over(facts.otherwise, fresh(base)), facts.fields)
    same = [d for d in given.docs if d.type == way.message and function in CHANGES]
    number = facts.number or (same[-1].number if same else "") or data.get("document", {}).get("number", "")
    data.pop("document", None)
    version = facts.version or (2 if function in ("4", "5") else 1)
    if way.message == "application_response":
        data["answers_message_id"] = "m-1"
    return document(
        way.message, _whole(data), by=role, to=(facts.to,) if facts.to else to or (kind.to_roles[0],), number=number, version=version, function=function,
        instance=facts.instance if way.region.process == "payment" else "", at=facts.at or NOW, id="00000000-0000-4000-8000-000000000001",
    )  # fmt: skip


def _listed(transition: Transition) -> list[str]:
    """The senders of a transition in the order of its row."""
    for process in machine().content["processes"]:
        for region in process["regions"]:
            for row in region["transitions"]:
                if row["id"] == transition.id:
                    return list(row["by"])
    raise KeyError(transition.id)


def _whole(tree: Any) -> Any:
    """Without what was taken away, and amounts with their currency: rules are asked of documents that passed their schema."""
    if isinstance(tree, dict):
        made = {name: _whole(value) for name, value in tree.items() if value is not None}
        return {**made, "currency": "USD"} if made.keys() == {"value"} else made
    return [_whole(each) for each in tree] if isinstance(tree, list) else tree


def _on_file(given: Given, made: Document) -> Given:
    """What has to be in the trade for the message's function: the version it changes, cancels or repeats."""
    function = made.data["message"]["function"]
    if function == "9" or any((d.type, d.number) == (made.type, made.number) for d in given.docs):
        return given
    earlier = replace(made, data={**made.data, "document": {**made.data["document"], "version": 1}})
    return replace(given, docs=(earlier, *given.docs))


def _event(way: Way, facts: Facts, given: Given) -> tuple[TradeState, Raise, str]:
    name, key = way.transition.event, _key(way, facts)
    state = given.state()
    row = machine().events[name]
    if row.source == "timer":
        timer = next(t for t in machine().timers.values() if t.fires == name and f"{t.process}.{t.target}" == way.key)
        state.timers[f"{key.partition('.')[0]}.{timer.id}"] = TimerState(key, name, NOW, facts.at or NOW, "armed before")
        return state, Raise(name, key), f"clock {timer.id} runs out"
    role = next((r for r in (facts.by, *(way.transition.decided_by or row.by)) if r in (way.transition.decided_by or row.by)), "platform")
    return state, event(name, key, role, facts.note, findings=facts.found), f"{role} decides {name}"
