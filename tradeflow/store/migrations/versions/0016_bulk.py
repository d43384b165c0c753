"""Files with many documents, lodged one by one beside the request that brought them."""

from tradeflow.store.migrations.scripts import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """A job for each file, a row for what became of each document."""
    run(__file__)
