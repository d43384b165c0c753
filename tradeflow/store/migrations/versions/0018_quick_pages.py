"""What pages ask for in passing: what is new in an inbox, and the last message of a kind that a party sent."""

from tradeflow.store.migrations.scripts import execute

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Only what is new stands in the first index: it is found without walking through all that was acknowledged."""
    execute("""
    CREATE INDEX inbox_item_new ON inbox_item (party_id, position) WHERE acknowledged_at IS NULL;
    CREATE INDEX message_last_sent ON message (sender, type, received_at);
    """)
