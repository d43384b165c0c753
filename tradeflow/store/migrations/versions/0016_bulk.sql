-- A file with many documents. It is worked on under a lease; what is done is in bulk_document, so that whoever takes over goes on there.
CREATE TABLE bulk_job (
    job_id uuid PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,
    key_id text NOT NULL,                     -- who sent it, with the limits that its key had then
    user_id text NOT NULL DEFAULT '',
    roles text[],                             -- null: all
    name text NOT NULL DEFAULT '',
    content_type text NOT NULL,
    sha256 text NOT NULL,
    body bytea NOT NULL,
    total integer NOT NULL,                   -- documents in it
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done')),
    token uuid,
    lease_until timestamptz,                  -- by the database's own clock: a sandbox's may be turned
    tries integer NOT NULL DEFAULT 0,         -- leases since the last document was done
    received_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX bulk_job_same ON bulk_job (party_id, sha256) WHERE state <> 'done';
CREATE INDEX bulk_job_party ON bulk_job (party_id, job_id);
CREATE INDEX bulk_job_due ON bulk_job (received_at) WHERE state <> 'done';

CREATE TABLE bulk_document (
    job_id uuid NOT NULL REFERENCES bulk_job,
    position integer NOT NULL,                -- in the file, from 1
    party_id text NOT NULL REFERENCES party,
    cell text NOT NULL DEFAULT '',            -- where it begins
    type text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    into_trade text NOT NULL DEFAULT '',
    message_id text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('accepted', 'repeated', 'held', 'refused')),
    status integer NOT NULL,                  -- that lodging it alone would have had
    code text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    findings bytea NOT NULL DEFAULT '[]',
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, position)
);

SELECT tf_protect('bulk_job', 'SELECT', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('bulk_document', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT');
