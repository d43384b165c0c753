-- What arrived by a channel and could not be taken: kept whole, with why, whose it is, and what became of it.
CREATE TABLE quarantine (
    quarantine_id uuid PRIMARY KEY,
    party_id text NOT NULL,              -- who has to do something about it; "operator" where nobody knows the sender
    sender text NOT NULL DEFAULT '',     -- whom the channel had authenticated; '' for nobody, whoever it is assigned to later
    reason text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    name text NOT NULL,
    content_type text NOT NULL DEFAULT '',
    sha256 text NOT NULL,
    body bytea NOT NULL,
    trade_id text NOT NULL DEFAULT '',   -- as the message says, where it can be read
    type text NOT NULL DEFAULT '',
    status integer NOT NULL,             -- the answer of the last try
    answer bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'rejected')),
    note text NOT NULL DEFAULT '',
    tries integer NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,    -- by the hub's clock
    settled_at timestamptz,
    settled_by text NOT NULL DEFAULT ''  -- party and key
);
-- The same file again, while the first one waits, is the same case.
CREATE UNIQUE INDEX quarantine_same ON quarantine (channel, address, sha256) WHERE state = 'waiting';
CREATE INDEX quarantine_owner ON quarantine (party_id, quarantine_id);
CREATE INDEX quarantine_sender ON quarantine (sender, quarantine_id);
SELECT tf_protect('quarantine', 'SELECT', 'party_id = (SELECT tf_party()) OR sender = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
