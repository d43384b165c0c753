"""What arrived by a channel and could not be taken."""

from tradeflow.store.migrations.scripts import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the quarantine."""
    run(__file__)
