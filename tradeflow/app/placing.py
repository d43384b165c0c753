"""Which instance of a process a document is begun for: the one that is named, else the only one that takes it."""

from dataclasses import dataclass

from tradeflow.errors import Refused
from tradeflow.language.sentences import say
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import ORIGINAL
from tradeflow.machine.kin import Standpoint, takers
from tradeflow.machine.tables import Machine
from tradeflow.machine.turn import instances
from tradeflow.model.catalogue import MessageType
from tradeflow.model.trade import TradeState


@dataclass(frozen=True, slots=True)
class Place:
    """`instance` is "" where several could be meant: `candidates` are they. `named`: what the envelope of the document has to say."""

    instance: str
    candidates: list[str]
    standpoints: list[Standpoint]
    named: str = ""


def placed(machine: Machine, state: TradeState, kind: MessageType, role: str, instance: str) -> Place:
    """The place of a document that somebody in this role begins. `instance` may name a region of one, or one that has not begun yet.

    Raises Refused CORRELATION_NOT_FOUND where no process is of that name.
    """
    candidates = takers(machine, state, kind.id, _open(machine, state, kind, role))
    chosen = instance.partition(".")[0] or (candidates[0] if len(candidates) == 1 else "")
    process = chosen.partition("#")[0]
    if chosen and (process not in machine.processes or chosen.endswith("#")):
        raise Refused("CORRELATION_NOT_FOUND", say("there is no process %(name)s", name=chosen), 409)
    standpoints = [Standpoint(machine, state, one) for one in ([chosen] if chosen else candidates)]
    return Place(chosen, candidates, standpoints, _named(machine, state, kind, chosen) if instance else "")


def _open(machine: Machine, state: TradeState, kind: MessageType, role: str) -> dict[str, bool]:
    """The instances that take a new document of this type from the role now, as far as the state of the trade tells."""
    entries = [one for one in allowed(machine, state, {role}) if one.message == kind.id and (not one.function or ORIGINAL in one.function)]
    return {one.instance: True for one in entries if one.open}


def _named(machine: Machine, state: TradeState, kind: MessageType, chosen: str) -> str:
    """The instance as the envelope names it: where there are several; not where other processes take the document, too."""
    processes = {region.process for region in machine.on.get(kind.id, ())}
    process = chosen.partition("#")[0]
    several = "#" in chosen or len(instances(state, process)) > 1
    return chosen if processes == {process} and several else ""
