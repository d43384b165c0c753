"""Opening a trade: who takes part, on which terms, under which process tables."""

from typing import Any

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Notice, Refusal
from tradeflow.machine.commands import Join, Open
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


def join(turn: Turn, command: Join) -> Decision | Refusal:
    """One more participant. Neither contract party gets a second one beside it: whoever plays that role sees the whole trade."""
    joining, state = command.participant, turn.state
    if not state.roles_of(command.party) & OPENERS:
        return refuse(
            turn, "WRONG_SENDER", say("the exporter or the importer says who else takes part, not %(party)s", party=command.party)
        )
    if joining.role not in catalogue().roles:
        return refuse(turn, "WRONG_RECIPIENT", say("there is no role %(role)s", role=joining.role))
    if joining in state.participants:
        return refuse(
            turn, "OUT_OF_ORDER", say("%(party_id)s is %(role)s in this trade already", party_id=joining.party_id, role=joining.role)
        )
    if joining.role in OPENERS and state.parties_with(joining.role):
        return refuse(turn, "OUT_OF_ORDER", say("this trade has its %(role)s", role=joining.role))
    if closed := turn.machine.closed(state):
        return refuse(turn, "TERMINAL_STATE", say("%(closed)s: nobody joins any more", closed=closed[0]))
    turn.emit(c.ParticipantAdded(joining, command.invitation, command.accepted_by))
    told = Notice(
        joining.role,
        say("%(party_id)s takes part in this trade as %(role)s", party_id=joining.party_id, role=joining.role),
        party=joining.party_id,
    )
    return Decision(turn.changes, [told])


def begin(turn: Turn, trade_id: str, terms: dict[str, Any], participants: list[Participant], party: str | None) -> Refusal | None:
    """Every process in its initial states; or why not. `party` opens it; None: the hub does."""
    for participant in participants:
        if participant.role not in catalogue().roles:
            return refuse(
                turn,
                "WRONG_RECIPIENT",
                say("%(party_id)s: there is no role %(role)s", party_id=participant.party_id, role=participant.role),
            )
    roles = {p.role for p in participants if p.party_id == party}
    if party is not None and not roles & OPENERS:
        says = say(
            "a trade is opened by its exporter or importer; %(party)s is %(roles)s",
            party=party,
            roles=", ".join(sorted(roles)) or "no participant",
        )
        return refuse(turn, "WRONG_SENDER", says)
    turn.emit(c.Opened(trade_id, turn.machine.hash, terms, list(dict.fromkeys(participants))))
    for process in turn.machine.processes.values():
        turn.emit(c.InstanceStarted(process.id, {region.id: region.initial for region in process.regions.values()}))
    return None
