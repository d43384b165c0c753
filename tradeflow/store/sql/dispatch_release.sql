-- Given back untouched by a worker that stops.
WITH done AS (
    UPDATE dispatch x SET lease_token = NULL, lease_until = NULL
    WHERE x.trade_id = $1 AND x.delivery_id = $2 AND x.lease_token = $3 AND x.status = 'pending'
    RETURNING x.trade_id, x.delivery_id, x.attempts, x.channel
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'released' FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = done.channel
)
SELECT count(*) FROM done
