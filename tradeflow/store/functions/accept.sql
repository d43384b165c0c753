-- The commit of a command. Nothing is written unless the trade is still at the version that was read ($2); no row back means somebody was first.
-- $47 acts: what it may write is row-level security's to say (0002_row_security.sql). One round trip, so the settings and the statement stand in one function.
CREATE FUNCTION tf_accept(
    text, bigint, bytea, bytea,                              -- trade, version read, state, hash
    text, text, text, text, uuid, bytea, timestamptz, bytea, -- event: kind, party, role, key, message, body, at, hash before
    text, text, text, text, text, text, integer, bytea,      -- message: type, function, content type, three hashes, status, answer
    text[], bytea[], text, integer,                          -- payloads; document: number, version
    smallint, uuid[], text[], text[], text[], bytea[],       -- deliveries: bucket, ids, kinds, parties, roles, bodies
    text[], text[], text[], timestamptz[], text[],           -- timers: armed keys, regions, events, due; disarmed keys
    text, text[], text[],                                    -- process tables; who joins: parties, roles
    text[], text[], text[],                                  -- who leaves: parties, roles, what is said to whoever wrote to them
    uuid[], text[], text[], uuid[], text[],                  -- deliveries to who left: ids, statuses, why, ids of copies, to whom
    text                                                     -- acting party
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE done bigint;
BEGIN
    PERFORM set_config('tf.party', $47, true), set_config('tf.trade', $1, true);
    WITH moved AS (
        UPDATE trade SET version = $2 + 1, state = $3, head_hash = $4, machine = $36, updated_at = now()
        WHERE trade_id = $1 AND version = $2
        RETURNING trade_id
    ), event AS (
        INSERT INTO event (trade_id, seq, kind, party, role, key_id, message_id, body, at, prev_hash, hash)
        SELECT trade_id, $2 + 1, $5, $6, $7, $8, $9, $10, $11, $12, $4 FROM moved
    ), joined AS (
        INSERT INTO participant (trade_id, party_id, role)
        SELECT trade_id, p.party_id, p.role FROM moved, unnest($37::text[], $38::text[]) AS p (party_id, role)
    ), message AS (
        INSERT INTO message (trade_id, message_id, sender, role, type, function, content_type, original_sha256, sha256, payload_sha256, verdict, status, answer, received_at)
        SELECT trade_id, $9, $6, $7, $13, $14, $15, $16, $17, $18, 'accepted', $19, $20, $11 FROM moved WHERE $13 <> ''
    ), payload AS (
        INSERT INTO payload (trade_id, sha256, body)
        SELECT trade_id, p.sha256, p.body FROM moved, unnest($21::text[], $22::bytea[]) AS p (sha256, body)
        ON CONFLICT DO NOTHING
    ), document AS (
        INSERT INTO document (trade_id, type, number, version, sha256, message_id, role, lodged_at)
        SELECT trade_id, $13, $23, $24, $17, $9, $7, $11 FROM moved WHERE $23::text IS NOT NULL
        ON CONFLICT (trade_id, type, number, version) DO UPDATE -- a confirmation (function 6) states the same version again, for example an accepted draft
        SET sha256 = excluded.sha256, message_id = excluded.message_id, role = excluded.role, lodged_at = excluded.lodged_at
    ), delivery AS (
        INSERT INTO delivery (trade_id, seq, bucket, delivery_id, message_id, kind, party_id, role, type, function, sender, sender_role, body)
        SELECT trade_id, $2 + 1, $25, d.delivery_id, $9, d.kind, d.party_id, d.role, $13, $14, $6, $7, d.body
        FROM moved, unnest($26::uuid[], $27::text[], $28::text[], $29::text[], $30::bytea[]) AS d (delivery_id, kind, party_id, role, body)
    ), armed AS (
        INSERT INTO timer (trade_id, timer_key, region, event, due_at)
        SELECT trade_id, t.timer_key, t.region, t.event, t.due_at
        FROM moved, unnest($31::text[], $32::text[], $33::text[], $34::timestamptz[]) AS t (timer_key, region, event, due_at)
        ON CONFLICT (trade_id, timer_key) DO UPDATE
        SET region = excluded.region, event = excluded.event, due_at = excluded.due_at, attempts = 0, next_attempt_at = now(), last_error = ''
    ), disarmed AS (
        DELETE FROM timer USING moved WHERE timer.trade_id = moved.trade_id AND timer.timer_key = ANY ($35::text[])
    )
    SELECT count(*) INTO done FROM moved;
    IF done > 0 AND cardinality($39) > 0 THEN
        PERFORM tf_leave(l.party_id, l.role, l.says, $2 + 1) FROM unnest($39, $40, $41) AS l (party_id, role, says);
    END IF;
    IF done > 0 AND cardinality($42) > 0 THEN
        UPDATE delivery d SET status = r.status, reason = '', owner = '', deaths = 0, next_attempt_at = now(), last_error = r.says
        FROM unnest($42, $43, $44) AS r (delivery_id, status, says)
        WHERE d.trade_id = $1 AND d.delivery_id = r.delivery_id AND d.status = 'quarantined' AND d.reason = 'recipient_gone' AND r.status = 'pending';
        INSERT INTO delivery (trade_id, seq, bucket, delivery_id, message_id, kind, party_id, role, type, function, sender, sender_role, body)
        SELECT d.trade_id, $2 + 1, d.bucket, r.copy, d.message_id, d.kind, r.party_id, d.role, d.type, d.function, d.sender, d.sender_role, d.body
        FROM unnest($42, $45, $46) AS r (delivery_id, copy, party_id)
        JOIN delivery d ON d.trade_id = $1 AND d.delivery_id = r.delivery_id AND d.status = 'quarantined' AND d.reason = 'recipient_gone'
        WHERE r.party_id <> '';
        UPDATE delivery d SET status = r.status, owner = '', last_error = r.says -- the reason stays: whoever left does not see it
        FROM unnest($42, $43, $44) AS r (delivery_id, status, says)
        WHERE d.trade_id = $1 AND d.delivery_id = r.delivery_id AND d.status = 'quarantined' AND d.reason = 'recipient_gone';
    END IF;
    RETURN done;
END $$
