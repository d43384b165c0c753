"""How far each person has read what is said in a trade."""

from tradeflow.store.migrations.scripts import execute

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Comments are ordered by their ids, so one id says all; each party keeps those of its own people."""
    execute("""
    CREATE TABLE comment_seen (
        trade_id text NOT NULL,
        user_id text NOT NULL,
        party_id text NOT NULL REFERENCES party,
        comment_id text NOT NULL,                 -- the last one that was read
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (trade_id, user_id)
    );
    SELECT tf_protect('comment_seen', 'SELECT, INSERT, UPDATE', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())');
    """)
