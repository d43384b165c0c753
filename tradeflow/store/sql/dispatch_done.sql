-- How a try ended: $4 is what becomes of the dispatch, $5 what is said about it, $6 when it is tried again, $7 who has to act on a quarantined one.
WITH done AS (
    UPDATE dispatch SET lease_token = NULL, lease_until = NULL, status = $4, step = step + 1, deaths = 0,
        last_error = CASE WHEN $4 = 'sent' THEN '' ELSE $5 END, receipt = CASE WHEN $4 = 'sent' THEN $5 ELSE '' END, owner = $7,
        sent_at = CASE WHEN $4 = 'sent' THEN tf_now() END, next_attempt_at = tf_now() + $6
    WHERE trade_id = $1 AND delivery_id = $2 AND lease_token = $3 AND status = 'pending'
    RETURNING trade_id, delivery_id, attempts, channel
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = CASE WHEN $4 = 'sent' THEN 'sent' ELSE 'failed' END,
        error = CASE WHEN $4 = 'sent' THEN '' ELSE $5 END
    FROM done WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = done.channel
)
SELECT count(*) FROM done
