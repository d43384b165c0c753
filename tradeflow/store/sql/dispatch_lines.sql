-- Channels that may be used now and have something due, in a fixed order of parties.
SELECT c.party_id, c.name, c.kind, c.format, c.settings, c.hours, c.revision, c.failures, tf_now() AS now FROM channel c
WHERE c.state = 'active' AND (c.wait_until IS NULL OR c.wait_until <= tf_now()) AND EXISTS (
    SELECT FROM dispatch x
    WHERE x.party_id = c.party_id AND x.channel = c.name AND x.status = 'pending' AND x.lease_token IS NULL AND x.next_attempt_at <= tf_now()
)
ORDER BY c.party_id, c.name
