"""The way from where a trade stands to where a message is taken: which messages and events, from whom, in which order.

A search of the tables alone: it follows states, signals, gates and the guards that look at states. What a document must say is
not its business; each step may have conditions of its own.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from tradeflow.machine.allowed import NEVER
from tradeflow.machine.case import Case
from tradeflow.machine.tables import Machine, Region, Transition
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import DocumentSet
from tradeflow.model.trade import TradeState

MODES = {"1": "sea", "4": "air"}
DEPTH_MAX = 6  # how many regions may wait for each other


class Step(msgspec.Struct, frozen=True, omit_defaults=True, rename={"source": "from", "target": "to"}):
    """One thing that has to happen: a message or an event, by whom, and what it moves."""

    by: tuple[str, ...]
    region: str
    source: str
    target: str
    message: str = ""
    event: str = ""
    text: str = ""
    parties: tuple[str, ...] = ()


Way = tuple[Step, ...]


class Routes:
    """Ways through the regions of one trade."""

    def __init__(self, machine: Machine, state: TradeState, docs: DocumentSet) -> None:
        self._machine, self._state, self._docs = machine, state, docs
        self._roles = {p.role for p in state.participants} | {"platform"}
        self._found: dict[tuple[str, frozenset[str]], list[list[tuple[str, Transition]]]] = {}

    def to_fire(self, key: str, transition: Transition, seen: frozenset[str] = frozenset()) -> Way | None:
        """What has to happen before this transition can fire in "instance.region"; () if nothing has; None if there is no way."""
        if key in seen or len(seen) >= DEPTH_MAX:
            return None
        inside = seen | {key}
        before = self.to_state(key, frozenset(transition.source), inside)
        if before is None:
            return None
        ways = [before]
        for other, states in (*self._gates(key), *_waits(transition)):
            if self._at(other) not in states:
                way = self.to_state(other, states, inside)
                if way is None:
                    return None
                ways.insert(0, way)
        return tuple(dict.fromkeys(step for way in ways for step in way))

    def to_state(self, key: str, states: Iterable[str], seen: frozenset[str] = frozenset()) -> Way | None:
        """The shortest way on which a region comes into one of these states."""
        region, wanted = self._machine.region(key), frozenset(states)
        if region is None:
            return None
        if (key, wanted) not in self._found:
            paths = _paths(region, self._at(key), wanted, lambda transition: self._open_to(key, region, transition))
            self._found[key, wanted] = list(paths)
        best: Way | None = None
        for path in self._found[key, wanted]:
            steps: list[Step] = []
            for at, transition in path:
                way = self._step(key, region, at, transition, seen, first=not steps)
                if way is None:
                    break
                steps += way
            else:
                if best is None or len(steps) < len(best):
                    best = tuple(steps)
        return best

    def _step(self, key: str, region: Region, at: str, transition: Transition, seen: frozenset[str], *, first: bool) -> Way | None:
        to = at if transition.to in ("same", "previous") else transition.to
        waits: Way = ()
        if first:
            inside = seen | {key}
            for other, states in (*self._gates(key), *_waits(transition)):
                if other not in seen and self._at(other) not in states:
                    waits += self.to_state(other, states, inside) or ()
        if transition.messages:
            name, roles = self._message(transition) or (transition.messages[0], sorted(transition.by))
            return (*waits, self._made(roles, key, at, to, message=name))
        event = self._machine.events[transition.event]
        if event.source == "signal":
            sent = self._signalled(f"{region.process}.{region.id}", transition.event, key, seen)
            return None if sent is None else (*waits, *sent)
        by = sorted(transition.decided_by or event.by) or ["platform"]
        return (*waits, self._made(by, key, at, to, event=transition.event, text=event.text))

    def _signalled(self, target: str, event: str, key: str, seen: frozenset[str]) -> Way | None:
        """The shortest way to a transition elsewhere that sends this signal, and that transition itself."""
        found: Way | None = None
        suffix = key.partition(".")[0].partition("#")[2]
        for region, transition in self._machine.signals.get((target, event), ()):
            own = f"{region.process}#{suffix}.{region.id}"
            if not suffix or own not in self._state.regions:
                own = f"{region.process}.{region.id}"
            if own in seen or len(seen) >= DEPTH_MAX:
                continue
            before = self.to_fire(own, transition, seen)
            if before is None:
                continue
            at = self._at(own) if not before else next(iter(transition.source))
            last = self._step(own, region, at, transition, seen | {own, key}, first=False)
            if last is not None and (found is None or len(before) + len(last) < len(found)):
                found = (*before, *last)
        return found

    def _open_to(self, key: str, region: Region, transition: Transition) -> bool:
        """Whether this trade can take that turning at all: somebody plays the role, and the terms agreed do not exclude it."""
        if transition.messages and not self._message(transition):
            return False
        case = Case(self._machine, self._state, NEVER, region, key.partition(".")[0], docs=self._docs, transition=transition)
        terms = [term for guard in transition.guards for term in guard.when if term.word.name.startswith("term_")]
        return all(case.term(term.args["path"]) is None or term.holds(case).holds for term in terms)

    def _message(self, transition: Transition) -> tuple[str, list[str]] | None:
        """The message of a transition that this trade's parties and its mode of transport can send, and the roles that may."""
        mode = MODES.get(str(self._state.terms.get("transport_mode", "")), "any")
        for name in transition.messages:
            kind = catalogue().message(name)
            by = sorted(transition.by & self._roles & set(kind.from_roles))
            if by and (mode == "any" or kind.mode in ("any", mode)):
                return name, by
        return None

    def _gates(self, key: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Regions of other processes that come first, while this one has not begun; those that may not apply are left to the caller."""
        here = self._state.regions.get(key)
        region = self._machine.region(key)
        if region is None or (here is not None and (here.last_message or here.state != region.initial)):
            return
        for edge in self._machine.edges:
            if edge.gate == f"{region.process}.{region.id}" and edge.kind == "hard" and not edge.when:
                main = next(iter(self._machine.processes[edge.source].regions.values()))
                yield f"{edge.source}.{main.id}", main.goal

    def _at(self, key: str) -> str:
        region = self._machine.region(key)
        return self._state.state_of(key) or (region.initial if region else "")

    def _made(self, by: list[str], key: str, at: str, to: str, *, message: str = "", event: str = "", text: str = "") -> Step:
        parties = sorted({p.party_id for p in self._state.participants if p.role in by})
        return Step(tuple(by), key, at, to, message, event, text, tuple(parties))


def _waits(transition: Transition) -> Iterator[tuple[str, frozenset[str]]]:
    """The regions whose states a guard of the transition names."""
    for guard in transition.guards:
        for term in guard.when:
            if term.word.name == "region_in":
                yield str(term.args["region"]), frozenset(term.args["states"])


def _paths(
    region: Region, start: str, wanted: frozenset[str], open_to: Callable[[Transition], bool]
) -> Iterator[list[tuple[str, Transition]]]:
    """The shortest paths through one region, one for each transition that can be last; [] where it is there already."""
    if start in wanted:
        yield []
        return
    queue: deque[tuple[str, list[tuple[str, Transition]]]] = deque([(start, [])])
    seen, found = {start}, 0
    while queue and found < 4:
        at, path = queue.popleft()
        for transition in region.open.get(at, ()):
            to = transition.to
            if to in ("same", "previous") or not open_to(transition):
                continue
            if to in wanted:
                found += 1
                yield [*path, (at, transition)]
            elif to not in seen:
                seen.add(to)
                queue.append((to, [*path, (at, transition)]))
