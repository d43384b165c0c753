-- A reference that a partner gave an interchange that was accepted. Another file under it is refused; the same one gets its first answer.
CREATE TABLE interchange (
    party_id text NOT NULL REFERENCES party,
    reference text NOT NULL,                  -- sender/recipient/control reference, as UNB says them
    sha256 text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (party_id, reference)
);
SELECT tf_protect('interchange', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');

-- By the reference of 14 characters that stands for a message in formats that have no room for its id (tradeflow.model.ids).
CREATE INDEX message_reference ON message (upper(left(encode(sha256(uuid_send(message_id)), 'hex'), 14)));
