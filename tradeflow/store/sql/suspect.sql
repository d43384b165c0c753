-- One delivery whose lease ran out: its worker died or hung, perhaps because of it.
WITH mine AS (
    SELECT trade_id, delivery_id FROM delivery
    WHERE status = 'pending' AND lease_token IS NOT NULL AND lease_until < now() AND deaths + 1 < $4
        AND ($1::smallint[] IS NULL OR bucket = ANY ($1))
    ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE delivery d SET attempts = d.attempts + 1, deaths = d.deaths + 1, lease_token = $2, lease_until = clock_timestamp() + $3
    FROM mine WHERE d.trade_id = mine.trade_id AND d.delivery_id = mine.delivery_id
    RETURNING d.trade_id, d.delivery_id, d.message_id, d.party_id, d.role, d.kind, d.type, d.attempts, d.body
), lost AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'lost' FROM claimed
    WHERE a.trade_id = claimed.trade_id AND a.delivery_id = claimed.delivery_id AND a.n = claimed.attempts - 1 AND a.channel = '' AND a.outcome = ''
), tried AS (
    INSERT INTO attempt (trade_id, delivery_id, n) SELECT trade_id, delivery_id, attempts FROM claimed
)
SELECT * FROM claimed
