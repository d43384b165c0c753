"""tradeflow migrate: bring the database to the current schema."""

import click

from tradeflow.embedded import database
from tradeflow.settings import settings
from tradeflow.store import migrations


@click.command(
    epilog="\b\nExample\n  TRADEFLOW_DATABASE_URL=postgresql://... tradeflow migrate      before new versions of API and workers start"
)
def command() -> None:
    """Migrate the database. Several at once wait for each other; a lock that is not had within 4 s is given up, nothing half done."""
    with database(settings()) as dsn:
        migrations.upgrade(dsn)
    click.echo("the database is at the current schema")
