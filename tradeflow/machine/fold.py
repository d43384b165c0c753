"""state = fold(changes): the only place where a TradeState comes from."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tradeflow.machine import changes as c
from tradeflow.model.trade import Consent, Departure, Deviation, OpenFinding, RegionState, TimerState, TradeState


def fold(state: TradeState, changes: Iterable[c.AnyChange], at: datetime) -> TradeState:
    """The state after one command's changes; the given state is left as it was. Adds 1 to the version."""
    after = scratch(state)
    for change in changes:
        apply(after, change, at)
    after.version += 1
    return after


def scratch(state: TradeState) -> TradeState:
    """A copy whose containers may be changed; what they hold is replaced, never changed in place."""
    return TradeState(
        trade_id=state.trade_id,
        version=state.version,
        machine=state.machine,
        terms=dict(state.terms),
        participants=list(state.participants),
        regions=dict(state.regions),
        documents=dict(state.documents),
        timers=dict(state.timers),
        titles=dict(state.titles),
        payables=dict(state.payables),
        keys=dict(state.keys),
        tasks=dict(state.tasks),
        attributes=dict(state.attributes),
        containers=dict(state.containers),
        findings=dict(state.findings),
        deviations=dict(state.deviations),
        departed=list(state.departed),
    )


def apply(state: TradeState, change: c.AnyChange, at: datetime) -> None:
    """Apply one change to a scratch state, in place."""
    if handler := _HANDLERS.get(type(change)):
        handler(state, change, at)


def _opened(state: TradeState, change: c.Opened, at: datetime) -> None:
    state.trade_id, state.machine = change.trade_id, change.machine
    state.terms, state.participants = dict(change.terms), list(change.participants)


def _participant_added(state: TradeState, change: c.ParticipantAdded, at: datetime) -> None:
    state.participants = [*state.participants, change.participant]


def _participant_left(state: TradeState, change: c.ParticipantLeft, at: datetime) -> None:
    gone = change.participant
    state.participants = [p for p in state.participants if p != gone]
    state.departed = [*state.departed, Departure(gone.party_id, gone.role, at, change.successor)]


def _repinned(state: TradeState, change: c.Repinned, at: datetime) -> None:
    state.machine = change.machine
    for region, (now, previous) in change.regions.items():
        state.regions[region] = replace(state.regions[region], state=now, previous=previous)


def _instance_started(state: TradeState, change: c.InstanceStarted, at: datetime) -> None:
    for region, initial in change.regions.items():
        state.regions[f"{change.instance}.{region}"] = RegionState(initial, since=at)


def _region_started(state: TradeState, change: c.RegionStarted, at: datetime) -> None:
    state.regions[change.region] = replace(state.regions[change.region], started=True)


def _moved(state: TradeState, change: c.Moved, at: datetime) -> None:
    before = state.regions[change.region]
    moved = change.target != change.source
    state.regions[change.region] = RegionState(
        state=change.target,
        previous=change.source if moved else before.previous,
        since=at if moved else before.since,
        started=before.started or moved or bool(change.message_id),
        last_message=change.message_id or before.last_message,
        last_type=change.trigger if change.message_id else before.last_type,
        last_sender=change.sender or before.last_sender,
    )


def _keys_added(state: TradeState, change: c.KeysAdded, at: datetime) -> None:
    state.keys[change.instance] = [*state.keys.get(change.instance, ()), *change.keys]


def _document_added(state: TradeState, change: c.DocumentAdded, at: datetime) -> None:
    state.documents[f"{change.entry.type}:{change.entry.number}"] = change.entry


def _document_presented(state: TradeState, change: c.DocumentPresented, at: datetime) -> None:
    state.documents[change.document] = replace(state.documents[change.document], presented=change.presented)


def _document_withdrawn(state: TradeState, change: c.DocumentWithdrawn, at: datetime) -> None:
    state.documents[change.document] = replace(state.documents[change.document], withdrawn=True)


def _armed(state: TradeState, change: c.Armed, at: datetime) -> None:
    state.timers[change.timer] = TimerState(change.region, change.event, at, change.due_at, change.why)


def _disarmed(state: TradeState, change: c.Disarmed, at: datetime) -> None:
    state.timers.pop(change.timer, None)


def _title_passed(state: TradeState, change: c.TitlePassed, at: datetime) -> None:
    state.titles[change.title.document] = change.title


def _container_moved(state: TradeState, change: c.ContainerMoved, at: datetime) -> None:
    state.containers[change.container] = change.verb


def _payable_created(state: TradeState, change: c.PayableCreated, at: datetime) -> None:
    state.payables[change.payable.instance] = change.payable


def _payable_closed(state: TradeState, change: c.PayableClosed, at: datetime) -> None:
    state.payables[change.instance] = replace(state.payables[change.instance], open=False)


def _task_opened(state: TradeState, change: c.TaskOpened, at: datetime) -> None:
    state.tasks[change.message] = change.region


def _task_done(state: TradeState, change: c.TaskDone, at: datetime) -> None:
    state.tasks.pop(change.message, None)


def _attribute_set(state: TradeState, change: c.AttributeSet, at: datetime) -> None:
    state.attributes[change.attribute] = change.value


def _finding_raised(state: TradeState, change: c.FindingRaised, at: datetime) -> None:
    state.findings.pop(change.replaces, None)
    state.findings[change.finding.id] = OpenFinding(change.finding, change.documents, at, change.message_id)


def _finding_cured(state: TradeState, change: c.FindingCured, at: datetime) -> None:
    state.findings.pop(change.finding, None)


def _deviation_accepted(state: TradeState, change: c.DeviationAccepted, at: datetime) -> None:
    before = state.deviations.get(change.finding.id)
    consents = [*(before.consents if before else ()), Consent(change.party, change.role, at, change.note)]
    state.deviations[change.finding.id] = Deviation(change.finding, change.needs, consents)


_HANDLERS: dict[type, Callable[[TradeState, Any, datetime], None]] = {
    c.Opened: _opened,
    c.ParticipantAdded: _participant_added,
    c.ParticipantLeft: _participant_left,
    c.Repinned: _repinned,
    c.InstanceStarted: _instance_started,
    c.RegionStarted: _region_started,
    c.Moved: _moved,
    c.KeysAdded: _keys_added,
    c.DocumentAdded: _document_added,
    c.DocumentPresented: _document_presented,
    c.DocumentWithdrawn: _document_withdrawn,
    c.Armed: _armed,
    c.Disarmed: _disarmed,
    c.TitlePassed: _title_passed,
    c.ContainerMoved: _container_moved,
    c.PayableCreated: _payable_created,
    c.PayableClosed: _payable_closed,
    c.TaskOpened: _task_opened,
    c.TaskDone: _task_done,
    c.AttributeSet: _attribute_set,
    c.FindingRaised: _finding_raised,
    c.FindingCured: _finding_cured,
    c.DeviationAccepted: _deviation_accepted,
}  # ActedFor, DeliveryRedirected, Recorded and SignalDropped are for the audit trail and change nothing
