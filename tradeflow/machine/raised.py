"""Events from outside the machine: clocks that ran out, what a person decides, what is reported."""

from tradeflow.language.sentences import say
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Notice, Refusal
from tradeflow.machine.commands import Raise
from tradeflow.machine.dispatch import Miss, Offer, match
from tradeflow.machine.refuse import refuse
from tradeflow.machine.settle import fire, hold_back, settle, waits
from tradeflow.machine.tables import Timer, Transition
from tradeflow.machine.timers import due_at
from tradeflow.machine.turn import Turn, begins, instances


def raise_event(turn: Turn, command: Raise) -> Decision | Refusal:
    """Fire the transition of the region that expects the event.

    The hub's own events (no party) never fail: what nobody expects is recorded and dropped. A party is told why not.
    """
    turn.raised = command
    if not command.party:
        return _own(turn, command)
    event = turn.machine.events.get(command.event)
    if event is None:
        return refuse(turn, "CORRELATION_NOT_FOUND", say("there is no event %(event)s", event=command.event))
    if command.role != "platform" and command.role not in turn.state.roles_of(command.party):
        return refuse(turn, "WRONG_SENDER", say("%(party)s is not %(role)s in this trade", party=command.party, role=command.role))
    offer = _offer(turn, command)
    if isinstance(offer, Refusal):
        return offer
    found = match(turn, offer, command.event, "", "") if command.event in offer.region.on else None
    if not isinstance(found, Transition):
        detail = found.detail if found else say("%(key)s knows no event %(event)s", key=offer.key, event=command.event)
        return refuse(turn, found.code if found else "OUT_OF_ORDER", detail, findings=found.findings if found else ())
    deciders = found.decided_by or event.by
    if command.role != "platform" and command.role not in deciders:
        says = say(
            "%(event)s is for %(names)s to report, not for %(role)s",
            event=command.event,
            names=" or ".join([*deciders, "the platform"]),
            role=command.role,
        )
        return refuse(turn, "WRONG_SENDER", says)
    return _fired(turn, offer, found, command)


def _fired(turn: Turn, offer: Offer, transition: Transition, command: Raise) -> Decision:
    if offer.fresh:
        process = turn.machine.processes[offer.region.process]
        regions = process.regions.values()
        turn.emit(c.InstanceStarted(offer.instance, {r.id: begins(turn.machine, turn.state, offer.instance, r) for r in regions}))
    if command.note:
        turn.emit(c.Recorded(offer.key, command.note))
    fire(turn, offer, transition, command.event)
    settle(turn)
    return Decision(turn.changes, turn.notices, turn.fired)


def _offer(turn: Turn, command: Raise) -> Offer | Refusal:
    if command.region:
        region = turn.machine.region(command.region)
        if region is None:
            return refuse(turn, "CORRELATION_NOT_FOUND", say("there is no region %(region)s", region=command.region))
        return Offer(region, command.region.partition(".")[0], command.region not in turn.state.regions)
    waiting, asked = [], []
    for region in turn.machine.on.get(command.event, ()):
        for instance in instances(turn.state, region.process):
            offer = Offer(region, instance)
            asked.append(offer)
            if any(turn.state.regions[offer.key].state in t.source for t in region.on[command.event]):
                waiting.append(offer)
    if len(waiting) > 1:
        found = [o.key for o in waiting]
        return refuse(
            turn,
            "CORRELATION_AMBIGUOUS",
            say("%(event)s fits %(found)s: name one as region", event=command.event, found=" and ".join(found)),
            found,
        )
    if not asked:
        return refuse(turn, "OUT_OF_ORDER", say("nothing in this trade waits for %(event)s", event=command.event))
    return (waiting or asked)[0]


def _own(turn: Turn, command: Raise) -> Decision:
    """A clock that ran out, or a signal of the hub. A clock that was stopped or is not due yet does nothing."""
    key = next((k for k, t in turn.state.timers.items() if t.region == command.region and t.event == command.event), "")
    timer = turn.machine.timers.get(key.rpartition(".")[2]) if key else None
    source = turn.machine.events.get(command.event)
    if timer is not None and turn.state.timers[key].due_at > turn.context.now:
        return _dropped(turn, command)
    if timer is None and (source is None or source.source == "timer"):
        return _dropped(turn, command)
    if timer is not None:
        turn.emit(c.Disarmed(key))
        if timer.reminds:
            return _reminded(turn, timer, key, command)
    region = turn.machine.region(command.region)
    if region is None or command.region not in turn.state.regions or command.event not in region.on:
        return _dropped(turn, command)
    offer = Offer(region, command.region.partition(".")[0])
    found = match(turn, offer, command.event, "", "")
    if isinstance(found, Miss):
        here = turn.state.regions[command.region].state
        if timer is not None and (here in timer.kept_in or waits(turn, region, command.region, command.event)):
            hold_back(turn, key, command.region, command.event)
        return _dropped(turn, command)
    return _fired(turn, offer, found, command)


def _dropped(turn: Turn, command: Raise) -> Decision:
    turn.emit(c.SignalDropped(command.region, command.event))
    return Decision(turn.changes)


def _reminded(turn: Turn, timer: Timer, key: str, command: Raise) -> Decision:
    """Tell everybody who has something to do with the region, and arm the next reminder if there is one."""
    region = turn.machine.processes[timer.process].regions[timer.owner]
    instance = key.partition(".")[0]
    turn.emit(c.Recorded(command.region, f"{timer.id}: {timer.text}"))
    for role in sorted({r for t in region.open[turn.state.regions[command.region].state] for r in t.by}):
        if turn.state.parties_with(role):
            turn.notices.append(Notice(role, f"{region.states[turn.state.regions[command.region].state]}: {timer.text}", [command.region]))
    if timer.due.remind and (due := due_at(timer.due, turn.case(region, instance))):
        turn.emit(c.Armed(key, command.region, timer.fires, *due))
    return Decision(turn.changes, turn.notices)
