"""A trade that begins in the middle: the states it is in, and what the history that led there would have left behind.

Every given region is walked from its initial state along the cheapest way (routes.py). Its transitions fire with the document on file
as their message, at the date of that document: titles pass, clocks start, attributes and containers change as they did then. Signals move
a region only where its own way says so, so that nothing leaves the states that are given. Clocks that ran out meanwhile are not running.
"""

from collections.abc import Sequence
from dataclasses import replace

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Lodge, Seed
from tradeflow.machine.open import begin
from tradeflow.machine.refuse import refuse
from tradeflow.machine.routes import Leg, OnFile, takes, ways
from tradeflow.machine.tables import Guard, Transition
from tradeflow.machine.turn import Turn, holds
from tradeflow.machine.walk import Walk, Way, kind_of
from tradeflow.model.document import DocumentSet


def seed(turn: Turn, command: Seed) -> Decision | Refusal:
    """Open the trade, put its documents on file and bring its regions into the given states, in the order of the documents."""
    if refused := begin(turn, command.trade_id, command.terms, command.participants, None):
        return refused
    history = sorted(command.history, key=lambda lodge: lodge.envelope.created_at)
    planned = plan(turn, command.given, history)
    if isinstance(planned, str):
        return refuse(turn, "STATE_UNREACHABLE", planned)
    for way in planned:
        if lacking := next((leg for leg in way.legs if leg.wanted), None):
            return refuse(
                turn,
                "STATE_UNREACHABLE",
                say("%(key)s=%(given)s needs %(describe)s on file", key=way.key, given=command.given[way.key], describe=describe(lacking)),
            )
    until, docs = turn.context.now, turn.context.docs
    walk = Walk(turn, planned)
    for index, lodge in enumerate(history):
        turn.context = replace(turn.context, now=min(lodge.envelope.created_at, until), docs=docs)
        walk.file(index, lodge)
        docs = docs.with_(lodge.document)
    turn.context = replace(turn.context, now=until, docs=docs)
    walk.finish()
    return Decision(turn.changes, [], turn.fired)


def plan(turn: Turn, given: dict[str, str], history: Sequence[Lodge]) -> list[Way] | str:
    """The way of every given region, in the order of the tables; or what is wrong with the states that are given.

    Starts the instances they name. A leg that is `wanted` needs a document that is not in the history.
    """
    if defect := next((text for key, state in given.items() if (text := _unknown(turn, key, state))), ""):
        return defect
    for instance in dict.fromkeys([*(key.partition(".")[0] for key in given), *(_named(turn, lodge) for lodge in history)]):
        _begin(turn, instance)
    on_file = OnFile(history, frozenset(p.role for p in turn.state.participants), _Judge(turn, history))
    found = ways(turn.machine, given, on_file)
    if unreachable := next((key for key in given if key not in found), ""):
        return f"no way leads {unreachable} from {turn.state.state_of(unreachable)} to {given[unreachable]}"
    return [Way(key, found[key]) for key in sorted(given, key=list(turn.state.regions).index)]


def describe(leg: Leg) -> str:
    """The document a leg needs, in words."""
    return f"a {' or '.join(leg.transition.messages)} from {' or '.join(sorted(leg.transition.by))} ({leg.transition.id})"


def _unknown(turn: Turn, key: str, state: str) -> str:
    region = turn.machine.region(key)
    if region is None:
        return f"there is no region {key}"
    if state not in region.states:
        return f"{key} has no state {state}; it has {', '.join(region.states)}"
    instance = key.partition(".")[0]
    if region.process == "payment" and "#" in instance and kind_of(turn, instance) is None:
        known = ", ".join(f"payment#{suffix}" for suffix in turn.machine.processes["payment"].instances.values())
        return f"no payable is called {instance}; there are {known}"
    return ""


def _named(turn: Turn, lodge: Lodge) -> str:
    """The instance a document names, if there can be one of that name; else ""."""
    instance = lodge.envelope.process_instance.partition(".")[0]
    return instance if instance.partition("#")[0] in turn.machine.processes else ""


def _begin(turn: Turn, instance: str) -> None:
    process = turn.machine.processes.get(instance.partition("#")[0])
    if process is not None and not any(key.startswith(f"{instance}.") for key in turn.state.regions):
        turn.emit(c.InstanceStarted(instance, {region.id: region.initial for region in process.regions.values()}))


class _Judge:
    """Which transition of a region a document on file is for: the one whose guards it meets best."""

    def __init__(self, turn: Turn, history: Sequence[Lodge]) -> None:
        self._turn, self._history = turn, history
        self._before = [turn.context.docs]  # what was on file before each document
        for lodge in history:
            self._before.append(self._before[-1].with_(lodge.document))
        self._best: dict[tuple[str, int], dict[str, int]] = {}

    def __call__(self, key: str, transition: Transition, index: int) -> bool:
        if (key, index) not in self._best:
            lodge, region = self._history[index], self._turn.machine.region(key)
            assert region is not None, key
            taking = [t for t in region.on[lodge.document.type] if takes(t, key, lodge)]
            self._best[key, index] = {t.id: unmet(self._turn, key, t, lodge, self._before[index]) for t in taking}
        asked = self._best[key, index]
        return asked[transition.id] == min(asked.values())


def unmet(turn: Turn, key: str, transition: Transition, lodge: Lodge, docs: DocumentSet) -> int:
    """How many guards of a transition a document misses, with these on file before it; what the trade's state decides is left out."""
    region = turn.machine.region(key)
    assert region is not None, key
    case = turn.case(region, key.partition(".")[0], transition)
    case.now, case.docs, case.document, case.envelope = lodge.envelope.created_at, docs, lodge.document, lodge.envelope
    case.actors = frozenset([lodge.envelope.sender])
    return sum(not holds(_of_documents(guard), case).holds for guard in transition.guards)


def untrue(turn: Turn, key: str, facts: Sequence[str], lodge: Lodge, docs: DocumentSet) -> int:
    """How many of these guards do not hold of a document, with these on file before it."""
    region = turn.machine.region(key)
    assert region is not None, key
    case = turn.case(region, key.partition(".")[0])
    case.now, case.docs, case.document, case.envelope = lodge.envelope.created_at, docs, lodge.document, lodge.envelope
    return sum(not holds(_of_documents(guard), case).holds for fact in facts if (guard := turn.machine.guards.get(fact)))


def _of_documents(guard: Guard) -> Guard:
    """The part of a guard that documents decide: which state the other regions were in at that time is not known yet."""
    asked = tuple(term for term in guard.when if not term.word.state_only)
    return replace(guard, when=asked, any=() if any(term.word.state_only for term in guard.any) else guard.any)
