"""tradeflow demo: a whole trade in front of you."""

import asyncio
import sys
import time
from pathlib import Path

import click
import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from tradeflow.cli import EXIT_FAILED, program
from tradeflow.cli._hub import KEY_FILE, Running, hub_for
from tradeflow.cli._people import prepared, told
from tradeflow.cli._trades import fetch
from tradeflow.cli.scenario import play, shipped
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Outcome
from tradeflow.settings import settings

BUILD = Path("build")


@click.command(
    epilog="""\b
Examples
  tradeflow demo                 sea freight, letter of credit at sight, Hong Kong to Rotterdam;
                                 on a terminal the hub stays, with a portal and people to sign in as
  tradeflow demo --keep          leave the hub running without a terminal, too
  tradeflow demo | cat           one plain line a step

Writes build/demo.json (figures) and build/demo-trade.json (the trade as the API gives it).
Exits 0 only if every step of the trade did what it should.
"""
)
@click.option("--keep", is_flag=True, help="Leave the hub running afterwards, until interrupted; on a terminal it does in any case.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the demo's database; `demo` in the data folder unless set.")
def command(keep: bool, data_dir: Path | None) -> None:
    """Start a sandbox hub and play scenario S01 on it: 17 parties, 65 steps, every message over HTTP."""
    started = psutil.Process().create_time()
    folder = (data_dir or settings().data_dir / "demo").absolute()
    with hub_for(None, None, settings().model_copy(update={"data_dir": folder, "demo": True})) as running:
        ready = time.time() - started
        file = shipped()["S01"]
        click.echo(f"A hub with a real PostgreSQL is ready at {running.base_url} after {ready:.1f} s. Now the trade:", err=True)
        outcome = asyncio.run(play(running, file, "mixed", plain=False, go_on=True))
        trade = fetch(running.base_url, running.operator_key, f"/v1/trades/{outcome.trade_id}") if outcome.trade_id else {}
        _write(outcome, ready, time.time() - started, trade)
        _tell(load(file), outcome, trade, folder, running)
        if (keep or sys.stdout.isatty()) and not outcome.difference:
            told(running, asyncio.run(prepared(running, load(file))))
            _wait(running)
    if outcome.difference:
        sys.exit(EXIT_FAILED)


def _write(outcome: Outcome, ready_seconds: float, seconds: float, trade: dict[str, object]) -> None:
    BUILD.mkdir(exist_ok=True)
    figures = {
        "scenario": "S01",
        "completed": not outcome.difference,
        "difference": outcome.difference,
        "trade_id": outcome.trade_id,
        "steps": outcome.steps_done,
        "steps_planned": outcome.steps,
        "lodged": outcome.lodged,
        "lodged_as": outcome.formats,
        "accepted": outcome.accepted,
        "events": outcome.events,
        "deliveries": outcome.deliveries,
        "delivered": outcome.delivered,
        "acknowledged": outcome.acknowledged,
        "seconds_to_ready": round(ready_seconds, 3),
        "seconds": round(seconds, 3),
        "final_states": outcome.states,
    }
    (BUILD / "demo.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    (BUILD / "demo-trade.json").write_bytes(msgspec.json.format(msgspec.json.encode(trade), indent=2) + b"\n")


def _tell(scenario: Scenario, outcome: Outcome, trade: dict[str, object], folder: Path, running: Running) -> None:
    """The finished timeline on a terminal, and everywhere the sum and where to look next."""
    if sys.stdout.isatty():
        table = Table(title="The trade from order to payment", title_justify="left", box=None)
        for column, width in (("date", 11), ("what happened", 34), ("who", 19), ("document", 30)):
            table.add_column(column, no_wrap=True, min_width=width)
        for step in scenario.step[: outcome.steps_done]:
            table.add_row(f"{step.date:%d %b %Y}", step.message or f"({step.event})", step.by.partition(":")[0], step.note)
        Console().print(table)
    if outcome.difference:
        click.echo(f"The trade did not go as written: {outcome.difference}", err=True)
        return
    forms = ", ".join(f"{n} as {f.upper()}" for f, n in outcome.formats.items())
    click.echo(
        f"\nTrade {outcome.trade_id}: {outcome.accepted} messages accepted ({forms}), "
        f"{outcome.delivered} deliveries handed over, {outcome.acknowledged} acknowledged, in {outcome.seconds:.1f} s."
    )
    click.echo(f"""
Where to look next
  {BUILD}/demo-trade.json    the trade as the API gives it: states, documents, timeline
  {BUILD}/demo.json          the figures of this run
  {program()} serve --demo --data-dir {folder}
                           the portal: this trade and one that is half way, and people of every role to sign in as
  {program()} trade show {outcome.trade_id} --key "$(cat {folder / KEY_FILE})"
                           ... while it runs: where the trade stands and what may happen next
  {program()} verify --data-dir {folder}
                           is what is stored true?""")


def _wait(running: Running) -> None:
    click.echo(f"\nThe hub stays at {running.base_url} (reference: {running.base_url}/docs). Ctrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("stopped")
