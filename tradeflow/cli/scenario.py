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
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Outcome, Player


def shipped() -> dict[str, Path]:
    """The scenarios that come with tradeflow, by id."""
    return {file.stem: file for file in sorted((bundle_root() / "workflows" / "trade" / "scenarios").glob("*.toml"))}


async def play(running: Running, file: Path, wire: str, plain: bool, go_on: bool = False) -> Outcome:
    """Play one file and show it."""
    scenario = load(file)
    with shown(scenario, machine(), plain) as progress:
        return await Player(running.base_url, running.operator_key, catalogue(), wire, progress, go_on).play(scenario)


@click.command(
    epilog="""\b
Examples
  tradeflow scenario S01                          a scenario that comes with tradeflow, on an embedded hub
  tradeflow scenario trades/*.toml                your own, one after the other
  tradeflow scenario S01 --url http://127.0.0.1:8080 --operator-key "$(cat operator.key)"

Exits 0 only if every step did what its file says; prints the first difference otherwise.
"""
)
@click.argument("files", nargs=-1, required=True)
@click.option("--url", envvar="TRADEFLOW_URL", help="A running sandbox hub. Without it an embedded one is started in the data folder.")
@click.option("--operator-key", envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key of that hub.")
@click.option("--wire", type=click.Choice(["mixed", "json", "xml"]), default="mixed", show_default=True, help="How messages travel.")
@click.option("--plain", is_flag=True, help="One line a step, as without a terminal.")
def command(files: tuple[str, ...], url: str | None, operator_key: str | None, wire: str, plain: bool) -> None:
    """Play scenario FILES (paths, or ids of those that come with tradeflow) over HTTP, every party in its role."""
    known = shipped()
    paths = [known.get(name, Path(name)) for name in files]
    for path in paths:
        if not path.is_file():
            raise click.UsageError(f"{path}: no such file, and no scenario of that name (there are: {', '.join(known)})")
    differences = 0
    with hub_for(url, operator_key) as running:
        for path in paths:
            outcome = asyncio.run(play(running, path, wire, plain))
            differences += bool(outcome.difference)
            verdict = f"DIFFERENT: {outcome.difference}" if outcome.difference else "as written"
            click.echo(f"{path.stem}: {outcome.steps_done}/{outcome.steps} steps, trade {outcome.trade_id}, {verdict}")
    if differences:
        sys.exit(EXIT_FAILED)
