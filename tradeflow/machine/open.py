"""Opening a trade: who takes part, on which terms, under which process tables."""

from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Open
from tradeflow.machine.refuse import refuse
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import catalogue

OPENERS = frozenset({"exporter", "importer"})


def open_trade(turn: Turn, command: Open) -> Decision | Refusal:
    """A new trade with the base instance of every process. The exporter or the importer opens it."""
    for participant in command.participants:
        if participant.role not in catalogue().roles:
            return refuse(turn, "WRONG_RECIPIENT", f"{participant.party_id}: there is no role {participant.role}")
    roles = {p.role for p in command.participants if p.party_id == command.party}
    if not roles & OPENERS:
        says = f"a trade is opened by its exporter or importer; {command.party} is {', '.join(sorted(roles)) or 'no participant'}"
        return refuse(turn, "WRONG_SENDER", says)
    turn.emit(c.Opened(command.trade_id, turn.machine.hash, command.terms, list(dict.fromkeys(command.participants))))
    for process in turn.machine.processes.values():
        turn.emit(c.InstanceStarted(process.id, {region.id: region.initial for region in process.regions.values()}))
    return Decision(turn.changes)
