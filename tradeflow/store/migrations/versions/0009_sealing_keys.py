"""The keys that secrets are sealed with, by their ids. What is in clear is sealed when a hub opens: a migration has no key."""

from tradeflow.store.migrations.scripts import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One small table; the keys themselves are never in the database."""
    execute("""
    CREATE TABLE sealing_key (key_id text PRIMARY KEY, since timestamptz NOT NULL DEFAULT now());
    SELECT tf_protect('sealing_key', '', 'false', 'false', 'SELECT, INSERT, DELETE');
    """)
