"""What the queries read. No locks, no writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tradeflow.store.uow import Store

Row = dict[str, Any]

# the page is cut before its deliveries are looked up: the planner cannot know that the policy of deliveries lets all of them through
_INBOX = """
SELECT i.position, i.delivery_id, i.trade_id, d.kind, d.message_id, d.type, d.function, d.sender, d.sender_role, d.role, d.body,
    i.delivered_at, i.acknowledged_at
FROM (SELECT * FROM inbox_item WHERE party_id = $1 AND position > $2 {only} ORDER BY position LIMIT $3) i
JOIN delivery d USING (trade_id, delivery_id) ORDER BY i.position
"""
_NEW = "AND acknowledged_at IS NULL"
_ACKNOWLEDGE = """
WITH item AS (
    UPDATE inbox_item SET acknowledged_at = coalesce(acknowledged_at, clock_timestamp()) WHERE party_id = $1 AND delivery_id = $2
    RETURNING trade_id, delivery_id, acknowledged_at
), done AS (
    UPDATE delivery d SET status = 'acknowledged', acknowledged_at = item.acknowledged_at FROM item
    WHERE d.trade_id = item.trade_id AND d.delivery_id = item.delivery_id AND d.status = 'delivered'
), needless AS (
    UPDATE dispatch x SET status = 'withdrawn', last_error = 'its receiver has taken it from the inbox' FROM item
    WHERE x.trade_id = item.trade_id AND x.delivery_id = item.delivery_id AND x.lease_token IS NULL
        AND x.status IN ('pending', 'quarantined')
)
SELECT acknowledged_at FROM item
"""
_TIMELINE = "SELECT seq, at, kind, party, role, message_id, body, hash FROM event WHERE trade_id = $1 ORDER BY seq"
_TRADES = """
SELECT trade_id, version, created_at, updated_at
FROM (SELECT DISTINCT trade_id FROM participant WHERE party_id = $1 AND ($2 = '' OR trade_id < $2) ORDER BY trade_id DESC LIMIT $3) p
JOIN trade t USING (trade_id) ORDER BY trade_id DESC
"""
_ALL_TRADES = """
SELECT trade_id, version, created_at, updated_at FROM trade WHERE ($1 = '' OR trade_id < $1) ORDER BY trade_id DESC LIMIT $2
"""
_PINNED = "SELECT machine, count(*) AS trades FROM trade GROUP BY machine ORDER BY machine"
_ELSEWHERE = "SELECT trade_id FROM trade WHERE machine <> $1 AND trade_id > $2 ORDER BY trade_id LIMIT $3"
_MESSAGE = """
SELECT m.message_id, m.type, m.sender, m.content_type, m.original_sha256, p.body FROM message m
JOIN payload p ON p.trade_id = m.trade_id AND p.sha256 = m.original_sha256 WHERE m.trade_id = $1 AND m.message_id = $2
"""
_REFUSALS = """
SELECT message_id, sender, type, answer, received_at FROM refusal WHERE trade_id = $1 AND ($2 = '' OR sender = $2)
ORDER BY received_at DESC, refusal_id DESC LIMIT $3
"""
_DOCUMENT = """
SELECT d.version, d.sha256, d.message_id, p.body FROM document d JOIN payload p USING (trade_id, sha256)
WHERE d.trade_id = $1 AND d.type = $2 AND d.number = $3 AND ($4::integer IS NULL OR d.version = $4) ORDER BY d.version DESC LIMIT 1
"""
_RECIPIENT = "SELECT EXISTS (SELECT 1 FROM delivery WHERE trade_id = $1 AND message_id = $2 AND party_id = $3 AND kind = 'message')"

_KEEP_IDEMPOTENT = """
INSERT INTO idempotency (party_id, command, key, request_sha256, status, answer) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""


async def _all(store: Store, sql: str, *arguments: Any) -> list[Row]:
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]


async def _one(store: Store, sql: str, *arguments: Any) -> Row | None:
    async with store.connection() as connection:
        row = await connection.fetchrow(sql, *arguments)
    return dict(row) if row else None


async def inbox(store: Store, party_id: str, after: int, limit: int, unacknowledged: bool) -> list[Row]:
    """A party's deliveries after a position, in order."""
    return await _all(store, _INBOX.format(only=_NEW if unacknowledged else ""), party_id, after, limit)


async def last_position(store: Store, party_id: str) -> int:
    """The position of the newest delivery of an inbox, 0 for an empty one."""
    async with store.connection() as connection:
        return int(await connection.fetchval("SELECT max(position) FROM inbox_item WHERE party_id = $1", party_id) or 0)


async def acknowledge(store: Store, party_id: str, delivery_id: UUID) -> datetime | None:
    """The time at which this delivery was first acknowledged; None if it is not in this party's inbox."""
    async with store.transaction() as connection:
        at: datetime | None = await connection.fetchval(_ACKNOWLEDGE, party_id, delivery_id)
    return at


async def timeline(store: Store, trade_id: str) -> list[Row]:
    """The events of a trade in order; body is the JSON list of changes."""
    return await _all(store, _TIMELINE, trade_id)


async def trades(store: Store, party_id: str, before: str, limit: int) -> list[Row]:
    """Trades a party takes part in ("" = all)."""
    return await (_all(store, _TRADES, party_id, before, limit) if party_id else _all(store, _ALL_TRADES, before, limit))


async def version(store: Store, trade_id: str) -> int | None:
    """The version a trade is at, if it is there for whom the store acts."""
    async with store.connection() as connection:
        found: int | None = await connection.fetchval("SELECT version FROM trade WHERE trade_id = $1", trade_id)
    return found


async def message(store: Store, trade_id: str, message_id: UUID) -> Row | None:
    """A message as it was lodged, byte for byte."""
    return await _one(store, _MESSAGE, trade_id, message_id)


async def refusals(store: Store, trade_id: str, party_id: str, limit: int) -> list[Row]:
    """What was refused of a party's messages ("" = of everybody's), the newest first."""
    return await _all(store, _REFUSALS, trade_id, party_id, limit)


async def document(store: Store, trade_id: str, type_: str, number: str, version: int | None) -> Row | None:
    """A version of a document in canonical form; the newest if no version is given."""
    return await _one(store, _DOCUMENT, trade_id, type_, number, version)


async def is_recipient(store: Store, trade_id: str, message_id: UUID, party_id: str) -> bool:
    """Whether the sender addressed this message to the party."""
    async with store.connection() as connection:
        return bool(await connection.fetchval(_RECIPIENT, trade_id, message_id, party_id))


async def idempotent(store: Store, party_id: str, command: str, key: str) -> Row | None:
    """The first answer to a call with this Idempotency-Key."""
    return await _one(
        store,
        "SELECT request_sha256, status, answer FROM idempotency WHERE party_id = $1 AND command = $2 AND key = $3",
        party_id,
        command,
        key,
    )


async def keep_idempotent(store: Store, party_id: str, command: str, key: str, request_sha256: str, status: int, answer: bytes) -> None:
    """Keep an answer for replays; the first one stays."""
    async with store.transaction() as connection:
        await connection.execute(
            _KEEP_IDEMPOTENT,
            *(party_id, command, key, request_sha256, status, answer),
        )


async def pinned(store: Store) -> dict[str, int]:
    """How many trades stay with each version of the process tables, by its hash."""
    return {row["machine"]: row["trades"] for row in await _all(store, _PINNED)}


async def pinned_elsewhere(store: Store, machine: str, after: str, limit: int) -> list[str]:
    """The ids of trades that do not stay with this version of the process tables, in order, page by page."""
    return [row["trade_id"] for row in await _all(store, _ELSEWHERE, machine, after, limit)]
