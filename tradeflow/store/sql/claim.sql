-- For each of the parties $1 at most $2 deliveries: due, held by nobody, and with nothing before them in the line of the same trade and party.
-- A line that waits holds back only itself. What another worker has just locked is passed over.
WITH mine AS (
    SELECT d.trade_id, d.delivery_id FROM unnest($1::text[]) AS party (id) CROSS JOIN LATERAL (
        SELECT x.trade_id, x.delivery_id FROM delivery x
        WHERE x.party_id = party.id AND x.status = 'pending' AND x.lease_token IS NULL AND x.next_attempt_at <= now()
            AND ($3::smallint[] IS NULL OR x.bucket = ANY ($3))
            AND NOT EXISTS (
                SELECT FROM delivery before
                WHERE before.trade_id = x.trade_id AND before.party_id = x.party_id AND before.status = 'pending'
                    AND (before.seq, before.delivery_id) < (x.seq, x.delivery_id)
            )
        ORDER BY x.next_attempt_at LIMIT $2 FOR UPDATE OF x SKIP LOCKED
    ) d
), claimed AS (
    UPDATE delivery d SET attempts = d.attempts + 1, lease_token = $4, lease_until = clock_timestamp() + $5
    FROM mine WHERE d.trade_id = mine.trade_id AND d.delivery_id = mine.delivery_id
    RETURNING d.trade_id, d.delivery_id, d.seq, d.message_id, d.party_id, d.role, d.kind, d.type, d.attempts, d.body
), tried AS (
    INSERT INTO attempt (trade_id, delivery_id, n) SELECT trade_id, delivery_id, attempts FROM claimed
)
SELECT trade_id, delivery_id, message_id, party_id, role, kind, type, attempts, body FROM claimed ORDER BY trade_id, seq, delivery_id
