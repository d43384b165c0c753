-- Who may act for whom, and what needs a second person.
CREATE TABLE mandate (
    mandate_id text PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,  -- the principal: in its name
    agent text NOT NULL REFERENCES party,     -- who may act
    roles text[],                             -- of the principal; null: all
    types text[],                             -- of messages; null: all
    only_trade text,                          -- null: all trades of the principal
    amount_max numeric,
    currency text,
    given_by text NOT NULL,
    created_at timestamptz NOT NULL,          -- by the hub's clock, as the end
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX mandate_principal ON mandate (party_id);
CREATE INDEX mandate_agent ON mandate (agent, party_id);

CREATE TABLE release_rule (
    party_id text NOT NULL REFERENCES party,
    type text NOT NULL,                       -- of messages; "*": all that have no rule of their own
    amount_from numeric,                      -- null: whatever the amount
    currency text,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party_id, type)
);

-- What was lodged and waits for a second person of the same party. Nothing of it is in the trade.
CREATE TABLE held_message (
    held_id text PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,
    into_trade text NOT NULL,
    message_id uuid NOT NULL,
    type text NOT NULL,
    role text NOT NULL,
    content_type text NOT NULL,
    body bytea NOT NULL,
    sha256 text NOT NULL,                     -- of the canonical message
    because text NOT NULL,
    held_by text NOT NULL,                    -- key or user
    agent text NOT NULL DEFAULT '',
    mandate_id text NOT NULL DEFAULT '',
    held_at timestamptz NOT NULL,             -- by the hub's clock, as the end
    expires_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'released', 'rejected', 'expired')),
    settled_by text NOT NULL DEFAULT '',
    settled_at timestamptz,
    note text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX held_message_same ON held_message (party_id, message_id) WHERE state = 'waiting';
CREATE INDEX held_message_party ON held_message (party_id, held_id);

-- A link to one document for somebody without an account.
CREATE TABLE document_link (
    link_id text PRIMARY KEY,
    secret_sha256 bytea NOT NULL,
    party_id text NOT NULL REFERENCES party,  -- in whose name the answer is lodged
    made_by_party text NOT NULL,
    made_by text NOT NULL,
    for_trade text NOT NULL,
    type text NOT NULL,
    number text NOT NULL,
    role text NOT NULL,
    answers text[] NOT NULL,                  -- message types it may lodge; one of them, once
    uses integer NOT NULL DEFAULT 0,
    uses_max integer NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    answered_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX document_link_party ON document_link (party_id, link_id);
CREATE INDEX document_link_maker ON document_link (made_by_party, link_id);

SELECT tf_protect(
    'mandate', 'SELECT', 'party_id = (SELECT tf_party()) OR agent = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('release_rule', 'SELECT', 'party_id = (SELECT tf_party())', 'false');
SELECT tf_protect('held_message', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect(
    'document_link', 'SELECT', 'party_id = (SELECT tf_party()) OR made_by_party = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
