"""Everything a hub keeps."""

from tradeflow.store.migrations.scripts import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables, partitions and functions of the first version."""
    run(__file__)
