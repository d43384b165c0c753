-- Lock the inboxes of the parties $1, all workers in the same order, so that they cannot block each other.
SELECT pg_advisory_xact_lock(lock) FROM (
    SELECT DISTINCT hashtextextended(id, 11) AS lock FROM unnest($1::text[]) AS party (id) ORDER BY lock
) ordered
