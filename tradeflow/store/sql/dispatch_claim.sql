-- For each channel ($1, $2) at most $3 of its dispatches: due, held by nobody, and the first of their trade that still waits there.
WITH mine AS (
    SELECT d.trade_id, d.delivery_id FROM unnest($1::text[], $2::text[], $3::int[]) AS line (party_id, channel, room) CROSS JOIN LATERAL (
        SELECT x.trade_id, x.delivery_id FROM dispatch x
        WHERE x.party_id = line.party_id AND x.channel = line.channel AND x.status = 'pending' AND x.lease_token IS NULL
            AND x.next_attempt_at <= tf_now() AND NOT EXISTS (
                SELECT FROM dispatch before
                WHERE before.trade_id = x.trade_id AND before.party_id = x.party_id AND before.channel = x.channel AND before.status = 'pending'
                    AND (before.seq, before.delivery_id) < (x.seq, x.delivery_id)
            )
        ORDER BY x.next_attempt_at, x.seq LIMIT line.room FOR UPDATE OF x SKIP LOCKED
    ) d
), claimed AS (
    UPDATE dispatch x SET attempts = x.attempts + 1, lease_token = $4, lease_until = clock_timestamp() + $5
    FROM mine WHERE x.trade_id = mine.trade_id AND x.delivery_id = mine.delivery_id
    RETURNING x.trade_id, x.delivery_id, x.party_id, x.channel, x.seq, x.attempts, x.step
), tried AS (
    INSERT INTO attempt (trade_id, delivery_id, n, channel) SELECT trade_id, delivery_id, attempts, channel FROM claimed
)
SELECT c.*, d.message_id, d.kind, d.type, d.function, d.sender, d.sender_role, d.role, d.body, tf_now() AS now
FROM claimed c JOIN delivery d USING (trade_id, delivery_id)
