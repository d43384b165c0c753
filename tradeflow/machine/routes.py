"""How a region gets from its initial state to another one: the cheapest way through its table, given the documents on file."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tradeflow.machine.commands import Lodge
from tradeflow.machine.tables import Machine, Region, Transition

# What a way costs. A document on file that fits is best, then what the hub or a person decides, then a clock. One that breaks a guard of
# its transition is taken rather than written anew. Leaving out a document that this region could have taken costs most: the history says
# what happened. Last comes a document that nobody of the cast could send.
FITS, EVENT, CLOCK, LOOSE, WANTED, RARE, SKIPPED, NOBODY = 1, 2, 4, 11, 12, 20, 30, 1000


@dataclass(frozen=True, slots=True)
class Leg:
    """One transition on the way. `filed` is the index of the document that fires it; None for an event and for one not on file."""

    transition: Transition
    source: str
    target: str
    trigger: str
    filed: int | None = None

    @property
    def wanted(self) -> bool:
        """Whether the document this leg needs is not on file."""
        return self.filed is None and bool(self.transition.messages)


@dataclass(frozen=True, slots=True)
class OnFile:
    """The documents a way may use, oldest first, and the roles somebody plays. `holds`: one is for this transition by its guards."""

    documents: Sequence[Lodge]
    roles: frozenset[str]
    holds: Callable[[str, Transition, int], bool]


def route(machine: Machine, key: str, target: str, on_file: OnFile) -> list[Leg] | None:
    """The cheapest way of "instance.region" from its initial state to `target`, or None. Among equals the first row wins."""
    region = machine.region(key)
    assert region is not None, key
    skipped = {at: _skipped(region, at, key, on_file) for at in region.states}
    queue: list[tuple[int, int, str, int, list[Leg]]] = [(0, 0, region.initial, 0, [])]
    reached: set[tuple[str, int]] = set()
    pushed = 0
    while queue:
        cost, _, state, after, way = heapq.heappop(queue)
        if not state:
            return way
        if (state, after) in reached:
            continue
        reached.add((state, after))
        onward = [
            (price, leg.target, after if leg.filed is None else leg.filed + 1, [*way, leg])
            for leg, price in _legs(machine, key, region, state, after, on_file)
        ]
        if state == target:
            onward.append((0, "", len(on_file.documents), way))
        for price, reaches, upto, so_far in onward:
            pushed += 1
            passed = skipped[state][max(after, upto - bool(reaches))] - skipped[state][after]
            heapq.heappush(queue, (cost + price + SKIPPED * passed, pushed, reaches, upto, so_far))
    return None


def _skipped(region: Region, state: str, key: str, on_file: OnFile) -> list[int]:
    """How many of the first n documents could have moved this region, had it not stood in a state that takes note of them and stays."""
    moving = [t for t in region.transitions if t.messages and t.to != "same"]
    staying = [t for t in region.open[state] if t.messages and t.to in ("same", state)]
    left_out = (
        any(takes(t, key, lodge) for t in moving) and not any(takes(t, key, lodge) and on_file.holds(key, t, index) for t in staying)
        for index, lodge in enumerate(on_file.documents)
    )
    return [0, *accumulate(map(int, left_out))]


def _legs(machine: Machine, key: str, region: Region, state: str, after: int, on_file: OnFile) -> Iterator[tuple[Leg, int]]:
    for transition in region.open[state]:
        target = transition.to
        if target in ("same", "previous", state):
            continue
        if transition.event:
            source = machine.events[transition.event].source
            yield Leg(transition, state, target, transition.event), CLOCK if source == "timer" else EVENT
            continue
        for index in range(after, len(on_file.documents)):
            lodge = on_file.documents[index]
            if takes(transition, key, lodge):
                yield Leg(transition, state, target, lodge.document.type, index), FITS if on_file.holds(key, transition, index) else LOOSE
        price = WANTED if transition.by & on_file.roles else NOBODY
        yield Leg(transition, state, target, transition.messages[0]), price + (0 if "9" in transition.functions else RARE)


def takes(transition: Transition, key: str, lodge: Lodge) -> bool:
    """Whether message, role, function and instance of a document are those a transition of "instance.region" asks for."""
    e = lodge.envelope
    return (
        e.type in transition.messages and e.role in transition.by and e.function in transition.functions and is_for(key, e.process_instance)
    )


def is_for(key: str, named: str) -> bool:
    """Whether a message that names this instance, or region of one, is for "instance.region"; one that names none is for the base one."""
    instance = key.partition(".")[0]
    return named in (instance, key) if named else "#" not in instance
