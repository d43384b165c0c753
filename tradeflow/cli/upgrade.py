"""tradeflow upgrade: running trades onto the current process tables."""

import asyncio
import sys

import click

from tradeflow.app.machines import Machines
from tradeflow.app.upgrade import Plan, Upgrade
from tradeflow.cli import EXIT_FAILED
from tradeflow.cli._hub import data_dir_of
from tradeflow.embedded import database
from tradeflow.machine.load import machine
from tradeflow.machine.repin import Renamed
from tradeflow.store import migrations, reads
from tradeflow.store.uow import Store

SHORT = 12  # characters of a hash that people compare


async def _upgrade(dsn: str, renamed: Renamed, only: frozenset[str], apply: bool) -> tuple[dict[str, int], Plan]:
    store, current = await Store.connect(dsn, pool_size=2), machine()
    try:
        await store.keep_process_version(current.hash, current.content)
        return await reads.pinned(store), await Upgrade(store, Machines(store, current), renamed).run(only, apply)
    finally:
        await store.close()


@click.command(
    epilog="""\b
Examples
  tradeflow upgrade                                            what would move, and what needs a person; changes nothing
  tradeflow upgrade --apply                                    move what needs nobody
  tradeflow upgrade --rename contract.main:offered=quoted      a state has another name in the new tables
  tradeflow upgrade --trade GLL-2025-0117 --apply              one trade

Exits 1 where trades need a person, else 0.
"""
)
@click.option("--apply", is_flag=True, help="Move the trades; without it nothing is changed.")
@click.option("--trade", "only", multiple=True, metavar="TRADE_ID", help="Only this trade; may be given several times.")
@click.option("--rename", "renames", multiple=True, metavar="REGION:OLD=NEW", help="A state that bears another name in the new tables.")
@click.option("--data-dir", help="Folder of the embedded database.")
def command(apply: bool, only: tuple[str, ...], renames: tuple[str, ...], data_dir: str | None) -> None:
    """Move running trades to the process tables of this version of the content. A dry run unless --apply is given.

    A trade stays on the tables it began with until somebody moves it. Each move is one event in its chain; trades that are over stay.
    """
    renamed = dict(_renamed(text) for text in renames)
    with database(data_dir_of(data_dir)) as dsn:
        migrations.upgrade(dsn)
        versions, plan = asyncio.run(_upgrade(dsn, renamed, frozenset(only), apply))
    for hash_, trades in versions.items():
        click.echo(f"{hash_[:SHORT]}  {trades} trades{'  (current)' if hash_ == machine().hash else ''}")
    for trade_id, needs in plan.needs.items():
        click.echo(f"{trade_id} needs a person:")
        for need in needs:
            click.echo(f"  {need}")
    click.echo(
        f"{len(plan.moved)} trades {'moved' if apply else 'would move'}, {len(plan.needs)} need a person, {plan.ended} are over and stay"
    )
    if plan.needs:
        sys.exit(EXIT_FAILED)


def _renamed(text: str) -> tuple[tuple[str, str], str]:
    region, _, states = text.partition(":")
    old, _, new = states.partition("=")
    if "." not in region or not old or not new:
        raise click.UsageError(f"--rename {text}: write it as process.region:old=new, for example contract.main:offered=quoted")
    return (region, old), new
