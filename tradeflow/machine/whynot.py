"""Why a message is not taken now, and what would change that."""

from collections.abc import Iterator

import msgspec

from tradeflow.language.sentences import say
from tradeflow.machine.allowed import NEVER, viewed
from tradeflow.machine.answers import GuardView
from tradeflow.machine.case import Case
from tradeflow.machine.commands import Context
from tradeflow.machine.dispatch import Miss, Offer, closest, match, needs, veto
from tradeflow.machine.gates import gate
from tradeflow.machine.route import Routes, Step, Way
from tradeflow.machine.tables import Machine, Transition
from tradeflow.machine.turn import Turn
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import TradeState


class WhyNot(msgspec.Struct, frozen=True, omit_defaults=True):
    """`taken` says that the message is taken now, under `conditions`; otherwise `code` and `because` say what a sender would read,

    and `unlock` is the shortest way to where it is taken; empty if there is none.
    """

    message: str
    role: str
    taken: bool
    code: str = ""
    because: str = ""
    blocked_by: str = ""  # sender, state, gate, guard, closed or participants
    region: str = ""
    conditions: list[GuardView] = []
    unlock: list[Step] = []


def why_not(machine: Machine, state: TradeState, message: str, role: str, context: Context) -> WhyNot:
    """What stands between a role and a message; `context` holds the documents in force."""
    kind = catalogue().message(message)
    if role not in kind.from_roles:
        says = say("a %(id)s is sent by %(from_roles)s, not by %(role)s", id=message, from_roles=" or ".join(kind.from_roles), role=role)
        return WhyNot(message, role, taken=False, code="WRONG_SENDER", because=says, blocked_by="sender")
    if not any(p.role == role for p in state.participants):
        says = say("nobody plays %(role)s in this trade", role=role)
        return WhyNot(message, role, taken=False, code="WRONG_SENDER", because=says, blocked_by="participants")
    if (closed := machine.closed(state)) and message not in closed[1]:
        says = say("%(closed)s: only %(closed2)s are still taken", closed=closed[0], closed2=", ".join(sorted(closed[1])))
        return WhyNot(message, role, taken=False, code="TERMINAL_STATE", because=says, blocked_by="closed")
    turn = Turn.begin(machine, state, context)
    ready: list[tuple[Offer, Transition]] = []
    misses: list[Miss] = []
    for offer in _offers(machine, state, message):
        found = _asked(turn, offer, message, role)
        if isinstance(found, Miss):
            misses.append(found)
        else:
            ready.append((offer, found))
    barred = veto(misses, message, machine)
    if ready and not barred:
        waits = {offer.key: text for offer, _ in ready if (text := gate(turn, offer))}
        if not waits:
            return WhyNot(message, role, taken=True, region=ready[0][0].key, conditions=_conditions(turn, ready))
        first = next(offer for offer, _ in ready if offer.key in waits)
        return WhyNot(
            message, role, taken=False, code="DEPENDENCY_OPEN", because=waits[first.key], blocked_by="gate", region=first.key,
            unlock=list(_gate_way(turn, first) or ()),
        )  # fmt: skip
    miss = barred or closest(misses)
    if miss is None:
        return WhyNot(
            message,
            role,
            taken=False,
            code="OUT_OF_ORDER",
            because=say("no process takes a %(trigger)s here", trigger=message),
            blocked_by="state",
        )
    blocked = {"WRONG_SENDER": "sender", "GUARD_FAILED": "guard"}.get(miss.rank, "state")
    way = list(_way(turn, message, role, [miss.key]) or (() if barred else _way(turn, message, role, [m.key for m in misses]) or ()))
    return WhyNot(message, role, taken=False, code=miss.code, because=miss.detail, blocked_by=blocked, region=miss.key, unlock=way)


def _offers(machine: Machine, state: TradeState, message: str) -> Iterator[Offer]:
    """Every region that names the message, in every instance there is; in the base one where there is none yet."""
    for region in machine.on.get(message, ()):
        keys = [k for k in state.regions if k.partition(".")[2] == region.id and k.partition(".")[0].partition("#")[0] == region.process]
        for key in keys or [f"{region.process}.{region.id}"]:
            yield Offer(region, key.partition(".")[0], fresh=key not in state.regions)


def _asked(turn: Turn, offer: Offer, message: str, role: str) -> Transition | Miss:
    """A transition that nothing known forbids, else how close the region comes: only what the state alone decides is judged."""
    at = offer.region.initial if offer.fresh else turn.state.regions[offer.key].state
    rows = [t for t in offer.region.on[message] if at in t.source and role in t.by]
    if not rows:
        return match(turn, offer, message, "9", role)
    failed: Miss | None = None
    for transition in rows:
        wrong = next((v for v in _views(turn, offer, transition) if v.holds is False), None)
        if wrong is None:
            return transition
        error = turn.machine.guards[wrong.guard].error
        detail = needs(message, offer.key, wrong.text, wrong.because)
        failed = failed or Miss("GUARD_FAILED", error, detail, offer.key)
    assert failed is not None
    return failed


def _views(turn: Turn, offer: Offer, transition: Transition) -> list[GuardView]:
    actors = frozenset(p.party_id for p in turn.state.participants if p.role in transition.by)
    case = Case(turn.machine, turn.state, NEVER, offer.region, offer.instance, transition=transition, actors=actors)
    return [viewed(guard, case) for guard in transition.guards]


def _conditions(turn: Turn, ready: list[tuple[Offer, Transition]]) -> list[GuardView]:
    found = [view for offer, transition in ready for view in _views(turn, offer, transition)]
    return list({view.guard: view for view in found}.values())


def _gate_way(turn: Turn, offer: Offer) -> Way | None:
    """The way that opens the gate in front of a region."""
    for edge in turn.machine.edges:
        if edge.gate == f"{offer.region.process}.{offer.region.id}" and edge.kind == "hard":
            main = next(iter(turn.machine.processes[edge.source].regions.values()))
            if turn.state.state_of(f"{edge.source}.{main.id}") not in main.goal:
                return Routes(turn.machine, turn.state, turn.context.docs).to_state(f"{edge.source}.{main.id}", main.goal)
    return None


def _way(turn: Turn, message: str, role: str, keys: list[str]) -> Way | None:
    """The shortest way to a state in which one of these regions takes the message from this role."""
    routes, best = Routes(turn.machine, turn.state, turn.context.docs), None
    for key in keys:
        region = turn.machine.region(key)
        for transition in region.on[message] if region else ():
            if role not in transition.by:
                continue
            way = routes.to_fire(key, transition)
            if way and (best is None or len(way) < len(best)):
                best = way
    return best
