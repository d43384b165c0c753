-- Who vouches for the people of a party, besides their passwords.
CREATE TABLE identity_provider (
    party_id text PRIMARY KEY REFERENCES party,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret text,                   -- sealed; null for a public client
    email_domains text[] NOT NULL,        -- in small letters; addresses of others are not signed in
    just_in_time boolean NOT NULL,        -- whether somebody who is not a user yet becomes one
    roles text[],
    scopes text[],
    set_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- What came back from a provider once does not count again; kept longer than a sign-in may take.
CREATE TABLE oidc_used (
    state_sha256 bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX oidc_used_expires ON oidc_used (expires_at);

SELECT tf_protect('identity_provider', '', 'false', 'false');
SELECT tf_protect('oidc_used', '', 'false', 'false');
