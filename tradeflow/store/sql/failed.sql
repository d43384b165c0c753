-- A try that did not work: again after $5, or in quarantine after $6 of them.
WITH done AS (
    UPDATE delivery SET lease_token = NULL, lease_until = NULL, last_error = $4,
        status = CASE WHEN attempts >= $6 THEN 'quarantined' ELSE 'pending' END, next_attempt_at = clock_timestamp() + $5
    WHERE trade_id = $1 AND delivery_id = $2 AND lease_token = $3 AND status = 'pending'
    RETURNING trade_id, delivery_id, attempts
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'failed', error = $4 FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = ''
)
SELECT count(*) FROM done
