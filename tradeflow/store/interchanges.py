"""Files by the reference that their senders give them, and deliveries by that which the hub gave."""

from collections.abc import Sequence
from typing import Any

from tradeflow.store.uow import Store

Row = dict[str, Any]

_SEEN = "SELECT sha256, received_at FROM interchange WHERE party_id = $1 AND reference = $2 AND received_at > now() - interval '1 year'"
# references come round again: after a year one is as new
_REMEMBER = """
INSERT INTO interchange (party_id, reference, sha256) VALUES ($1, $2, $3)
ON CONFLICT (party_id, reference) DO UPDATE SET sha256 = excluded.sha256, received_at = now()
WHERE interchange.received_at <= now() - interval '1 year'
"""
# the message, or the newest with a document of that number, of those that were delivered to the party
_FOUND = """
WITH hit AS (
    SELECT m.trade_id, m.message_id, m.received_at AS at FROM message m
    WHERE upper(left(encode(sha256(uuid_send(m.message_id)), 'hex'), 14)) = $2
    UNION ALL SELECT d.trade_id, d.message_id, d.lodged_at FROM document d WHERE d.number = $2
), mine AS (
    SELECT d.trade_id, d.delivery_id, d.message_id, d.type, d.sender, hit.at FROM hit JOIN delivery d USING (trade_id, message_id)
    WHERE d.party_id = $1 AND d.kind = 'message' AND d.status <> 'pending'
)
SELECT DISTINCT trade_id, delivery_id, message_id, type, sender FROM mine
WHERE (trade_id, message_id) = (SELECT trade_id, message_id FROM mine ORDER BY at DESC LIMIT 1)
"""
_NOTE = """
INSERT INTO attempt (trade_id, delivery_id, n, started_at, finished_at, outcome, error, channel)
SELECT d.trade_id, d.delivery_id, coalesce(x.attempts, d.attempts), clock_timestamp(), clock_timestamp(), $3, $4, coalesce(x.channel, '')
FROM delivery d LEFT JOIN dispatch x USING (trade_id, delivery_id) WHERE d.trade_id = $1 AND d.delivery_id = $2 AND NOT EXISTS (
    SELECT FROM attempt a WHERE a.trade_id = $1 AND a.delivery_id = $2 AND a.n = coalesce(x.attempts, d.attempts)
        AND (a.outcome, a.error) = ($3, $4)
) RETURNING true
"""
_REJECTED = """
WITH way AS (
    UPDATE dispatch SET status = 'quarantined', last_error = $3, owner = party_id, receipt = '', sent_at = NULL, lease_token = NULL,
        lease_until = NULL
    WHERE trade_id = $1 AND delivery_id = $2 AND status IN ('pending', 'sent')
)
UPDATE delivery SET last_error = $3 WHERE trade_id = $1 AND delivery_id = $2
"""


async def seen(store: Store, party_id: str, reference: str) -> Row | None:
    """The file that a party sent under a reference within a year: its hash and when it came."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_SEEN, party_id, reference)
    return dict(row) if row else None


async def remember(store: Store, party_id: str, reference: str, sha256: str) -> None:
    """Keep that a reference is used; the first file stays."""
    async with store.transaction() as connection:
        await connection.execute(_REMEMBER, party_id, reference, sha256)


async def delivered(store: Store, party_id: str, reference: str) -> list[Row]:
    """What was delivered to a party under a reference: the copies of one message, for each role that it has. Empty where there is none."""
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(_FOUND, party_id, reference)]


async def note(store: Store, deliveries: Sequence[Row], accepted: bool, said: str) -> None:
    """Write beside the attempts what the receiver's system said, once; a rejection leaves the delivery to a person."""
    async with store.transaction() as connection:
        for one in deliveries:
            key = (one["trade_id"], one["delivery_id"])
            new = await connection.fetchval(_NOTE, *key, "acknowledged" if accepted else "rejected", said[:500])
            if new and not accepted:
                await connection.execute(_REJECTED, *key, said[:500])
