-- How a party wants its deliveries besides the inbox, which always holds them. Of several channels whose pattern fits, the most exact one is used.
CREATE TABLE channel (
    party_id text NOT NULL REFERENCES party,
    name text NOT NULL,
    kind text NOT NULL,                 -- a folder of adapters/
    message_types text[] NOT NULL,      -- message types, or beginnings of them: "*", "customs_*"
    notices boolean NOT NULL DEFAULT false,
    format text NOT NULL CHECK (format IN ('json', 'xml')),
    settings jsonb NOT NULL,
    hours jsonb,                        -- {"zone", "days", "from", "to"}; null: at any time
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    reason text NOT NULL DEFAULT '',
    revision bigint NOT NULL DEFAULT 1, -- of what a connector is made from
    failures integer NOT NULL DEFAULT 0, -- since the last success; from the fifth on the breaker is open
    wait_until timestamptz,             -- by the hub's clock: nothing is tried before
    last_error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party_id, name)
);

-- Values that a connector must have in clear: what signs a webhook, a password. A party sees that they are there, never what they are.
CREATE TABLE channel_secret (
    party_id text NOT NULL,
    channel text NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    PRIMARY KEY (party_id, channel, name, created_at),
    FOREIGN KEY (party_id, channel) REFERENCES channel ON DELETE CASCADE
);

-- A delivery on its way through a channel. It is in the inbox already; this is about the partner's own system.
CREATE TABLE dispatch (
    trade_id text NOT NULL,
    delivery_id uuid NOT NULL,
    party_id text NOT NULL,
    channel text NOT NULL,
    seq bigint NOT NULL,                -- the delivery's: one (trade, channel) is served in this order
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'quarantined', 'withdrawn')),
    attempts integer NOT NULL DEFAULT 0,
    step integer NOT NULL DEFAULT 0,    -- on the ladder of retries; a person may put it back to its foot
    deaths integer NOT NULL DEFAULT 0,  -- leases that ran out: the worker died or hung while it had this
    next_attempt_at timestamptz NOT NULL, -- by the hub's clock
    lease_token uuid,
    lease_until timestamptz,
    last_error text NOT NULL DEFAULT '',
    owner text NOT NULL DEFAULT '',     -- the party that has to do something about a quarantined one
    receipt text NOT NULL DEFAULT '',   -- what the partner's side said when it took it over
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    PRIMARY KEY (trade_id, delivery_id)
);
CREATE INDEX dispatch_due ON dispatch (party_id, channel, next_attempt_at) WHERE status = 'pending' AND lease_token IS NULL;
CREATE INDEX dispatch_leased ON dispatch (lease_until) WHERE status = 'pending' AND lease_token IS NOT NULL;
CREATE INDEX dispatch_line ON dispatch (trade_id, party_id, channel, seq, delivery_id) WHERE status = 'pending';
CREATE INDEX dispatch_quarantined ON dispatch (party_id, delivery_id) WHERE status = 'quarantined';

-- Attempts through a channel stand beside those that reach the inbox; '' is the inbox.
ALTER TABLE attempt ADD COLUMN channel text NOT NULL DEFAULT '';

SELECT tf_protect('channel', 'SELECT, INSERT, UPDATE, DELETE', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())');
SELECT tf_protect('channel_secret', '', 'false', 'false');
SELECT tf_protect(
    'dispatch', 'SELECT, UPDATE',
    'EXISTS (SELECT FROM delivery d WHERE d.trade_id = dispatch.trade_id AND d.delivery_id = dispatch.delivery_id)',
    'party_id = (SELECT tf_party())', 'SELECT, INSERT, UPDATE');
