"""tradeflow scenario: play scenario files against a hub."""

import asyncio
import sys
from pathlib import Path

import click

from tradeflow.bundle import bundle_root
from tradeflow.cli import EXIT_FAILED
from tradeflow.cli._hub import Running, hub_for
from tradeflow.cli._progress import shown
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.compact import is_short, scenarios
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Outcome, Player


def shipped() -> dict[str, Path]:
    """The scenarios that come with tradeflow, by id."""
    return {file.stem: file for file in sorted((bundle_root() / "workflows" / "trade" / "scenarios").glob("*.toml"))}


async def play(
    running: Running, scenario: Scenario | Path, wire: str, plain: bool, go_on: bool = False, all_steps: bool = False
) -> Outcome:
    """Play one scenario, or the file of one, and show it."""
    scenario = load(scenario) if isinstance(scenario, Path) else scenario
    with shown(scenario, machine(), plain) as progress:
        return await Player(running.base_url, running.operator_key, catalogue(), wire, progress, go_on, all_steps).play(scenario)


@click.command(
    epilog="""\b
Examples
  tradeflow scenario S01                          a scenario that comes with tradeflow, on an embedded hub
  tradeflow scenario trades/*.toml                your own, one after the other
  tradeflow scenario specification.toml S07       one of many in the short form; without ids all of them
  tradeflow scenario S01 --url http://127.0.0.1:8080 --operator-key "$(cat operator.key)"

Exits 0 only if every step did what its file says; prints the first difference otherwise.
"""
)
@click.argument("files", nargs=-1, required=True)
@click.option("--url", envvar="TRADEFLOW_URL", help="A running sandbox hub. Without it an embedded one is started in the data folder.")
@click.option("--operator-key", envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key of that hub.")
@click.option("--wire", type=click.Choice(["mixed", "json", "xml"]), default="mixed", show_default=True, help="How messages travel.")
@click.option("--plain", is_flag=True, help="One line a step, as without a terminal.")
@click.option("--all-steps", is_flag=True, help="Go on after a difference, and show every one.")
def command(files: tuple[str, ...], url: str | None, operator_key: str | None, wire: str, plain: bool, all_steps: bool) -> None:
    """Play scenario FILES (paths, or ids of those that come with tradeflow) over HTTP, every party in its role.

    A file in the short form holds many scenarios: ids after it choose among them.
    """
    differences = 0
    chosen = _chosen(files)
    with hub_for(url, operator_key) as running:
        for name, scenario in chosen:
            outcome = asyncio.run(play(running, scenario, wire, plain, all_steps=all_steps))
            differences += bool(outcome.difference)
            done = outcome.steps_done if not all_steps else outcome.steps - len(outcome.differences)
            verdict = f"DIFFERENT: {outcome.difference}" if outcome.difference else "as written"
            click.echo(f"{name}: {done}/{outcome.steps} steps, trade {outcome.trade_id}, {verdict}")
            for difference in outcome.differences[1:]:
                click.echo(f"  DIFFERENT: {difference}")
    if differences:
        sys.exit(EXIT_FAILED)


def _chosen(names: tuple[str, ...]) -> list[tuple[str, Scenario]]:
    """The scenarios to play, by the names they are shown under."""
    known, short = shipped(), dict[str, Scenario]()
    found: list[tuple[str, Scenario]] = []
    wanted: set[str] = set()
    for name in names:
        path = known.get(name, Path(name))
        if name in short:
            wanted.add(name)
        elif not path.is_file():
            raise click.UsageError(f"{path}: no such file, and no scenario of that name (there are: {', '.join([*short, *known])})")
        elif is_short(path):
            short |= {scenario.id: scenario for scenario in scenarios(path)}
        else:
            found.append((path.stem, load(path)))
    return found + [(id, scenario) for id, scenario in short.items() if not wanted or id in wanted]
