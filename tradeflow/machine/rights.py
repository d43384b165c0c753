"""Who may do what in which state: the process tables read as rights."""

from collections.abc import Iterator
from dataclasses import dataclass

from tradeflow.machine.tables import Machine, Region, Transition
from tradeflow.model.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Right:
    """In one of these states of a region these roles may send one of these messages, with one of these functions, or report this event.

    `to` is where that leads ("same" stays, "previous" goes back) if the conditions hold. An event nobody may report is the hub's own.
    """

    transition: str
    region: str
    states: list[str]
    messages: list[str]
    event: str
    functions: list[str]
    by: list[str]
    to: str
    conditions: list[str]

    def is_for(self, role: str, state: str, trigger: str) -> bool:
        """Whether it is about a role, a state and a message or event; "" is any."""
        return (
            (not role or role in self.by)
            and (not state or state in self.states)
            and (not trigger or trigger in self.messages or trigger == self.event)
        )


def rights(machine: Machine, book: Catalogue, region: str = "") -> Iterator[Right]:
    """The rights of every region, or of one ("process.region"), in the order of the tables."""
    for process in machine.processes.values():
        for table in process.regions.values():
            if region in ("", f"{process.id}.{table.id}"):
                yield from (_right(machine, book, table, transition) for transition in table.transitions)


def _right(machine: Machine, book: Catalogue, region: Region, t: Transition) -> Right:
    return Right(
        transition=t.id,
        region=f"{region.process}.{region.id}",
        states=[state for state in region.states if state in t.source],
        messages=list(t.messages),
        event=t.event,
        functions=list(t.functions) if t.messages else [],
        by=sorted(_by(machine, book, t)),
        to=t.to,
        conditions=[guard.text for guard in t.guards],
    )


def _by(machine: Machine, book: Catalogue, t: Transition) -> set[str]:
    """A message is first admitted by its own roles, then taken from those of the row; an event is for its deciders."""
    if t.event:
        return {*(t.decided_by or machine.events[t.event].by), "platform"}
    return set(t.by) & {role for message in t.messages for role in book.message(message).from_roles}
