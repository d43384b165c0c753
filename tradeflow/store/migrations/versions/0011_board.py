"""What each party's board shows of each trade: worked out beside the main path, and found by whose turn it is, lateness, and words."""

from tradeflow.store.migrations.scripts import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """A seat is one party's view of one trade, as of a version of it. Everything in it follows from the trade and may be thrown away."""
    execute("""
    CREATE TABLE board_seat (
        party_id text NOT NULL,
        trade_id text NOT NULL,
        version bigint NOT NULL,            -- of the trade when this was worked out
        done boolean NOT NULL,              -- the trade is over
        acts boolean NOT NULL,              -- something waits for this party, and can be done now
        late_at timestamptz,                -- the first last day of anything that is missing, as far as this party may know it
        view bytea NOT NULL,                -- what a line of the board shows, JSON
        words tsvector NOT NULL,            -- what it is found by: "party word"
        PRIMARY KEY (party_id, trade_id)
    );
    CREATE INDEX board_seat_acts ON board_seat (party_id, trade_id) WHERE acts;
    CREATE INDEX board_seat_done ON board_seat (party_id, trade_id) WHERE done;
    CREATE INDEX board_seat_late ON board_seat (party_id, late_at, trade_id) WHERE late_at IS NOT NULL;
    CREATE INDEX board_seat_words ON board_seat USING gin (words);
    CREATE INDEX trade_moved ON trade (updated_at, trade_id);
    SELECT tf_protect('board_seat', 'SELECT', 'party_id = (SELECT tf_party())', 'false');
    """)
