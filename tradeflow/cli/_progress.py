"""How a running scenario looks: a live table per process on a terminal, plain lines elsewhere."""

import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tradeflow.machine.tables import Machine
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.play import Outcome, Progress
from tradeflow.scenario.seats import Done


@contextmanager
def shown(scenario: Scenario, machine: Machine, plain: bool = False) -> Iterator[Progress]:
    """Yields the callback that shows each step as it is done."""
    if plain or not sys.stdout.isatty():
        yield _print_line
        return
    console = Console()
    view = _View(scenario, machine)
    with Live(view.render(Outcome(steps=len(scenario.step))), console=console, refresh_per_second=12) as live:

        def show(step: Step, number: int, outcome: Outcome, done: Done) -> None:
            view.note(step, number, done)
            live.update(view.render(outcome))

        yield show


def _print_line(step: Step, number: int, outcome: Outcome, done: Done) -> None:
    moved = ", ".join(f"{m.region}={m.target}" for m in done.moved if m.source != m.target)
    what = step.message or f"({step.event})"
    result = f"refused {step.error} as it should be" if step.error else moved or "recorded"
    to = f" -> {', '.join(step.to)}" if step.to else ""
    print(f"{number:3}/{outcome.steps} {step.date:%Y-%m-%d} {what:<34} {step.by}{to}: {result}", flush=True)


class _View:
    def __init__(self, scenario: Scenario, machine: Machine) -> None:
        self._scenario, self._machine = scenario, machine
        self._lines: list[Text] = []
        self._fresh: set[str] = set()

    def note(self, step: Step, number: int, done: Done) -> None:
        moved = [m for m in done.moved if m.source != m.target]
        self._fresh = {m.region for m in moved}
        line = Text(f"{number:3} {step.date:%d %b %Y}  ", style="dim")
        line.append(step.message or f"({step.event})", style="bold")
        line.append(f"  {step.by} -> {', '.join(step.to)}" if step.to else f"  {step.by}", style="cyan")
        line.append(f"  {'; '.join(m.region + '=' + m.target for m in moved)}", style="green")
        if step.error:
            line.append(f"  refused {step.error}, as it should be", style="yellow")
        self._lines = [*self._lines[-7:], line]

    def render(self, outcome: Outcome) -> Group:
        table = Table(title=f"{self._scenario.id}  {self._scenario.title}", title_justify="left", expand=True, box=None)
        table.add_column("process", no_wrap=True)
        table.add_column("where it stands", ratio=1)
        for process in sorted(self._machine.processes.values(), key=lambda p: p.number):
            states = {k: v for k, v in outcome.states.items() if k.split(".")[0].split("#")[0] == process.id}
            table.add_row(textwrap.shorten(process.name.split(" (")[0], 52, placeholder=" …"), self._states(states))
        counts = (
            f"{outcome.steps_done}/{outcome.steps} steps   {outcome.accepted} messages accepted   "
            f"{outcome.delivered}/{outcome.deliveries} deliveries handed over   {outcome.acknowledged} acknowledged"
        )
        bar = ProgressBar(total=outcome.steps, completed=outcome.steps_done)
        return Group(table, Text(), *self._lines, Text(), bar, Text(counts, style="bold"))

    def _states(self, states: dict[str, str]) -> Text:
        text = Text()
        for key, state in states.items():
            instance, _, region = key.partition(".")
            process, _, suffix = instance.partition("#")
            if self._machine.processes[process].regions[region].initial == state and key not in self._fresh:
                continue
            name = region if not suffix else f"{suffix} {region}"
            text.append(f"{name} ", style="dim")
            text.append(f"{state}  ", style="bold black on green" if key in self._fresh else "bold")
        return text
