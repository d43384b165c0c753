-- What people write before and about documents: drafts that are kept, and comments.
CREATE TABLE saved_draft (
    draft_id text PRIMARY KEY,
    party_id text NOT NULL REFERENCES party,
    into_trade text NOT NULL,                 -- the trade it will be lodged in
    type text NOT NULL,                       -- of the message
    number text NOT NULL DEFAULT '',          -- of the document, as far as it has one
    revision integer NOT NULL DEFAULT 1,      -- one more each time it is kept; who keeps it names the one it read
    body bytea NOT NULL,                      -- JSON, finished or not
    saved_by text NOT NULL,                   -- key or user
    created_at timestamptz NOT NULL,          -- by the hub's clock
    saved_at timestamptz NOT NULL
);
CREATE INDEX saved_draft_party ON saved_draft (party_id, saved_at);

CREATE TABLE document_comment (
    trade_id text NOT NULL,
    comment_id text NOT NULL,
    type text NOT NULL,
    number text NOT NULL,
    party_id text NOT NULL REFERENCES party,
    made_by text NOT NULL,                    -- key or user
    name text NOT NULL DEFAULT '',            -- of the person, as it was then
    internal boolean NOT NULL,                -- for its own party only
    text text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (trade_id, comment_id)
);
CREATE INDEX document_comment_about ON document_comment (trade_id, type, number, comment_id);

SELECT tf_protect(
    'saved_draft', 'SELECT, INSERT, UPDATE, DELETE', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())');
-- Whoever sees the document sees what is said about it; what is internal only its party. Nothing that was said is changed.
SELECT tf_protect(
    'document_comment', 'SELECT, INSERT',
    'party_id = (SELECT tf_party()) OR (NOT internal AND EXISTS (
        SELECT FROM document d WHERE d.trade_id = document_comment.trade_id AND d.type = document_comment.type
        AND d.number = document_comment.number))',
    'party_id = (SELECT tf_party()) AND EXISTS (
        SELECT FROM document d WHERE d.trade_id = document_comment.trade_id AND d.type = document_comment.type
        AND d.number = document_comment.number)', 'SELECT, INSERT');
