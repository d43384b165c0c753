"""Offering a message or an event to a region: which transition fires, or how close it came."""

from collections.abc import Iterable
from dataclasses import dataclass

from tradeflow.language.sentences import say
from tradeflow.machine.tables import Guard, Machine, Region, Transition
from tradeflow.machine.turn import Turn, begins, holds
from tradeflow.machine.words import Verdict
from tradeflow.model.finding import Finding

CLOSENESS = ("GUARD_FAILED", "OUT_OF_ORDER", "TERMINAL_STATE", "WRONG_SENDER")


@dataclass(frozen=True, slots=True)
class Offer:
    """A region of one instance that is asked. `fresh` instances do not exist yet: they are in their initial states."""

    region: Region
    instance: str
    fresh: bool = False

    @property
    def key(self) -> str:
        return f"{self.instance}.{self.region.id}"


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a region did not fire. `rank` orders by closeness to firing; `code` is what the sender is told."""

    rank: str
    code: str
    detail: str
    key: str
    findings: tuple[Finding, ...] = ()


def match(turn: Turn, offer: Offer, trigger: str, function: str, role: str) -> Transition | Miss:
    """The first transition of the region that this trigger, from this role, fires now; else how close it came."""
    region = offer.region
    state = begins(turn.machine, turn.state, offer.instance, region) if offer.fresh else turn.state.regions[offer.key].state
    senders: set[str] = set()
    failed: tuple[tuple[int, int], Transition, Verdict] | None = None
    for transition in region.on[trigger]:
        if state not in transition.source or (transition.messages and function not in transition.functions):
            continue
        if transition.messages and role not in transition.by:
            senders |= transition.by
            continue
        held, verdict = _guards(turn, offer, transition)
        if verdict is None:
            return transition
        if failed is None or held >= failed[0]:
            failed = (held, transition, verdict)
    if failed is not None:
        return _guard_miss(offer, trigger, failed[1].guards[failed[0][0]], failed[2])
    return _order_miss(offer, trigger, state, function, role, senders)


def _guards(turn: Turn, offer: Offer, transition: Transition) -> tuple[tuple[int, int], Verdict | None]:
    """How many leading guards hold, and words of the first that does not; and its verdict (None: all hold)."""
    if not transition.guards:
        return (0, 0), None
    case = turn.case(offer.region, offer.instance, transition)
    for held, guard in enumerate(transition.guards):
        verdict = holds(guard, case)
        if not verdict.holds:
            words = next((n for n, term in enumerate(guard.when) if not term.holds(case).holds), 0)
            return (held, words), verdict
    return (len(transition.guards), 0), None


def _guard_miss(offer: Offer, trigger: str, guard: Guard, verdict: Verdict) -> Miss:
    detail = needs(trigger, offer.key, guard.text, verdict.because, verdict.unlock)
    return Miss("GUARD_FAILED", guard.error, detail, offer.key, verdict.findings)


def needs(trigger: str, key: str, needed: str, because: str, unlock: str = "") -> str:
    """What a guard asks, what is so now, and what to do, where the guard knows."""
    if not unlock:
        return say("%(trigger)s in %(key)s needs: %(needed)s. Now: %(because)s.", trigger=trigger, key=key, needed=needed, because=because)
    return say(
        "%(trigger)s in %(key)s needs: %(needed)s. Now: %(because)s. To go on: %(unlock)s.",
        trigger=trigger,
        key=key,
        needed=needed,
        because=because,
        unlock=unlock,
    )


def _order_miss(offer: Offer, trigger: str, state: str, function: str, role: str, senders: Iterable[str]) -> Miss:
    region = offer.region
    where = say("%(key)s is %(state)s (%(meaning)s)", key=offer.key, state=state, meaning=region.states[state])
    if allowed := sorted(senders):
        return Miss(
            "WRONG_SENDER",
            "WRONG_SENDER",
            say(
                "%(where)s: %(trigger)s is then sent by %(allowed)s, not by %(role)s",
                where=where,
                trigger=trigger,
                allowed=" or ".join(allowed),
                role=role,
            ),
            offer.key,
        )
    rank = "TERMINAL_STATE" if state in region.terminal else "OUT_OF_ORDER"
    reason = region.reason(state, trigger) if function in ("9", "") else None
    if function in ("9", ""):
        said = say("%(where)s: %(trigger)s is not accepted", where=where, trigger=trigger)
    else:
        said = say("%(where)s: %(trigger)s with function %(function)s is not accepted", where=where, trigger=trigger, function=function)
    if reason is not None:
        return Miss(rank, reason.error or rank, say("%(said)s, because %(because)s", said=said, because=reason.because), offer.key)
    return Miss(rank, rank, said, offer.key)


def veto(misses: Iterable[Miss], trigger: str, machine: Machine) -> Miss | None:
    """The miss that refuses the message although another region would take it.

    A guard with an error of its own failed (no VGM, no licence, not the holder), any guard of a region that insists on its guards for
    such messages, or a region that alone decides on them did not take it.
    """
    for miss in misses:
        region = machine.region(miss.key)
        decides, insists = (trigger in region.decides, trigger in region.insists) if region else (False, False)
        if decides or (miss.rank == "GUARD_FAILED" and (insists or miss.code != miss.rank)):
            return miss
    return None


def closest(misses: Iterable[Miss]) -> Miss | None:
    """The miss closest to firing; among equals the first that names a reason of its own, else the first."""
    ranked = sorted(misses, key=lambda m: (CLOSENESS.index(m.rank), m.code == m.rank))
    return ranked[0] if ranked else None
