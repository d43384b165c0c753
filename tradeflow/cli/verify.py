"""tradeflow verify: is what is stored true?"""

import asyncio
import sys

import click

from tradeflow.app.verify import verify
from tradeflow.cli import EXIT_FAILED
from tradeflow.cli._hub import data_dir_of
from tradeflow.embedded import database
from tradeflow.store import migrations
from tradeflow.store.uow import AUDIT, Store
from tradeflow.store.verify import Verification


async def _verify(dsn: str) -> Verification:
    store = await Store.connect(dsn, pool_size=2, role=AUDIT)
    try:
        return await verify(store)
    finally:
        await store.close()


@click.command(
    epilog="""\b
Examples
  tradeflow verify                                          the embedded database of a hub that is not running
  TRADEFLOW_DATABASE_URL=postgresql://... tradeflow verify  any hub, also while it runs

Exits 0 if everything is as it must be, 1 otherwise.
"""
)
@click.option("--data-dir", help="Folder of the embedded database.")
def command(data_dir: str | None) -> None:
    """Check that state = fold of events, that no chain is broken, and that nothing is undelivered and unaccounted for."""
    with database(data_dir_of(data_dir)) as dsn:
        migrations.upgrade(dsn)
        result = asyncio.run(_verify(dsn))
    for fault in result.faults:
        click.echo(fault)
    deliveries = ", ".join(f"{n} {status}" for status, n in result.deliveries.items()) or "none"
    click.echo(
        f"{result.trades} trades, {result.events} events, {result.messages} messages; deliveries: {deliveries}; {len(result.faults)} faults"
    )
    if result.faults:
        sys.exit(EXIT_FAILED)
