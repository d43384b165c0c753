"""A delivery found by its id alone: for whoever sends it again or lets it out of quarantine."""

from tradeflow.store.migrations.scripts import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Two indexes; the one of deliveries holds only those in quarantine, so that delivering costs nothing more."""
    execute("""
    CREATE INDEX dispatch_by_id ON dispatch (delivery_id);
    CREATE INDEX delivery_quarantined ON delivery (delivery_id) WHERE status = 'quarantined';
    """)
