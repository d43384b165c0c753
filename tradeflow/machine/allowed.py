"""What would be accepted now, from whom, and under which conditions."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from tradeflow.language.sentences import say
from tradeflow.machine.answers import Allowed, GuardView
from tradeflow.machine.case import Case
from tradeflow.machine.tables import Guard, Machine, Region, Transition
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import TradeState

NEVER = datetime.max.replace(tzinfo=UTC)


def allowed(machine: Machine, state: TradeState, roles: AbstractSet[str]) -> list[Allowed]:
    """Every message these roles may send, and every event they may raise, that some live region takes now.

    Transitions on the same trigger and function are one entry; where the state of the trade alone decides that one of them
    cannot fire, it is left out, unless none is left: then the entry stays and says why not.
    """
    found: list[Allowed] = []
    closed = machine.closed(state)
    for key, here in state.regions.items():
        region = machine.region(key)
        if region is None or here.state in region.terminal:
            continue
        instance = key.partition(".")[0]
        for (trigger, function), rows in _groups(machine, region, here.state, roles).items():
            if closed and trigger not in closed[1] and trigger not in machine.events:
                continue
            found.append(_entry(machine, state, roles, region, instance, trigger, function, rows))
    return found


def _groups(
    machine: Machine, region: Region, state: str, roles: AbstractSet[str]
) -> dict[tuple[str, tuple[str, ...]], list[tuple[Transition, list[str]]]]:
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[Transition, list[str]]]] = {}
    for transition in region.open[state]:
        for trigger, by in _senders(machine, transition, roles):
            groups.setdefault((trigger, transition.functions if transition.messages else ()), []).append((transition, by))
    return groups


def _senders(machine: Machine, transition: Transition, roles: AbstractSet[str]) -> Iterator[tuple[str, list[str]]]:
    if transition.event:
        event = machine.events[transition.event]
        deciders = {*(transition.decided_by or event.by), "platform"}
        if by := sorted(deciders & roles):
            yield transition.event, by
        return
    mine = transition.by & roles
    if mine:
        for message in transition.messages:
            if by := sorted(mine & set(catalogue().message(message).from_roles)):
                yield message, by


def _entry(
    machine: Machine,
    state: TradeState,
    roles: AbstractSet[str],
    region: Region,
    instance: str,
    trigger: str,
    function: tuple[str, ...],
    rows: list[tuple[Transition, list[str]]],
) -> Allowed:
    here = state.regions[f"{instance}.{region.id}"]
    judged = []
    for transition, by in rows:
        actors = frozenset(p.party_id for p in state.participants if p.role in by)
        case = Case(machine, state, NEVER, region, instance, transition=transition, actors=actors)
        judged.append((transition, by, [viewed(guard, case) for guard in transition.guards]))
    waits = _waits(machine, state, region, f"{instance}.{region.id}")
    possible = [row for row in judged if all(view.holds is not False for view in row[2])] or judged
    targets = [{"same": here.state, "previous": here.previous or here.state}.get(t.to, t.to) for t, _, _ in possible]
    return Allowed(
        region=f"{instance}.{region.id}",
        instance=instance,
        by=sorted({role for _, by, _ in possible for role in by}),
        to=list(dict.fromkeys(targets)),
        message="" if possible[0][0].event else trigger,
        event=trigger if possible[0][0].event else "",
        function=list(function),
        guards=list({view.guard: view for _, _, views in possible for view in (*waits, *views)}.values()),
    )


def _waits(machine: Machine, state: TradeState, region: Region, key: str) -> list[GuardView]:
    """The dependencies that still hold a region back; whether one applies to this trade may be for documents to say."""
    here = state.regions[key]
    if here.last_message or here.state != region.initial:
        return []
    found = []
    for edge in machine.edges:
        if edge.gate == f"{region.process}.{region.id}" and edge.kind == "hard":
            main = next(iter(machine.processes[edge.source].regions.values()))
            before = state.state_of(f"{edge.source}.{main.id}")
            if before not in main.goal:
                said = say("%(source)s.%(id)s is %(before)s", source=edge.source, id=main.id, before=before)
                found.append(GuardView(f"after_{edge.source}", edge.text, None if edge.when else False, said))
    return found


def viewed(guard: Guard, case: Case) -> GuardView:
    """The guard with what the state of the trade alone says about it."""
    verdicts = [term.holds(case) for term in guard.when if term.word.state_only]
    failed = next((v for v in verdicts if not v.holds), None)
    if failed is not None:
        return GuardView(guard.name, guard.text, False, failed.because)
    if verdicts and len(verdicts) == len(guard.when) and not guard.any:
        return GuardView(guard.name, guard.text, True, verdicts[-1].because)
    return GuardView(guard.name, guard.text)
