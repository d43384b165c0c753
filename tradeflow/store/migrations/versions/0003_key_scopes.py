"""API keys may be limited to scopes."""

from tradeflow.store.migrations.scripts import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    run(__file__)
