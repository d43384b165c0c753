-- What its workers died of $1 times waits for a person.
WITH done AS (
    UPDATE delivery SET status = 'quarantined', deaths = deaths + 1, lease_token = NULL, lease_until = NULL,
        last_error = 'the worker died or hung ' || deaths + 1 || ' times while it handed this over'
    WHERE status = 'pending' AND lease_token IS NOT NULL AND lease_until < now() AND deaths + 1 >= $1
    RETURNING trade_id, delivery_id, attempts
), told AS (
    UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'lost' FROM done
    WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts AND a.channel = '' AND a.outcome = ''
)
SELECT delivery_id FROM done
