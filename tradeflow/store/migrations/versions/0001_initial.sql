-- Everything a hub keeps. Tables of a trade have trade_id in every primary key and unique constraint, so that a trade can move to another shard whole.
-- Rows of a trade are written by the statement that also writes its trade row (store/functions/accept.sql): a foreign key would check again what cannot be otherwise.

CREATE TABLE party (
    party_id text PRIMARY KEY,
    name text NOT NULL,
    country text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_key (
    key_id text PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,
    secret_sha256 bytea NOT NULL,
    name text NOT NULL,
    roles text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_party ON api_key (party_id);

CREATE TABLE process_version (
    hash text PRIMARY KEY,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE trade (
    trade_id text PRIMARY KEY,
    version bigint NOT NULL,
    machine text NOT NULL REFERENCES process_version,
    state bytea NOT NULL,          -- TradeState as JSON: the fold of the events
    head_hash bytea NOT NULL,      -- hash of the last event
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE participant (
    trade_id text NOT NULL REFERENCES trade,
    party_id text NOT NULL REFERENCES party,
    role text NOT NULL,
    PRIMARY KEY (trade_id, party_id, role)
);
CREATE INDEX participant_party ON participant (party_id, trade_id);

CREATE TABLE message (
    trade_id text NOT NULL,
    message_id uuid NOT NULL,
    sender text NOT NULL,
    role text NOT NULL,
    type text NOT NULL,
    function text NOT NULL,
    content_type text NOT NULL,
    original_sha256 text NOT NULL,
    sha256 text NOT NULL,
    payload_sha256 text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('accepted', 'refused')),
    status smallint NOT NULL,
    answer bytea NOT NULL,         -- the exact body the sender got
    received_at timestamptz NOT NULL,
    PRIMARY KEY (trade_id, message_id)
);
CREATE INDEX message_sender ON message (sender, message_id);

-- What a party sent that its schema or a rule refused. Kept for the sender to look at; it does not use up the message id.
CREATE TABLE refusal (
    trade_id text NOT NULL,
    refusal_id uuid NOT NULL,
    message_id uuid NOT NULL,
    sender text NOT NULL,
    type text NOT NULL,
    original_sha256 text NOT NULL,
    answer bytea NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (trade_id, refusal_id)
);

CREATE TABLE payload (
    trade_id text NOT NULL,
    sha256 text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (trade_id, sha256)
);

CREATE TABLE document (
    trade_id text NOT NULL,
    type text NOT NULL,
    number text NOT NULL,
    version integer NOT NULL,
    sha256 text NOT NULL,
    message_id uuid NOT NULL,
    role text NOT NULL,
    lodged_at timestamptz NOT NULL,
    PRIMARY KEY (trade_id, type, number, version)
);

CREATE TABLE event (
    trade_id text NOT NULL,
    seq bigint NOT NULL,           -- the version of the trade after it
    at timestamptz NOT NULL,       -- the hub's clock (settable in a sandbox)
    recorded_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,            -- open | message | event
    party text NOT NULL,
    role text NOT NULL,
    key_id text NOT NULL,
    message_id uuid,
    body bytea NOT NULL,           -- the list of changes as JSON
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (trade_id, seq, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE event_default PARTITION OF event DEFAULT;

CREATE TABLE delivery (
    trade_id text NOT NULL,
    delivery_id uuid NOT NULL,
    bucket smallint NOT NULL,
    seq bigint NOT NULL,           -- of the event that caused it: what a party gets of one trade comes in this order
    message_id uuid,
    kind text NOT NULL CHECK (kind IN ('message', 'notice')),
    party_id text NOT NULL,
    role text NOT NULL,
    type text NOT NULL,
    function text NOT NULL,
    sender text NOT NULL,
    sender_role text NOT NULL,
    body bytea NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'acknowledged', 'quarantined')),
    attempts integer NOT NULL DEFAULT 0,
    deaths integer NOT NULL DEFAULT 0, -- leases that ran out: the worker died or hung while it had this
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease_token uuid,
    lease_until timestamptz,
    last_error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    acknowledged_at timestamptz,
    PRIMARY KEY (trade_id, delivery_id)
);
CREATE INDEX delivery_due ON delivery (party_id, next_attempt_at) WHERE status = 'pending' AND lease_token IS NULL;
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE status = 'pending' AND lease_token IS NOT NULL;
CREATE INDEX delivery_line ON delivery (trade_id, party_id, seq, delivery_id) WHERE status = 'pending';

CREATE TABLE attempt (
    trade_id text NOT NULL,
    delivery_id uuid NOT NULL,
    n integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    outcome text NOT NULL DEFAULT '',
    error text NOT NULL DEFAULT '',
    PRIMARY KEY (trade_id, delivery_id, n, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE attempt_default PARTITION OF attempt DEFAULT;

-- What a party sees across trades: fed by deliveries, read by a cursor that never skips.
CREATE TABLE inbox_item (
    party_id text NOT NULL,
    position bigint NOT NULL,
    trade_id text NOT NULL,
    delivery_id uuid NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz,
    PRIMARY KEY (party_id, position),
    UNIQUE (party_id, delivery_id)
);

CREATE TABLE timer (
    trade_id text NOT NULL,
    timer_key text NOT NULL,
    region text NOT NULL,
    event text NOT NULL,
    due_at timestamptz NOT NULL,   -- by the hub's clock (settable in a sandbox)
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(), -- by the database's clock: nobody else fires it before
    last_error text NOT NULL DEFAULT '',
    PRIMARY KEY (trade_id, timer_key)
);
CREATE INDEX timer_due ON timer (due_at);

CREATE TABLE idempotency (
    party_id text NOT NULL,
    command text NOT NULL,
    key text NOT NULL,
    request_sha256 text NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party_id, command, key)
);

-- The clock of a sandbox runs this far from the database's own. A production hub has no row here.
CREATE TABLE sandbox_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    ahead interval NOT NULL DEFAULT '0'
);

CREATE FUNCTION tf_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT clock_timestamp() + coalesce((SELECT ahead FROM sandbox_clock), interval '0') $$;

-- A partition of its own for this month and the next ones, in UTC. Safe at any time, by anybody; returns what was made.
-- Rows of a month that began before it had one stay in the default partition, and that month cannot have one any more.
CREATE FUNCTION tf_make_partitions(months_ahead integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    parent text; stamp text; name text; first timestamptz; beyond timestamptz; late boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7460172);
    FOR parent, stamp IN VALUES ('event', 'recorded_at'), ('attempt', 'started_at') LOOP
        FOR n IN 0 .. months_ahead LOOP
            first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)) AT TIME ZONE 'UTC';
            beyond := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n + 1)) AT TIME ZONE 'UTC';
            name := parent || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1 AND %I < $2)', parent || '_default', stamp, stamp)
                INTO late USING first, beyond;
            CONTINUE WHEN late;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent, first, beyond);
            RETURN NEXT name;
        END LOOP;
    END LOOP;
END $$;

SELECT tf_make_partitions(3);
