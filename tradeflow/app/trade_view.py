"""A trade as one reader sees it: the states, documents, clocks, findings and the timeline its roles may see."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from tradeflow.app.findings import readable, shown
from tradeflow.app.sight import Sight
from tradeflow.machine import changes as c
from tradeflow.machine.tables import Machine
from tradeflow.model.trade import TradeState
from tradeflow.store import reads

Json = dict[str, Any]
_changes = msgspec.json.Decoder(list[c.AnyChange])


def trade_view(machine: Machine, state: TradeState, sight: Sight, timeline: Iterable[reads.Row]) -> Json:
    """What of the state and its events this reader sees."""
    entries = [entry for entry in state.documents.values() if sight.message(entry.message_id) is not None]
    payables = {name: payable for name, payable in state.payables.items() if sight.payable(payable.kind)}
    hidden = set(state.payables) - set(payables)
    return {
        "trade_id": state.trade_id,
        "version": state.version,
        "terms": state.terms,
        "participants": state.participants,
        "departed": state.departed,
        "regions": {key: _region(machine, state, key) for key in state.regions if _sees(sight, key, hidden)},
        "documents": entries,
        "timers": [{"timer": k, **msgspec.to_builtins(t)} for k, t in sorted(state.timers.items()) if _sees(sight, t.region, hidden)],
        "titles": {key: title for key, title in state.titles.items() if sight.region(f"{title.instance or 'transport'}.title")},
        "payables": payables,
        "tasks": [{"message": message, "region": region} for message, region in state.tasks.items() if sight.region(region)],
        "findings": [view for known in state.findings.values() if (view := shown(known, state, sight)) is not None],
        "timeline": [_event(event, state, sight, hidden) for event in timeline],
    }


def event_view(row: reads.Row, state: TradeState, sight: Sight) -> Json:
    """One event of a trade as this reader sees it, as it stands in its timeline."""
    hidden = {name for name, payable in state.payables.items() if not sight.payable(payable.kind)}
    return _event(row, state, sight, hidden)


def _sees(sight: Sight, key: str, hidden: set[str]) -> bool:
    return key.partition(".")[0] not in hidden and sight.region(key)


def _region(machine: Machine, state: TradeState, key: str) -> Json:
    instance, _, name = key.partition(".")
    region, now = machine.processes[instance.partition("#")[0]].regions[name], state.regions[key]
    return {
        "state": now.state,
        "meaning": region.states[now.state],
        "since": now.since,
        "started": now.started,
        "goal": now.state in region.goal,
        "terminal": now.state in region.terminal,
    }


def _event(row: reads.Row, state: TradeState, sight: Sight, hidden: set[str]) -> Json:
    """One event; where some of its changes are withheld it says how many, so that nobody takes it for whole."""
    said: Json = {**{k: row[k] for k in ("seq", "at", "kind", "party", "role", "message_id")}, "sha256": row["hash"].hex()}
    if sight.everything:
        return said | {"changes": msgspec.json.decode(row["body"])}
    made = _changes.decode(row["body"])
    seen = [change for change in made if _SEEN[type(change)](change, state, sight, hidden)]
    said["changes"] = [_of_reader(change, state, sight) for change in seen]
    return said | ({"withheld": len(made) - len(seen)} if len(seen) < len(made) else {})


def _of_reader(change: c.AnyChange, state: TradeState, sight: Sight) -> Any:
    """A change as the reader sees it: an instance with the regions it sees, a finding without the values it does not."""
    made = msgspec.to_builtins(change)
    if isinstance(change, c.InstanceStarted):
        made["regions"] = {name: at for name, at in change.regions.items() if sight.region(f"{change.instance}.{name}")}
    elif isinstance(change, (c.FindingRaised, c.DeviationAccepted)):
        made["finding"] = msgspec.to_builtins(readable(change.finding, state, sight))
    return made


def _region_of(get: Callable[[Any], str]) -> Callable[[Any, TradeState, Sight, set[str]], bool]:
    return lambda change, state, sight, hidden: _sees(sight, get(change), hidden)


def _document(key: str, state: TradeState, sight: Sight) -> bool:
    entry = state.documents.get(key)
    return entry is not None and sight.message(entry.message_id) is not None


def _finding(change: Any, state: TradeState, sight: Sight, hidden: set[str]) -> bool:
    return readable(change.finding, state, sight) is not None


_SEEN: dict[type, Callable[[Any, TradeState, Sight, set[str]], bool]] = {
    c.Opened: lambda change, state, sight, hidden: True,
    c.ParticipantAdded: lambda change, state, sight, hidden: True,
    c.ParticipantLeft: lambda change, state, sight, hidden: True,
    c.DeliveryRedirected: lambda change, state, sight, hidden: sight.message(change.message_id) is not None,
    c.ActedFor: lambda change, state, sight, hidden: True,
    c.Repinned: lambda change, state, sight, hidden: True,
    c.InstanceStarted: lambda change, state, sight, hidden: (
        change.instance not in hidden and sight.process(change.instance, change.regions)
    ),
    c.RegionStarted: _region_of(lambda change: change.region),
    c.Moved: _region_of(lambda change: change.region),
    c.KeysAdded: lambda change, state, sight, hidden: (
        change.instance not in hidden and sight.process_seen(change.instance.partition("#")[0])
    ),
    c.DocumentAdded: lambda change, state, sight, hidden: sight.message(change.entry.message_id) is not None,
    c.DocumentPresented: lambda change, state, sight, hidden: _document(change.document, state, sight),
    c.DocumentWithdrawn: lambda change, state, sight, hidden: _document(change.document, state, sight),
    c.Armed: _region_of(lambda change: change.region),
    c.Disarmed: lambda change, state, sight, hidden: sight.process_seen(change.timer.partition(".")[0].partition("#")[0]),
    c.TitlePassed: lambda change, state, sight, hidden: sight.region(f"{change.title.instance or 'transport'}.title"),
    c.ContainerMoved: lambda change, state, sight, hidden: sight.process_seen("transport") or sight.region("transport.equipment"),
    c.PayableCreated: lambda change, state, sight, hidden: sight.payable(change.payable.kind),
    c.PayableClosed: lambda change, state, sight, hidden: change.instance not in hidden and sight.process_seen("payment"),
    c.TaskOpened: _region_of(lambda change: change.region),
    c.TaskDone: lambda change, state, sight, hidden: True,
    c.AttributeSet: lambda change, state, sight, hidden: sight.fact(change.attribute),
    c.FindingRaised: _finding,
    c.FindingCured: lambda change, state, sight, hidden: True,
    c.DeviationAccepted: _finding,
    c.Recorded: _region_of(lambda change: change.region),
    c.SignalDropped: _region_of(lambda change: change.region),
}
