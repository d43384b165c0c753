"""How a region gets from its initial state to another one: the cheapest way through its table, given the documents on file."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from tradeflow.machine.commands import Lodge
from tradeflow.machine.tables import Machine, Region, Transition

# What a way costs. A document on file that fits is best, then what the hub or a person decides, then a clock. One that breaks a guard of
# its transition is taken rather than written anew. Leaving out a document that this region could have taken costs most: the history says
# what happened. A signal that no other given region has sent on its way is dearer than a document that leads there as well. Then
# comes a document that nobody of the cast could send, last a transition that would have sent another given region somewhere else.
FITS, EVENT, CLOCK, LOOSE, WANTED, UNHEARD, RARE, SKIPPED, NOBODY, AGAINST = 1, 2, 4, 11, 12, 13, 20, 30, 1000, 2000

CHARGED = "payable_created"  # told to a payable by the charge() of any process


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
    ways: "Mapping[str, Sequence[Leg]]" = field(default_factory=dict)  # those of the other given regions, as far as they are known


def ways(machine: Machine, given: Mapping[str, str], on_file: OnFile) -> dict[str, list[Leg]]:
    """The way of every given region, such that they fit together; one that cannot get there is left out."""
    found: dict[str, list[Leg]] = {}
    for _ in range(2):  # each alone first; then knowing the others
        others = replace(on_file, ways=found)
        found = {key: way for key, state in given.items() if (way := route(machine, key, state, others)) is not None}
    return found


def _against(machine: Machine, key: str, transition: Transition, on_file: OnFile) -> bool:
    """Whether a transition tells another given region something that would have moved it, and that is not on its way."""
    for region, event in _told(transition):
        for other, way in on_file.ways.items():
            if other != key and _base(other) == region and event not in {leg.trigger for leg in way}:
                states = {leg.source for leg in way} | {leg.target for leg in way[-1:]}
                table = machine.region(other)
                moving = table.on.get(event, ()) if table else ()
                if any(t.to not in ("same", *states) and states & set(t.source) for t in moving):
                    return True
    return False


def _told(transition: Transition) -> list[tuple[str, ...]]:
    """(region, event) of the signals that a transition always sends."""
    return [effect.args for effect in transition.effects if effect.verb == "signal" and effect.when is None]


def _base(key: str) -> str:
    """ "payment#goods.payable" is a payment.payable."""
    instance, _, region = key.partition(".")
    return f"{instance.partition('#')[0]}.{region}"


def _heard(key: str, event: str, on_file: OnFile) -> bool:
    """Whether another given region sends this signal on its way, or charges; where their ways are not known yet, it may."""
    if event == CHARGED:
        return True
    sent = [told for way in on_file.ways.values() for leg in way for told in _signals(leg.transition)]
    return not on_file.ways or (_base(key), event) in sent


def _signals(transition: Transition) -> list[tuple[str, ...]]:
    return [effect.args for effect in transition.effects if effect.verb == "signal"]


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
        against = AGAINST if _against(machine, key, transition, on_file) else 0
        if transition.event:
            source = machine.events[transition.event].source
            unheard = source == "signal" and not _heard(key, transition.event, on_file)
            price = CLOCK if source == "timer" else UNHEARD if unheard else EVENT
            yield Leg(transition, state, target, transition.event), price + against
            continue
        for index in range(after, len(on_file.documents)):
            lodge = on_file.documents[index]
            if takes(transition, key, lodge):  # what is on file happened, whatever it told whom
                yield Leg(transition, state, target, lodge.document.type, index), FITS if on_file.holds(key, transition, index) else LOOSE
        price = WANTED if transition.by & on_file.roles else NOBODY
        yield Leg(transition, state, target, transition.messages[0]), price + against + (0 if "9" in transition.functions else RARE)


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
