-- The transaction that wrote a row. Everything below pg_snapshot_xmin is over, so whoever has read up to there has missed nothing, whenever it committed.
ALTER TABLE event ADD COLUMN xid bigint;
ALTER TABLE event ALTER COLUMN xid SET DEFAULT pg_current_xact_id()::text::bigint;
-- what there is comes first, in its order; the owner is held to the policies, too, so they are lifted for this statement
ALTER TABLE event NO FORCE ROW LEVEL SECURITY;
UPDATE event e SET xid = o.n FROM (
    SELECT trade_id, seq, recorded_at, row_number() OVER (ORDER BY recorded_at, trade_id, seq) - count(*) OVER () - 1 AS n FROM event
) o WHERE e.trade_id = o.trade_id AND e.seq = o.seq AND e.recorded_at = o.recorded_at;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE INDEX event_xid ON event (xid);

CREATE FUNCTION tf_marked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

ALTER TABLE dispatch ADD COLUMN xid bigint;
CREATE INDEX dispatch_xid ON dispatch (xid) WHERE xid IS NOT NULL;
CREATE TRIGGER dispatch_made BEFORE INSERT ON dispatch FOR EACH ROW EXECUTE FUNCTION tf_marked();
-- not for a claim: that somebody works on it is no news
CREATE TRIGGER dispatch_changed BEFORE UPDATE ON dispatch FOR EACH ROW
    WHEN (NEW.lease_token IS NULL AND (NEW.status, NEW.last_error, NEW.next_attempt_at) IS DISTINCT FROM (OLD.status, OLD.last_error, OLD.next_attempt_at))
    EXECUTE FUNCTION tf_marked();

ALTER TABLE delivery ADD COLUMN xid bigint;
CREATE INDEX delivery_xid ON delivery (xid) WHERE xid IS NOT NULL;
CREATE TRIGGER delivery_changed BEFORE UPDATE ON delivery FOR EACH ROW
    WHEN (NEW.status IN ('acknowledged', 'quarantined') AND NEW.status <> OLD.status) EXECUTE FUNCTION tf_marked();

ALTER TABLE held_message ADD COLUMN xid bigint;
CREATE INDEX held_message_xid ON held_message (xid) WHERE xid IS NOT NULL;
CREATE TRIGGER held_message_marked BEFORE INSERT OR UPDATE ON held_message FOR EACH ROW EXECUTE FUNCTION tf_marked();
