"""Drafts that are kept, and comments on documents."""

from tradeflow.store.migrations.scripts import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    run(__file__)
