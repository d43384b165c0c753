-- People who act for a party: who they are, how they prove it, the sessions of their browsers, and invitations.
CREATE TABLE account (
    user_id text PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,
    email text NOT NULL UNIQUE,           -- in small letters: the name to sign in with
    name text NOT NULL,
    roles text[],
    scopes text[],
    has_totp boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE INDEX account_party ON account (party_id);

-- What proves it. Only the hub's own work reads it; no party's connection does.
CREATE TABLE credential (
    user_id text PRIMARY KEY REFERENCES account,
    password_hash text,                   -- argon2id; null where an organisation's own provider signs its people in
    totp_secret text,
    totp_step bigint NOT NULL DEFAULT 0,  -- of the last code that was used: each works once
    oidc_issuer text,
    oidc_subject text,
    UNIQUE (oidc_issuer, oidc_subject)
);

-- Attempts to sign in, by the hash of the name given, whether or not anybody has it.
CREATE TABLE sign_in_guard (
    subject bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz
);

CREATE TABLE session (
    token_sha256 bytea PRIMARY KEY,
    user_id text NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE invitation (
    invitation_id text PRIMARY KEY,
    secret_sha256 bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('user', 'trade')),
    party_id text NOT NULL REFERENCES party, -- whose user the invited will be; or who invites into the trade
    email text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    roles text[],
    scopes text[],
    into_trade text,
    role text,
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by text,
    revoked_at timestamptz
);
CREATE INDEX invitation_party ON invitation (party_id, created_at);

SELECT tf_protect('account', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('credential', '', 'false', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('sign_in_guard', '', 'false', 'false');
SELECT tf_protect('session', '', 'false', 'false');
SELECT tf_protect('invitation', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
