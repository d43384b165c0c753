-- Into the inboxes, each at the next positions, and marked as delivered: only what the token $3 still holds. What its party wants by a channel as well
-- is put on its way there: by the channel whose pattern fits best, an exact type before the longest beginning.
WITH mine AS (
    SELECT d.trade_id, d.delivery_id, d.party_id, d.seq, d.kind, d.type FROM unnest($1::text[], $2::uuid[]) AS claim (trade_id, delivery_id)
    JOIN delivery d ON d.trade_id = claim.trade_id AND d.delivery_id = claim.delivery_id
    WHERE d.lease_token = $3 AND d.status = 'pending' FOR UPDATE OF d
), last AS (
    SELECT party_id, (SELECT coalesce(max(position), 0) FROM inbox_item i WHERE i.party_id = p.party_id) AS position
    FROM (SELECT DISTINCT party_id FROM mine) p
), arrived AS (
    INSERT INTO inbox_item (party_id, position, trade_id, delivery_id, delivered_at)
    SELECT m.party_id, l.position + row_number() OVER (PARTITION BY m.party_id ORDER BY m.trade_id, m.seq, m.delivery_id), m.trade_id, m.delivery_id,
        clock_timestamp()
    FROM mine m JOIN last l USING (party_id) ON CONFLICT (party_id, delivery_id) DO NOTHING
), on_its_way AS (
    INSERT INTO dispatch (trade_id, delivery_id, party_id, channel, seq, next_attempt_at)
    SELECT m.trade_id, m.delivery_id, m.party_id, best.name, m.seq, tf_now() FROM mine m CROSS JOIN LATERAL (
        SELECT c.name FROM channel c CROSS JOIN unnest(c.message_types) AS p (pattern)
        WHERE c.party_id = m.party_id AND (m.kind = 'message' OR c.notices)
            AND (p.pattern = m.type OR (right(p.pattern, 1) = '*' AND starts_with(m.type, left(p.pattern, -1))))
        ORDER BY p.pattern = m.type DESC, length(p.pattern) DESC, c.name LIMIT 1
    ) best ON CONFLICT DO NOTHING
), done AS (
    UPDATE delivery d SET status = 'delivered', delivered_at = clock_timestamp(), lease_token = NULL, lease_until = NULL, last_error = ''
    FROM mine WHERE d.trade_id = mine.trade_id AND d.delivery_id = mine.delivery_id
    RETURNING d.trade_id, d.delivery_id, d.attempts
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'delivered' FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = ''
)
SELECT count(*) FROM done
