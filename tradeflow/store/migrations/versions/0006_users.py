"""Users of parties: accounts, what proves them, sessions, invitations."""

from tradeflow.store.migrations.scripts import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    run(__file__)
