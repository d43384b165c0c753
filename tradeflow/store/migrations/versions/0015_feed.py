"""What changed when, across trades: the transaction of every event, and of what happens to deliveries and held messages."""

from tradeflow.store.migrations.scripts import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Streams go on after a transaction. Nothing of it costs a lock: the number is there anyway."""
    run(__file__)
