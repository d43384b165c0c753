"""Firing: a region moves, its effects run, and the signals they send are delivered until none is left."""

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine import effects
from tradeflow.machine.dispatch import Offer, match
from tradeflow.machine.tables import Region, Transition
from tradeflow.machine.turn import SIGNALS_MAX, SignalLoop, Turn

HELD_BACK = "/held_back."  # "lc/held_back.p3_expiry", a fact of the instance: the region and the event that wait


def fire(turn: Turn, offer: Offer, transition: Transition, trigger: str, message_id: str = "", sender: str = "") -> None:
    """Move the region, then run the effects of the transition, in order."""
    before = turn.state.regions[offer.key]
    target = {"same": before.state, "previous": before.previous or before.state}.get(transition.to, transition.to)
    turn.fired.append(transition.id)
    turn.emit(c.Moved(offer.key, transition.id, before.state, target, trigger, message_id, sender))
    effects.run(turn, turn.case(offer.region, offer.instance, transition), transition.effects)
    if target != before.state and target in offer.region.terminal:
        _ended(turn, offer)


def _ended(turn: Turn, offer: Offer) -> None:
    """What ends with a region: the clocks that only it would hear, and the payable it follows."""
    for key in [key for key, timer in turn.state.timers.items() if timer.region == offer.key]:
        turn.emit(c.Disarmed(key))
    payable = turn.state.payables.get(offer.instance)
    if payable is not None and payable.open:
        turn.emit(c.PayableClosed(offer.instance))


def settle(turn: Turn) -> None:
    """Deliver queued signals, first in first out; what nobody expects is recorded and dropped."""
    delivered = 0
    if not turn.queue:
        _catch_up(turn)
    while turn.queue:
        delivered += 1
        if delivered > SIGNALS_MAX:
            raise SignalLoop(
                say(
                    "more than %(SIGNALS_MAX)s signals after %(fired)s",
                    SIGNALS_MAX=SIGNALS_MAX,
                    fired=turn.fired[0] if turn.fired else "an event",
                )
            )
        key, event = turn.queue.popleft()
        if not deliver(turn, key, event):
            turn.emit(c.SignalDropped(key, event))
        if not turn.queue:
            _catch_up(turn)


def hold_back(turn: Turn, timer: str, key: str, event: str) -> None:
    """A clock ran out while the state of the trade, or of its region, kept its event from happening: it happens once that is over."""
    instance, _, name = timer.rpartition(".")
    turn.emit(c.AttributeSet(f"{instance}{HELD_BACK}{name}", [key, event]))


def _catch_up(turn: Turn) -> None:
    """The events of clocks that were held back and need be no longer. A clock that runs again has a new hour."""
    for name, held in sorted((n, v) for n, v in turn.state.attributes.items() if HELD_BACK in n and v):
        key, event = held
        if name.replace(HELD_BACK, ".") in turn.state.timers or deliver(turn, key, event):
            turn.emit(c.AttributeSet(name, None))


def waits(turn: Turn, region: Region, key: str, event: str) -> bool:
    """Whether only guards that the state of the trade decides keep an event from happening in a region."""
    state = turn.state.regions[key].state
    open_ = [t for t in region.on.get(event, ()) if state in t.source]
    return any(t.guards and all(term.word.state_only for g in t.guards for term in (*g.when, *g.any)) for t in open_)


def deliver(turn: Turn, key: str, event: str) -> bool:
    """Raise an event in one region; False if no transition took it."""
    region = turn.machine.region(key)
    if region is None or key not in turn.state.regions or event not in region.on:
        return False
    offer = Offer(region, key.partition(".")[0])
    found = match(turn, offer, event, "", "")
    if not isinstance(found, Transition):
        return False
    fire(turn, offer, found, event)
    return True
