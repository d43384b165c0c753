-- What a key may be used for. A key without scopes is one from before there were any, or of a whole party: it may do all.
ALTER TABLE api_key ADD COLUMN scopes text[];
