-- Who may touch what. Four roles of the database, none of which can log in; the hub logs in as a member of all and takes one for each connection:
--   tf_owner   owns the tables: migrations
--   tf_app     acts for one party at a time (tf.party), under row-level security
--   tf_relay   the hub's own work: deliveries, clocks, keys, the operator
--   tf_audit   looks at everything and changes nothing: verification, evidence
-- A role that is there already is taken as it is: a login without the right to make roles needs them made beforehand (docs/operators.md).
DO $$
DECLARE role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['tf_owner', 'tf_app', 'tf_relay', 'tf_audit'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', role_name, current_user);
        END IF;
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO tf_owner, tf_app, tf_relay, tf_audit', current_schema());
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO tf_owner', current_schema());
END $$;

-- The party for whom this transaction acts. Nobody is an error: a query that forgot it must not be answered with nothing.
CREATE FUNCTION tf_party() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE party text := current_setting('tf.party', true);
BEGIN
    IF coalesce(party, '') = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'no party acts in this transaction';
    END IF;
    RETURN party;
END $$;

-- The trade that a command of this transaction is about, or "". It opens that trade to its participants as a whole, because a decision looks at all of
-- it; what a party may read of it is for the queries to say.
CREATE FUNCTION tf_trade() RETURNS text LANGUAGE sql STABLE AS $$ SELECT coalesce(current_setting('tf.trade', true), '') $$;

-- Protect a table: it belongs to tf_owner, and row-level security holds for all. `mine` says which rows the acting party sees, `writes` which it may
-- leave behind, `rights` what tf_app may do at all, `relay_rights` what the hub's own work may.
CREATE FUNCTION tf_protect(name regclass, rights text, mine text, writes text, relay_rights text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s OWNER TO tf_owner', name);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY app ON %s TO tf_app USING (%s) WITH CHECK (%s)', name, mine, writes);
    EXECUTE format('CREATE POLICY relay ON %s TO tf_relay USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY audit ON %s FOR SELECT TO tf_audit USING (true)', name);
    EXECUTE format('GRANT SELECT ON %s TO tf_audit', name);
    EXECUTE format('GRANT %s ON %s TO tf_relay', relay_rights, name);
    IF rights <> '' THEN
        EXECUTE format('GRANT %s ON %s TO tf_app', rights, name);
    END IF;
END $$;

-- What never changes is granted to nobody to change: events, messages, payloads and refusals are only added to.
SELECT tf_protect('participant', 'SELECT, INSERT', 'party_id = (SELECT tf_party())', 'trade_id = (SELECT tf_trade())', 'SELECT, INSERT');
SELECT tf_protect(
    'trade', 'SELECT, INSERT, UPDATE',
    'EXISTS (SELECT FROM participant p WHERE p.trade_id = trade.trade_id AND p.party_id = (SELECT tf_party()))',
    'trade_id = (SELECT tf_trade())', 'SELECT, INSERT, UPDATE');
SELECT tf_protect(
    'event', 'SELECT, INSERT',
    'EXISTS (SELECT FROM participant p WHERE p.trade_id = event.trade_id AND p.party_id = (SELECT tf_party()))',
    'trade_id = (SELECT tf_trade()) AND party = (SELECT tf_party())
     AND EXISTS (SELECT FROM participant p WHERE p.trade_id = event.trade_id AND p.party_id = (SELECT tf_party()))', 'SELECT, INSERT');
SELECT tf_protect(
    'delivery', 'SELECT, INSERT, UPDATE',
    'party_id = (SELECT tf_party()) OR sender = (SELECT tf_party())',
    'party_id = (SELECT tf_party()) OR (sender = (SELECT tf_party()) AND trade_id = (SELECT tf_trade()))', 'SELECT, INSERT, UPDATE');
SELECT tf_protect(
    'message', 'SELECT, INSERT',
    'sender = (SELECT tf_party())
     OR EXISTS (SELECT FROM delivery d WHERE d.trade_id = message.trade_id AND d.message_id = message.message_id AND d.kind = ''message''
                AND d.party_id = (SELECT tf_party()))
     OR (trade_id = (SELECT tf_trade())
         AND EXISTS (SELECT FROM participant p WHERE p.trade_id = message.trade_id AND p.party_id = (SELECT tf_party())))',
    'sender = (SELECT tf_party()) AND trade_id = (SELECT tf_trade())', 'SELECT, INSERT');
SELECT tf_protect('refusal', 'SELECT, INSERT', 'sender = (SELECT tf_party())', 'sender = (SELECT tf_party())', 'SELECT, INSERT');
SELECT tf_protect(
    'document', 'SELECT, INSERT, UPDATE',
    '(trade_id = (SELECT tf_trade())
      AND EXISTS (SELECT FROM participant p WHERE p.trade_id = document.trade_id AND p.party_id = (SELECT tf_party())))
     OR EXISTS (SELECT FROM message m WHERE m.trade_id = document.trade_id AND m.message_id = document.message_id)',
    'trade_id = (SELECT tf_trade())', 'SELECT, INSERT, UPDATE');
SELECT tf_protect(
    'payload', 'SELECT, INSERT',
    '(trade_id = (SELECT tf_trade())
      AND EXISTS (SELECT FROM participant p WHERE p.trade_id = payload.trade_id AND p.party_id = (SELECT tf_party())))
     OR EXISTS (SELECT FROM message m WHERE m.trade_id = payload.trade_id AND payload.sha256 IN (m.sha256, m.original_sha256))
     OR EXISTS (SELECT FROM refusal r WHERE r.trade_id = payload.trade_id AND payload.sha256 = r.original_sha256)',
    'trade_id = (SELECT tf_trade())
     AND EXISTS (SELECT FROM participant p WHERE p.trade_id = payload.trade_id AND p.party_id = (SELECT tf_party()))', 'SELECT, INSERT');
SELECT tf_protect(
    'attempt', 'SELECT',
    'EXISTS (SELECT FROM delivery d WHERE d.trade_id = attempt.trade_id AND d.delivery_id = attempt.delivery_id)', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('inbox_item', 'SELECT, UPDATE', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())', 'SELECT, INSERT, UPDATE');
SELECT tf_protect(
    'timer', 'SELECT, INSERT, UPDATE, DELETE',
    'EXISTS (SELECT FROM participant p WHERE p.trade_id = timer.trade_id AND p.party_id = (SELECT tf_party()))',
    'trade_id = (SELECT tf_trade())');
SELECT tf_protect('idempotency', 'SELECT, INSERT', 'party_id = (SELECT tf_party())', 'party_id = (SELECT tf_party())');
SELECT tf_protect('party', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
SELECT tf_protect('api_key', 'SELECT', 'party_id = (SELECT tf_party())', 'false', 'SELECT, INSERT, UPDATE');
-- No party's: the process tables, and the clock of a sandbox.
SELECT tf_protect('process_version', 'SELECT', 'true', 'false', 'SELECT, INSERT');
SELECT tf_protect('sandbox_clock', 'SELECT', 'true', 'false', 'SELECT, INSERT, UPDATE');

-- Months are made by whoever sweeps, in the name of the owner; nobody is granted anything on a partition itself.
ALTER FUNCTION tf_make_partitions(integer) OWNER TO tf_owner;
ALTER FUNCTION tf_make_partitions(integer) SECURITY DEFINER;
DO $$
DECLARE part regclass;
BEGIN
    EXECUTE format('ALTER FUNCTION tf_make_partitions(integer) SET search_path = %I, pg_temp', current_schema());
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ('event'::regclass, 'attempt'::regclass) LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO tf_owner', part);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION tf_make_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tf_make_partitions(integer) TO tf_relay;
REVOKE ALL ON FUNCTION tf_protect(regclass, text, text, text, text) FROM PUBLIC;
