"""Four database roles; row-level security on everything a party can reach."""

from tradeflow.store.migrations.scripts import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the roles, hand the tables to their owner, and let parties see what is theirs."""
    run(__file__)
