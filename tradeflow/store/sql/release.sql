-- Given back untouched by a worker that stops.
WITH done AS (
    UPDATE delivery d SET lease_token = NULL, lease_until = NULL
    FROM unnest($1::text[], $2::uuid[]) AS claim (trade_id, delivery_id)
    WHERE d.trade_id = claim.trade_id AND d.delivery_id = claim.delivery_id AND d.lease_token = $3 AND d.status = 'pending'
    RETURNING d.trade_id, d.delivery_id, d.attempts
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'released' FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = ''
)
SELECT count(*) FROM done
