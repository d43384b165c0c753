"""Which documents a decision may read, so that no more than those are loaded."""

from collections.abc import Iterable, Iterator

from tradeflow.machine.attributes import READS
from tradeflow.machine.in_force import CHANGE
from tradeflow.machine.tables import Guard, Machine, Transition
from tradeflow.model.credit import AMENDMENT, CREDIT

CHANGED_BY = {CREDIT: AMENDMENT, "purchase_order": CHANGE, "sales_order": CHANGE}


def documents_for(machine: Machine, trigger: str) -> set[str]:
    """The message types that the guards and effects behind a message type, event or timer may read, signals included."""
    known = machine.documents.get(trigger)
    if known is None:
        known = machine.documents[trigger] = with_changes(_collect(machine, trigger))
    return set(known)


def with_changes(types: Iterable[str]) -> frozenset[str]:
    """These message types, and those that change what they say once they are accepted."""
    found = set(types)
    for changed, change in CHANGED_BY.items():
        if changed in found:
            found.add(change)
    return frozenset(found)


def _collect(machine: Machine, trigger: str) -> Iterator[str]:
    seen: set[str] = set()
    todo = [trigger]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in machine.timers:
            yield from machine.timers[current].due.of
        for region in machine.on.get(current, ()):
            for transition in region.on[current]:
                yield from _guards(transition.guards)
                yield from _effects(machine, transition)
                todo.extend(_signals(transition))
            for edge in machine.edges:
                if edge.gate == f"{region.process}.{region.id}" and edge.when:
                    yield from _guards([machine.guards[edge.when]])


def _guards(guards: Iterable[Guard]) -> Iterator[str]:
    for guard in guards:
        for term in (*guard.when, *guard.any):
            yield from term.documents()


def _effects(machine: Machine, transition: Transition) -> Iterator[str]:
    for effect in transition.effects:
        if effect.when is not None:
            yield from _guards([effect.when])
        if effect.verb == "arm":
            yield from machine.timers[effect.args[0]].due.of
            if machine.timers[effect.args[0]].due.cutoff:
                yield "booking_confirmation"
        if effect.verb == "set":
            yield from READS.get(effect.args[0], frozenset())
            if effect.args[1] == "amended":
                yield "lc_amendment"


def _signals(transition: Transition) -> Iterator[str]:
    for effect in transition.effects:
        if effect.verb == "signal":
            yield effect.args[1]
        if effect.verb == "charge":
            yield "payable_created"
