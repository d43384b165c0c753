-- What a worker died or hung of: free again, or after $1 times in quarantine, where it is the operator's.
WITH done AS (
    UPDATE dispatch SET deaths = deaths + 1, lease_token = NULL, lease_until = NULL,
        status = CASE WHEN deaths + 1 >= $1 THEN 'quarantined' ELSE 'pending' END,
        owner = CASE WHEN deaths + 1 >= $1 THEN 'operator' ELSE '' END,
        last_error = 'the worker died or hung ' || deaths + 1 || ' times while it sent this'
    WHERE status = 'pending' AND lease_token IS NOT NULL AND lease_until < clock_timestamp()
    RETURNING trade_id, delivery_id, attempts, channel, status
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'lost' FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = done.channel AND a.outcome = ''
)
SELECT delivery_id, status FROM done
