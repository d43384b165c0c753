"""Which documents of a trade an instance of a process looks at, and in which order: a shipment knows its own booking, not another's.

A trade has a second shipment, a house consignment within a master, a further declaration under an open cover, a drawing under a second
credit: each an instance with documents of its own. What an instance has itself counts most, then what its shipment has in other processes,
then what stands above it, then what holds for the whole trade. What belongs to another instance is another's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

from tradeflow.machine.tables import Machine
from tradeflow.machine.turn import belonging, instances
from tradeflow.model.document import Document
from tradeflow.model.shipments import Shipments
from tradeflow.model.trade import DocumentEntry, TradeState

Of = TypeVar("Of")


class Near(IntEnum):
    """How near something is to an instance, the nearest highest; OTHERS is what belongs to another one."""

    OTHERS = 0
    TRADE = 1
    ABOVE = 2  # of the master consignment, the open cover, or an instance whose documents this one refers to
    SHIPMENT = 3  # of the same shipment in another process
    OWN = 4


@dataclass(frozen=True, slots=True)
class Kin:
    """Documents in the order in which they count, the last one most; all, the oldest first; and by "type:number" the process in which

    one stands above: not everything that is said of a master consignment is true of the house consignments in it.
    """

    documents: list[Document]
    everything: list[Document]
    above: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Standpoint:
    """One instance in a trade; it need not have begun."""

    machine: Machine
    state: TradeState
    instance: str
    _above: frozenset[str] = frozenset()
    _shipments: Shipments = field(default_factory=lambda: Shipments({}, frozenset()))
    _belonging: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = frozenset(key.partition(".")[0] for key in self.state.regions)
        self._shipments = Shipments({}, known | {self.instance})
        self._above = frozenset(self._all_above())

    @property
    def process(self) -> str:
        return self.instance.partition("#")[0]

    def near(self, instance: str) -> Near:
        """How near what belongs to an instance is; "" is the trade itself."""
        process = instance.partition("#")[0]
        if not instance:
            return Near.TRADE
        if instance == self.instance:
            return Near.OWN
        if process == self.process:
            return Near.ABOVE if instance in self._above else Near.OTHERS
        if own := self._own(process):
            return Near.SHIPMENT if instance == own else Near.OTHERS
        return Near.OTHERS if self._shipments.apart_instances(self.instance, instance) else Near.TRADE

    def document(self, entry: DocumentEntry) -> Near:
        """How near a document is: what only regions take that all instances share is of every one of them."""
        near = self.near(entry.instance)
        if near:
            return near
        process = entry.instance.partition("#")[0]
        taking = {region.id for region in self.machine.on.get(entry.type, ()) if region.process == process}
        return Near.ABOVE if taking and taking <= self.machine.processes[process].shared else near

    def _own(self, process: str) -> str:
        """The instance of another process that belongs to this one, or ""."""
        if process not in self._belonging:
            self._belonging[process] = belonging(self.state, self.instance, process)
        return self._belonging[process]

    def _carries(self) -> bool:
        return self.instance.partition("#")[2] in self.machine.processes[self.process].carries

    def _all_above(self) -> Iterable[str]:
        if self._carries():
            return
        named = set(self.state.keys.get(self.instance, ()))
        numbers: dict[str, set[str]] = {}
        for entry in self.state.documents.values():
            numbers.setdefault(entry.instance, set()).add(entry.number)
        for other in instances(self.state, self.process):
            suffix = other.partition("#")[2]
            if other != self.instance and (suffix in self.machine.processes[self.process].carries or named & numbers.get(other, set())):
                yield other


def kin(state: TradeState, documents: Sequence[Document], standpoints: Sequence[Standpoint]) -> Kin:
    """The documents (the oldest first) as these instances see them; of several only what belongs to none of the others.

    In a trade that has one instance of each process nothing is to be told apart, and the newest counts.
    """
    filed = [(one, state.documents.get(f"{one.type}:{one.number}")) for one in documents]
    there = {entry.instance for _, entry in filed if entry} | {one.instance for one in standpoints}
    if len({one.partition("#")[0] for one in there}) == len(there) or not standpoints:
        return Kin(list(documents), list(documents))
    near = [(min(point.document(entry) for point in standpoints) if entry else Near.TRADE, one) for one, entry in filed]
    near.sort(key=lambda pair: pair[0])
    above = {f"{one.type}:{one.number}": standpoints[0].process for how, one in near if how is Near.ABOVE}
    return Kin([one for how, one in near if how], list(documents), above)


def nearest(known: Mapping[str, Of], standpoints: Sequence[Standpoint], instance_of: Callable[[Of], str]) -> list[tuple[str, Of]]:
    """What belongs to instances ("payment#premium" or a region of one), the nearest last, without what is another's."""

    def near(one: Of) -> Near:
        return min((point.near(instance_of(one).partition(".")[0]) for point in standpoints), default=Near.TRADE)

    return sorted(((key, one) for key, one in known.items() if near(one)), key=lambda pair: near(pair[1]))


def takers(machine: Machine, state: TradeState, message: str, open_: Mapping[str, bool]) -> list[str]:
    """The instances a message can be for: those that take it now (`open_`, by instance), else all of the process that files it."""
    processes = dict.fromkeys(region.process for region in machine.on.get(message, ()))
    for process in processes:
        if found := [one for one in instances(state, process) if open_.get(one)]:
            return found
    return next(([*instances(state, process)] for process in processes), [])
