-- The next parties after $1, in the order of their ids, that have something due: one step down the index for each, however much waits.
WITH RECURSIVE waiting AS (
    (
        SELECT party_id FROM delivery
        WHERE status = 'pending' AND lease_token IS NULL AND next_attempt_at <= now() AND party_id > $1 ORDER BY party_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT party_id FROM delivery
        WHERE status = 'pending' AND lease_token IS NULL AND next_attempt_at <= now() AND party_id > waiting.party_id ORDER BY party_id LIMIT 1
    )
    FROM waiting WHERE waiting.party_id IS NOT NULL
)
SELECT party_id FROM waiting WHERE party_id IS NOT NULL LIMIT $2
