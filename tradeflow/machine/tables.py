"""Compiled process tables: what load.py makes of workflows/ and decide.py walks through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from tradeflow.machine.timers import Due
from tradeflow.machine.words import Term
from tradeflow.model.trade import TradeState

EFFECT = re.compile(r"(\w+)\((.*)\)(?: when (\w+))?")
ORIGINAL = ("9",)


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition by name: all of `when` hold and, if there is an `any`, at least one of it."""

    name: str
    text: str
    error: str
    when: tuple[Term, ...]
    any: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One call of the effect grammar: verb(args) when guard."""

    verb: str
    args: tuple[str, ...]
    when: Guard | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock a region owns. `fires` is an event, or the timer's own id where it only reminds; `target` is the region that hears it."""

    id: str
    process: str
    owner: str
    target: str
    fires: str
    reminds: bool
    text: str
    rule: str  # for people: how long, and from when
    due: Due
    kept_in: tuple[str, ...] = ()  # states of the target in which the event is kept until they are left


@dataclass(frozen=True, eq=False, slots=True)
class Transition:
    """One row of a process table: what fires it, from whom, under which guards, and what it does."""

    id: str
    source: tuple[str, ...]
    messages: tuple[str, ...]
    event: str
    functions: tuple[str, ...]
    by: frozenset[str]
    to: str  # a state, "same" or "previous"
    guards: tuple[Guard, ...]
    effects: tuple[Effect, ...]
    decided_by: tuple[str, ...]


class Refuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A combination known to be impossible, with the reason the refusal quotes; `error` replaces the general code."""

    state: list[str]
    on: str
    because: str
    error: str = ""


@dataclass(frozen=True, eq=False)
class Region:
    """One finite state machine. `on` maps a message type or an event to the transitions it may fire, in file order."""

    process: str
    id: str
    initial: str
    goal: frozenset[str]
    terminal: frozenset[str]
    states: Mapping[str, str]  # id -> meaning
    transitions: tuple[Transition, ...]
    timers: tuple[Timer, ...]
    refuse: tuple[Refuse, ...]
    decides: frozenset[str]  # messages that are refused if this region does not take them, whoever else would
    insists: frozenset[str]  # messages that are refused if a guard fails here, whoever else would take them

    @cached_property
    def on(self) -> dict[str, tuple[Transition, ...]]:
        found: dict[str, list[Transition]] = {}
        for transition in self.transitions:
            for trigger in transition.messages or (transition.event,):
                found.setdefault(trigger, []).append(transition)
        return {trigger: tuple(rows) for trigger, rows in found.items()}

    @cached_property
    def open(self) -> dict[str, tuple[Transition, ...]]:
        """The transitions out of each state."""
        return {state: tuple(t for t in self.transitions if state in t.source) for state in self.states}

    def reason(self, state: str, trigger: str) -> Refuse | None:
        """The declared reason why this trigger is impossible in this state, if there is one."""
        return next((row for row in self.refuse if row.on == trigger and state in row.state), None)


@dataclass(frozen=True, eq=False)
class Process:
    """One of the processes of a trade. `answers` and `keys` say how a message finds its instance."""

    id: str
    number: int
    name: str
    short: str  # where there is little room: a map, a heading
    regions: Mapping[str, Region]
    keys: tuple[str, ...]
    answers: Mapping[str, str]
    instances: Mapping[str, str]  # payable kind -> suffix of the instance a charge opens
    kinds: Mapping[str, str]  # message type -> payable kind it bills
    deaf_to: frozenset[str]  # instance suffixes whose signals do not reach this process
    carries: frozenset[str]  # instance suffixes of consignments within which the others travel
    shared: frozenset[str]  # regions that all instances share: what only they take is of every one of them
    again: Mapping[str, str]  # region -> where a further instance begins, once the first has left its initial state
    after: Mapping[str, frozenset[str]]  # state of its first region -> the only messages the whole trade still takes then


class Edge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from", "target": "to"}):
    """One dependency between processes; only `gate` edges are enforced by decide()."""

    source: str
    target: str
    kind: str
    when: str
    text: str
    gate: str = ""  # the region whose first message has to wait


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What moves a machine besides messages. `by`: the roles that may report it, next to the platform."""

    source: str
    text: str
    by: list[str] = []


class Error(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is refused: the HTTP status and the sentence behind a code."""

    http: int
    text: str


@dataclass(eq=False)
class Machine:
    """All processes, compiled. `content` is everything it was compiled from (JSON-able); `hash` its sha256, canonical."""

    content: dict[str, Any]
    hash: str
    processes: dict[str, Process]
    guards: dict[str, Guard]
    events: dict[str, Event]
    errors: dict[str, Error]
    edges: tuple[Edge, ...]
    goods: Mapping[str, Any]
    timers: dict[str, Timer] = field(default_factory=dict)
    documents: dict[str, frozenset[str]] = field(default_factory=dict)  # answers of needs.py, filled on demand

    @cached_property
    def on(self) -> dict[str, tuple[Region, ...]]:
        """The regions that name a message type or event, in the order in which they are offered it."""
        found: dict[str, list[Region]] = {}
        for process in self.processes.values():
            for region in process.regions.values():
                for trigger in region.on:
                    found.setdefault(trigger, []).append(region)
        return {trigger: tuple(regions) for trigger, regions in found.items()}

    @cached_property
    def signals(self) -> dict[tuple[str, str], tuple[tuple[Region, Transition], ...]]:
        """The transitions that send an event to "process.region", by (region, event)."""
        found: dict[tuple[str, str], list[tuple[Region, Transition]]] = {}
        for process in self.processes.values():
            for region in process.regions.values():
                for transition in region.transitions:
                    for effect in transition.effects:
                        if effect.verb == "signal":
                            found.setdefault((effect.args[0], effect.args[1]), []).append((region, transition))
        return {key: tuple(rows) for key, rows in found.items()}

    def closed(self, state: TradeState) -> tuple[str, frozenset[str]] | None:
        """If the trade as a whole is closed: "process.region is state (meaning)", and the messages it still takes; else None."""
        for process in self.processes.values():
            for ended, taken in process.after.items():
                main = next(iter(process.regions.values()))
                if state.state_of(f"{process.id}.{main.id}") == ended:
                    return f"{process.id}.{main.id} is {ended} ({main.states[ended]})", taken
        return None

    def region(self, key: str) -> Region | None:
        """The table behind "instance.region", or None."""
        instance, _, region = key.partition(".")
        process = self.processes.get(instance.partition("#")[0])
        return process.regions.get(region) if process else None
