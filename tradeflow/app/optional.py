"""What a party may send although nobody waits for it: what the process tables take from it now, beside what is missing or at its desk.

Left out is what only corrects a document or passes it on unchanged: both begin at that document.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tradeflow.machine.answers import COPY, ORIGINAL, Allowed
from tradeflow.machine.tables import Machine
from tradeflow.model.trade import TradeState


@dataclass(frozen=True, slots=True)
class Option:
    """A message that is taken now, in one role, by a process, which has a place in the order of a trade."""

    message: str
    role: str
    process: str
    number: int


def options(machine: Machine, state: TradeState, entries: Iterable[Allowed], waited_for: AbstractSet[str]) -> tuple[Option, ...]:
    """Each message once, in the order of the processes, by its id; `entries` are what is allowed to the party's roles."""
    taken = [entry for entry in entries if entry.message and entry.open]
    found: dict[str, Option] = {}
    for entry in taken:
        if entry.message not in waited_for and _is_new(state, entry) and _decided(machine, state, taken, entry.message):
            process = machine.processes[entry.instance.partition("#")[0]]
            found.setdefault(entry.message, Option(entry.message, entry.by[0], process.id, process.number))
    return tuple(sorted(found.values(), key=lambda one: (one.number, one.message)))


def over(machine: Machine, state: TradeState) -> bool:
    """Whether the trade as a whole is over."""
    case = machine.region("trade.case")
    return machine.closed(state) is not None or (case is not None and state.state_of("trade.case") in case.terminal)


def _is_new(state: TradeState, entry: Allowed) -> bool:
    stays = set(entry.to) == {state.regions[entry.region].state}
    return not entry.function or (ORIGINAL in entry.function and not (stays and COPY in entry.function))


def _decided(machine: Machine, state: TradeState, taken: list[Allowed], message: str) -> bool:
    """Where one region decides about a message, the others take it only with that one: who does not hold a bill cannot pass it on."""
    deciding = {key for key in state.regions if (region := machine.region(key)) is not None and message in region.decides}
    return not deciding or any(entry.message == message and entry.region in deciding for entry in taken)
