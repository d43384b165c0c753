"""Rates of parties, counted by all processes together."""

from tradeflow.store.migrations.scripts import execute

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Not logged: after a crash of the database everybody has a whole burst again, and requests cost no write-ahead log."""
    execute("""
    CREATE UNLOGGED TABLE rate_bucket (
        subject text PRIMARY KEY, tokens float8 NOT NULL, taken float8 NOT NULL, at timestamptz NOT NULL DEFAULT now()
    );
    SELECT tf_protect('rate_bucket', '', 'false', 'false');
    """)
