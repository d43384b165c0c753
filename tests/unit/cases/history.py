"""Golden histories: what each process did in a scenario, one line of JSON per command, in words a person can review."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.cases.trade import Trade
from tradeflow.codec import canonical
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Refusal
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.begin import history
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step, load


def play(file: Path, *, rules: bool = False) -> Iterator[tuple[Step, str, Trade, Any]]:
    """Every step of a scenario at machine level, clocks included: step, what happened, the trade after it, the answer."""
    scenario = load(file)
    filler = Filler(catalogue(), scenario, scenario.reference)
    trade = _opened(scenario, filler)
    trade.rules = rules
    now = scenario.step[0].date
    for index, step in enumerate(scenario.step):
        now = max(now, step.date)
        for timer in trade.run_clocks(now):
            yield step, f"clock {timer}", trade, None
        if step.message:
            tree = filler.document(step, step.message, str(uuid.UUID(int=index)))
            answer = trade.lodge(canonical.document(step.message, tree), now)
            if not isinstance(answer, Refusal):
                filler.lodged(step.message, tree)
        else:
            answer = trade.decided(step.event, step.instance, step.by, now, step.note)
        yield step, f"{step.by} {step.message or step.event}", trade, answer


def _opened(scenario: Scenario, filler: Filler) -> Trade:
    cast, now = [(member.party, role) for member in scenario.cast for role in member.roles], scenario.step[0].date
    if not (scenario.given or scenario.history):
        return Trade.opened(scenario.reference, dict(scenario.terms), cast, now)
    documents = [canonical.document(tree["message"]["type"], tree) for tree in history(machine(), scenario, filler, now)]
    return Trade.seeded(scenario.reference, dict(scenario.terms), cast, scenario.states, documents, now)


def histories(file: Path) -> dict[str, list[str]]:
    """The lines of each process, by process id."""
    lines: dict[str, list[str]] = {}
    for step, what, trade, _ in play(file):
        by_process: dict[str, list[str]] = {}
        for change in trade.changes[-1]:
            if (text := says(change)) and (process := _process(change)):
                by_process.setdefault(process, []).append(text)
        for process, said in by_process.items():
            line = {"at": step.date.isoformat(), "what": what, "changes": said}
            lines.setdefault(process, []).append(json.dumps(line, ensure_ascii=False))
    return lines


def _process(change: c.AnyChange) -> str:
    place = getattr(change, "region", "") or getattr(change, "instance", "") or getattr(change, "timer", "")
    if isinstance(change, c.TitlePassed | c.ContainerMoved):
        return "transport"
    if isinstance(change, c.PayableCreated):
        return "payment"
    return str(place).partition(".")[0].partition("#")[0]


def says(change: c.AnyChange) -> str:
    """One change in words, without ids and hashes; "" for what every message does."""
    match change:
        case c.Moved():
            return f"{change.transition}: {change.region} {change.source} -> {change.target} on {change.trigger}"
        case c.Armed():
            return f"armed {change.timer} until {change.due_at.isoformat()}: {change.why}"
        case c.Disarmed():
            return f"disarmed {change.timer}"
        case c.TitlePassed(title=t):
            return f"{t.document}: {t.status}, holder {t.holder or 'nobody'}, order {t.order_party or 'in blank'}, chain {t.chain}"
        case c.ContainerMoved():
            return f"container {change.container}: {change.verb}"
        case c.PayableCreated():
            return f"payable {change.payable.kind} as {change.payable.instance}"
        case c.PayableClosed():
            return f"payable {change.instance} closed"
        case c.InstanceStarted():
            return f"instance {change.instance} begins"
        case c.RegionStarted():
            return f"{change.region} started"
        case c.TaskOpened():
            return f"task {change.message} from {change.region}"
        case c.SignalDropped():
            return f"{change.region} did not expect {change.event}"
    return ""
