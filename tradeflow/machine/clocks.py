"""A running clock explains itself: its rule, its last day where that counts, the days left out, what happens then, who can stop it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from tradeflow.machine.calendars import closed_days
from tradeflow.machine.case import Case
from tradeflow.machine.tables import Machine, Timer, Transition
from tradeflow.machine.timers import place_of
from tradeflow.model.document import DocumentSet
from tradeflow.model.trade import TimerState, TradeState


class ClosedDay(msgspec.Struct, frozen=True):
    """A day that does not count, and why."""

    day: date
    name: str


class Then(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """What the event of a clock does in the region that hears it."""

    source: str
    target: str
    meaning: str


class Stop(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message or an event that stops a clock from where its region stands."""

    by: tuple[str, ...]
    region: str
    message: str = ""
    event: str = ""


class RunningClock(msgspec.Struct, frozen=True):
    """`last_day` is the day that must end where it counts (`utc_offset`) for the clock to run out; `then` is empty for a reminder."""

    timer: str
    region: str
    event: str
    armed_at: datetime
    due_at: datetime
    why: str
    rule: str
    reminds: bool
    last_day: date
    utc_offset: str
    calendar: str
    country: str
    closed_days: list[ClosedDay]
    then: list[Then]
    stopped_by: list[Stop]


def clock(machine: Machine, state: TradeState, key: str, docs: DocumentSet) -> RunningClock:
    """Everything about one running clock of a trade."""
    running, (instance, _, name) = state.timers[key], key.partition(".")
    timer = machine.timers[name]
    last = (running.due_at - timedelta(microseconds=1)).date()
    country = _country(machine, state, timer, running, docs)
    closed = closed_days(running.armed_at.astimezone(running.due_at.tzinfo).date(), last, country) if _counts(timer) else []
    return RunningClock(
        timer=key,
        region=running.region,
        event=running.event,
        armed_at=running.armed_at,
        due_at=running.due_at,
        why=running.why,
        rule=timer.rule,
        reminds=timer.reminds,
        last_day=last,
        utc_offset=running.due_at.strftime("%z"),
        calendar=timer.due.unit,
        country=country,
        closed_days=[ClosedDay(day, name) for day, name in closed],
        then=[] if timer.reminds else list(_then(machine, state, running)),
        stopped_by=list(_stops(machine, state, instance, timer)),
    )


def _counts(timer: Timer) -> bool:
    """Whether days on which offices are closed change when the clock runs out."""
    return timer.due.unit != "CALENDAR" or timer.due.roll


def _country(machine: Machine, state: TradeState, timer: Timer, running: TimerState, docs: DocumentSet) -> str:
    region = machine.region(running.region)
    if region is None:
        return ""
    case = Case(machine, state, running.armed_at, region, running.region.partition(".")[0], docs=docs)
    return place_of(timer.due, case)


def _then(machine: Machine, state: TradeState, running: TimerState) -> Iterator[Then]:
    region = machine.region(running.region)
    here = state.regions.get(running.region)
    at = here.state if here else region.initial if region else ""
    for transition in region.on.get(running.event, ()) if region else ():
        if region and at in transition.source:
            to = at if transition.to == "same" else here.previous if transition.to == "previous" and here else transition.to
            yield Then(at, to, region.states.get(to, ""))


def _stops(machine: Machine, state: TradeState, instance: str, timer: Timer) -> Iterator[Stop]:
    """What disarms the clock, from where its own regions and those that share its instance stand."""
    for process in machine.processes.values():
        suffix = instance.partition("#")[2]
        own = f"{process.id}#{suffix}" if suffix and any(k.startswith(f"{process.id}#{suffix}.") for k in state.regions) else process.id
        for region in process.regions.values():
            here = state.regions.get(f"{own}.{region.id}")
            at = here.state if here else region.initial
            for transition in region.open.get(at, ()):
                if any(effect.verb == "disarm" and effect.args[0] == timer.id for effect in transition.effects):
                    yield from _stop(machine, transition, f"{own}.{region.id}")


def _stop(machine: Machine, transition: Transition, key: str) -> Iterator[Stop]:
    if transition.event:
        by = tuple(transition.decided_by or machine.events[transition.event].by) or ("platform",)
        yield Stop(by, key, event=transition.event)
    for message in transition.messages:
        yield Stop(tuple(sorted(transition.by)), key, message=message)
