-- A trade at its version, the hub's time, and an earlier message of the same sender ($2) and id ($3); nothing where $4 takes no part in it.
CREATE FUNCTION tf_read(text, text, uuid, text)
RETURNS TABLE (state bytea, head_hash bytea, now timestamptz, earlier_trade text, sha256 text, status smallint, answer bytea)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tf.party', $4, true), set_config('tf.trade', $1, true);
    RETURN QUERY
    SELECT t.state, t.head_hash, tf_now(), e.trade_id, e.sha256, e.status, e.answer
    FROM trade t
    LEFT JOIN LATERAL (
        SELECT m.trade_id, m.sha256, m.status, m.answer FROM message m
        WHERE m.message_id = $3 AND (m.sender = $2 OR m.trade_id = $1) ORDER BY (m.trade_id = $1) DESC LIMIT 1
    ) e ON true
    WHERE t.trade_id = $1;
END $$
