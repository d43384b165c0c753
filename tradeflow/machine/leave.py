"""Leaving a trade: who may, what a party has to see to first, and what becomes of what could not reach it."""

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Notice, Refusal
from tradeflow.machine.case import SPENT
from tradeflow.machine.commands import Leave, Redirect
from tradeflow.machine.open import OPENERS
from tradeflow.machine.refuse import refuse
from tradeflow.machine.tables import Machine
from tradeflow.machine.turn import Turn
from tradeflow.model.trade import Participant, TradeState


def leave(turn: Turn, command: Leave) -> Decision | Refusal:
    """A party gives up a role. Whoever is in the middle of a process, or is exporter or importer, leaves only to a successor."""
    leaving, state = command.participant, turn.state
    if refused := _who(turn, command) or _heir(turn, command):
        return refused
    if not state.roles_of(leaving.party_id) - {leaving.role} and (bills := _bills(state, leaving.party_id)):
        says = say(
            "%(party_id)s controls %(bills)s: it passes the title on before it leaves", party_id=leaving.party_id, bills=", ".join(bills)
        )
        return refuse(turn, "TITLE_CONFLICT", says)
    others = [party for party in state.parties_with(leaving.role) if party != leaving.party_id]
    owes = (
        [say("this trade has its %(role)s", role=leaving.role)] if leaving.role in OPENERS else busy_in(turn.machine, state, leaving.role)
    )
    if owes and not (command.successor or others):
        says = say(
            "%(owes)s: another party takes over as %(role)s before %(party_id)s leaves",
            owes="; ".join(owes),
            role=leaving.role,
            party_id=leaving.party_id,
        )
        return refuse(turn, "DEPENDENCY_OPEN", says, [p.party_id for p in state.participants if p.party_id != leaving.party_id])
    turn.emit(c.ParticipantLeft(leaving, command.successor, command.note))
    takes_over = Participant(command.successor, leaving.role)
    if command.successor and takes_over not in state.participants:
        turn.emit(c.ParticipantAdded(takes_over))
    return Decision(turn.changes, _told(state, command))


def redirect(turn: Turn, command: Redirect) -> Decision | Refusal:
    """What becomes of a message that waits for a party that left; another party in the same role may get it."""
    role = command.participant.role
    if command.way == "handed_over" and role not in turn.state.roles_of(command.to):
        says = say(
            "%(to)s is not %(role)s in this trade: a message goes to whoever plays the role it was sent to", to=command.to, role=role
        )
        return refuse(turn, "WRONG_RECIPIENT", says, turn.state.parties_with(role))
    turn.emit(c.DeliveryRedirected(command.delivery_id, command.message_id, command.participant, command.way, command.to, command.note))
    return Decision(turn.changes)


def busy_in(machine: Machine, state: TradeState, role: str) -> list[str]:
    """Why a role cannot stay empty: each process that it has sent a document into, and that is not over yet.

    Nobody is bound by what is only hoped for: a partner that has sent nothing yet may go.
    """
    found: list[str] = []
    if machine.closed(state):
        return found
    for instance in dict.fromkeys(entry.instance for entry in state.standing if entry.role == role and entry.instance):
        for key, now in state.regions.items():
            region = machine.region(key)
            if key.partition(".")[0] == instance and region and now.started and now.state not in region.terminal:
                found.append(say("%(role)s takes part in %(key)s, which is %(state)s", role=role, key=key, state=now.state))
                break
    return found


def _who(turn: Turn, command: Leave) -> Refusal | None:
    leaving, state = command.participant, turn.state
    owner = bool(state.roles_of(command.party) & OPENERS)
    if leaving not in state.participants:
        return refuse(turn, "OUT_OF_ORDER", say("%(party_id)s is not %(role)s in this trade", party_id=leaving.party_id, role=leaving.role))
    if command.party != leaving.party_id and not (owner and leaving.role not in OPENERS):
        says = "a party leaves by itself; the exporter and the importer may have any other party leave, but not each other"
        return refuse(turn, "WRONG_SENDER", says)
    if command.successor and not owner:
        says = "the exporter or the importer says who else takes part: one of them adds your successor first"
        return refuse(turn, "WRONG_SENDER", says)
    return None


def _heir(turn: Turn, command: Leave) -> Refusal | None:
    leaving, state, heir = command.participant, turn.state, command.successor
    if not heir:
        return None
    if heir == leaving.party_id:
        return refuse(turn, "OUT_OF_ORDER", say("%(heir)s cannot take over from itself", heir=heir))
    if leaving.role in OPENERS and state.roles_of(heir) & OPENERS:
        return refuse(turn, "OUT_OF_ORDER", say("%(heir)s is the other side of this trade", heir=heir))
    if heir not in state.parties_with(leaving.role) and (closed := turn.machine.closed(state)):
        return refuse(turn, "TERMINAL_STATE", say("%(closed)s: nobody joins any more", closed=closed[0]))
    return None


def _bills(state: TradeState, party: str) -> list[str]:
    return [t.document for t in state.titles.values() if t.status not in SPENT and party in (t.holder, t.order_party, t.presenter)]


def _told(state: TradeState, command: Leave) -> list[Notice]:
    """The owners of the trade, whoever left, and whoever takes over."""
    leaving, heir = command.participant, command.successor
    who: dict[str, str] = {"party_id": leaving.party_id, "role": leaving.role}
    says = say("%(party_id)s takes part no longer as %(role)s", **who)
    if heir:
        says = say("%(party_id)s takes part no longer as %(role)s; %(heir)s takes over", heir=heir, **who)
    owners = [Notice(p.role, says, party=p.party_id) for p in state.participants if p.role in OPENERS and p != leaving]
    ends = Notice(leaving.role, say("%(says)s. What reached your inbox stays yours.", says=says), party=leaving.party_id)
    begins = (
        [
            Notice(
                leaving.role,
                say(
                    "%(heir)s takes part in this trade as %(role)s, after %(party_id)s",
                    heir=heir,
                    role=leaving.role,
                    party_id=leaving.party_id,
                ),
                party=heir,
            )
        ]
        if heir
        else []
    )
    return [*owners, ends, *begins]
