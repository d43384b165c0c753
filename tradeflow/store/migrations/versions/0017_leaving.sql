-- Why a delivery waits for a person, and for whom; 'withdrawn' is one that ended in nobody's inbox, each by an event of its trade that says why.
ALTER TABLE delivery ADD COLUMN reason text NOT NULL DEFAULT '', ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE delivery DROP CONSTRAINT delivery_status_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_status_check
    CHECK (status IN ('pending', 'delivered', 'acknowledged', 'quarantined', 'withdrawn'));

-- What could not reach a party before it left is its sender's to decide about, and no longer the party's to see.
DROP POLICY app ON delivery;
CREATE POLICY app ON delivery TO tf_app
    USING ((party_id = (SELECT tf_party()) AND reason <> 'recipient_gone') OR sender = (SELECT tf_party()))
    WITH CHECK ((party_id = (SELECT tf_party()) AND reason <> 'recipient_gone')
        OR (sender = (SELECT tf_party()) AND trade_id = (SELECT tf_trade())));

-- Nobody is granted to take a participant out of a trade. This function does it, inside a command of that trade, for the party itself or an owner.
GRANT DELETE ON participant TO tf_owner;
CREATE POLICY leaving ON participant TO tf_owner USING (trade_id = (SELECT tf_trade())) WITH CHECK (false);
CREATE POLICY leaving ON delivery TO tf_owner USING (trade_id = (SELECT tf_trade())) WITH CHECK (trade_id = (SELECT tf_trade()));
CREATE POLICY leaving ON board_seat FOR DELETE TO tf_owner USING (trade_id = (SELECT tf_trade()));
CREATE POLICY leaving_seen ON board_seat FOR SELECT TO tf_owner USING (trade_id = (SELECT tf_trade()));
CREATE FUNCTION tf_leave(leaves text, in_role text, says text, before bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM participant WHERE trade_id = tf_trade() AND party_id = tf_party()
            AND ((party_id = leaves AND role = in_role) OR (role IN ('exporter', 'importer') AND in_role NOT IN ('exporter', 'importer')))
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an owner of a trade has others leave it';
    END IF;
    -- what was about to reach it: a message waits for its sender, or for the operator where the sender has left as well; a status line is let go
    UPDATE delivery d SET status = CASE d.kind WHEN 'message' THEN 'quarantined' ELSE 'withdrawn' END, reason = 'recipient_gone',
        owner = CASE WHEN d.kind <> 'message' THEN ''
            WHEN EXISTS (SELECT FROM participant p WHERE p.trade_id = d.trade_id AND p.party_id = d.sender AND p.party_id <> leaves) THEN d.sender
            ELSE 'operator' END,
        lease_token = NULL, lease_until = NULL, last_error = says
    WHERE d.trade_id = tf_trade() AND d.party_id = leaves AND d.role = in_role AND d.status IN ('pending', 'quarantined') AND d.seq < before;
    DELETE FROM participant WHERE trade_id = tf_trade() AND party_id = leaves AND role = in_role;
    IF NOT EXISTS (SELECT FROM participant WHERE trade_id = tf_trade() AND party_id = leaves) THEN
        UPDATE delivery SET owner = 'operator'
        WHERE trade_id = tf_trade() AND owner = leaves AND reason = 'recipient_gone' AND status = 'quarantined';
        DELETE FROM board_seat WHERE trade_id = tf_trade() AND party_id = leaves;
    END IF;
END $$;
ALTER FUNCTION tf_leave(text, text, text, bigint) OWNER TO tf_owner;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION tf_leave(text, text, text, bigint) SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION tf_leave(text, text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tf_leave(text, text, text, bigint) TO tf_app;
