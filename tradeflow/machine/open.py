"""Opening a trade: who takes part, on which terms, under which process tables."""

from typing import Any

from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Open
from tradeflow.machine.refuse import refuse
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import Participant

OPENERS = frozenset({"exporter", "importer"})


def open_trade(turn: Turn, command: Open) -> Decision | Refusal:
    """A new trade with the base instance of every process. The exporter or the importer opens it."""
    if refused := begin(turn, command.trade_id, command.terms, command.participants, command.party):
        return refused
    return Decision(turn.changes)


def begin(turn: Turn, trade_id: str, terms: dict[str, Any], participants: list[Participant], party: str | None) -> Refusal | None:
    """Every process in its initial states; or why not. `party` opens it; None: the hub does."""
    for participant in participants:
        if participant.role not in catalogue().roles:
            return refuse(turn, "WRONG_RECIPIENT", f"{participant.party_id}: there is no role {participant.role}")
    roles = {p.role for p in participants if p.party_id == party}
    if party is not None and not roles & OPENERS:
        says = f"a trade is opened by its exporter or importer; {party} is {', '.join(sorted(roles)) or 'no participant'}"
        return refuse(turn, "WRONG_SENDER", says)
    turn.emit(c.Opened(trade_id, turn.machine.hash, terms, list(dict.fromkeys(participants))))
    for process in turn.machine.processes.values():
        turn.emit(c.InstanceStarted(process.id, {region.id: region.initial for region in process.regions.values()}))
    return None
