"""Mandates, release by a second person, links to single documents."""

from tradeflow.store.migrations.scripts import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    run(__file__)
