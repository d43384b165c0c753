"""How deliveries fare: to the inbox, and through channels. Read by both sides, and set going again."""

from typing import Any
from uuid import UUID

from tradeflow.store.uow import Store

Row = dict[str, Any]

_DELIVERY = """
SELECT d.trade_id, d.delivery_id, d.message_id, d.kind, d.type, d.sender, d.party_id, d.role, d.status, d.attempts, d.next_attempt_at,
    d.last_error, d.reason, d.owner, d.created_at, d.delivered_at, d.acknowledged_at,
    x.channel AS x_channel, x.status AS x_status, x.attempts AS x_attempts,
    x.next_attempt_at AS x_next_attempt_at, x.last_error AS x_last_error, x.owner AS x_owner, x.receipt AS x_receipt, x.sent_at AS x_sent_at
FROM delivery d LEFT JOIN dispatch x USING (trade_id, delivery_id)
"""
_SOME = f"{_DELIVERY} WHERE (d.trade_id, d.delivery_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))"  # noqa: S608 - ours
_OF_TRADE = f"{_DELIVERY} WHERE d.trade_id = $1 AND ($2 = '' OR d.sender = $2 OR d.party_id = $2) ORDER BY d.seq, d.delivery_id"
# by state, newest first; each part goes down an index of what is not finished: a prepared statement does where the state is written out
_BY_STATE = {
    state: f"""
{_DELIVERY} JOIN (
    SELECT trade_id, delivery_id FROM dispatch WHERE status = '{state}' AND ($1 = '' OR party_id = $1)
    UNION SELECT trade_id, delivery_id FROM delivery WHERE status = '{state}' AND ($1 = '' OR party_id = $1)
    UNION SELECT trade_id, delivery_id FROM delivery WHERE status = '{state}' AND sender = $1
    UNION SELECT x.trade_id, x.delivery_id FROM dispatch x JOIN delivery s USING (trade_id, delivery_id)
    WHERE x.status = '{state}' AND s.sender = $1
) found USING (trade_id, delivery_id)
WHERE $2::uuid IS NULL OR d.delivery_id < $2 ORDER BY d.delivery_id DESC LIMIT $3
"""  # noqa: S608 - all parts are ours
    for state in ("pending", "quarantined")
}
_ATTEMPTS = """
SELECT trade_id, delivery_id, n, started_at, finished_at, outcome, error, channel FROM attempt
WHERE trade_id = ANY ($1) AND delivery_id = ANY ($2) ORDER BY started_at, n
"""
_CHANNELS = """
SELECT c.party_id, c.name, c.kind, c.state, c.reason, c.failures, c.wait_until, c.hours, tf_now() AS now
FROM unnest($1::text[], $2::text[]) AS asked (party_id, name) JOIN channel c USING (party_id, name)
"""
_TRADE_OF = """
SELECT trade_id FROM dispatch WHERE delivery_id = $1
UNION SELECT trade_id FROM inbox_item WHERE party_id = $2 AND delivery_id = $1
UNION SELECT trade_id FROM delivery WHERE delivery_id = $1 AND status = 'quarantined' LIMIT 1
"""
# what went to an inbox only is found by its sender through the trades that it takes part in
_SENT_IN = """
SELECT p.trade_id FROM (SELECT DISTINCT trade_id FROM participant WHERE party_id = $2) p
JOIN delivery d ON d.trade_id = p.trade_id AND d.delivery_id = $1 AND d.sender = $2
"""
_AGAIN = """
UPDATE dispatch SET status = 'pending', step = 0, deaths = 0, next_attempt_at = tf_now(), last_error = '', owner = '', receipt = '',
    sent_at = NULL
WHERE trade_id = $1 AND delivery_id = $2 AND status = ANY ($3) RETURNING true
"""
_FIRST = """
INSERT INTO dispatch (trade_id, delivery_id, party_id, channel, seq, next_attempt_at)
SELECT d.trade_id, d.delivery_id, d.party_id, best.name, d.seq, tf_now() FROM delivery d CROSS JOIN LATERAL (
    SELECT c.name FROM channel c CROSS JOIN unnest(c.message_types) AS p (pattern)
    WHERE c.party_id = d.party_id AND (p.pattern = d.type OR (right(p.pattern, 1) = '*' AND starts_with(d.type, left(p.pattern, -1))))
    ORDER BY p.pattern = d.type DESC, length(p.pattern) DESC, c.name LIMIT 1
) best WHERE d.trade_id = $1 AND d.delivery_id = $2 AND d.status IN ('delivered', 'acknowledged') ON CONFLICT DO NOTHING RETURNING true
"""
_OUT = """
UPDATE delivery SET status = 'pending', deaths = 0, next_attempt_at = now(), last_error = ''
WHERE trade_id = $1 AND delivery_id = $2 AND status = 'quarantined' AND reason = '' RETURNING true
"""
_LEFT_BEHIND = """
SELECT message_id, party_id, role, sender, sender_role FROM delivery
WHERE trade_id = $1 AND delivery_id = $2 AND status = 'quarantined' AND reason = 'recipient_gone'
"""


_BY_CHANNEL = f"""
{_DELIVERY} JOIN (
    SELECT trade_id, delivery_id, position FROM inbox_item WHERE party_id = $1 ORDER BY position DESC LIMIT $3
) last USING (trade_id, delivery_id)
WHERE x.party_id = $1 AND x.channel = $2 ORDER BY last.position DESC LIMIT $4
"""  # noqa: S608 - the columns are ours


async def by_channel(store: Store, hub: Store, party_id: str, channel: str, newest: int, limit: int) -> list[Row]:
    """What went, or is to go, through a channel, of the newest deliveries of its party."""
    async with store.connection() as connection:
        rows = [dict(row) for row in await connection.fetch(_BY_CHANNEL, party_id, channel, newest, limit)]
    return await _whole(store, hub, rows)


async def of_trade(store: Store, hub: Store, trade_id: str, party_id: str) -> list[Row]:
    """Deliveries a party sent or receives in a trade ("" = all). `hub` tells how the receivers' channels fare."""
    async with store.connection() as connection:
        return await _whole(store, hub, [dict(row) for row in await connection.fetch(_OF_TRADE, trade_id, party_id)])


async def by_state(store: Store, hub: Store, status: str, party_id: str, before: UUID | None, limit: int) -> list[Row]:
    """Deliveries of any trade that are in this state, in the inbox's queue or a channel's."""
    async with store.connection() as connection:
        rows = [dict(row) for row in await connection.fetch(_BY_STATE[status], party_id, before, limit)]
    return await _whole(store, hub, rows)


async def some(store: Store, hub: Store, ids: list[tuple[str, UUID]]) -> dict[UUID, Row]:
    """Some deliveries by their ids, as far as this store sees them."""
    async with store.connection() as connection:
        rows = [dict(row) for row in await connection.fetch(_SOME, [trade for trade, _ in ids], [id for _, id in ids])]
    return {row["delivery_id"]: row for row in await _whole(store, hub, rows)}


async def trade_of(store: Store, delivery_id: UUID, party_id: str) -> str | None:
    """The trade of a delivery that can be sent again, as far as this store sees it."""
    async with store.connection() as connection:
        found: str | None = await connection.fetchval(_TRADE_OF, delivery_id, party_id)
        if found is None:
            found = await connection.fetchval(_SENT_IN, delivery_id, party_id)
    return found


async def again(store: Store, trade_id: str, delivery_id: UUID, states: tuple[str, ...]) -> bool:
    """Put a delivery back to the foot of the ladder, if its way through a channel is in one of these states."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_AGAIN, trade_id, delivery_id, list(states)))


async def first(store: Store, trade_id: str, delivery_id: UUID) -> bool:
    """Send a delivery through a channel that its receiver has made since it arrived. False if none fits."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_FIRST, trade_id, delivery_id))


async def out_of_quarantine(store: Store, trade_id: str, delivery_id: UUID) -> bool:
    """Let what could not even reach the inbox be tried again."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_OUT, trade_id, delivery_id))


async def left_behind(store: Store, trade_id: str, delivery_id: UUID) -> Row | None:
    """A delivery that did not reach its party before it left the trade, while its sender has not decided about it."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_LEFT_BEHIND, trade_id, delivery_id)
    return dict(row) if row else None


async def _whole(store: Store, hub: Store, rows: list[Row]) -> list[Row]:
    """With every attempt, and the state of the channel each goes through."""
    trades, ids = sorted({row["trade_id"] for row in rows}), [row["delivery_id"] for row in rows]
    tries: dict[UUID, list[Row]] = {}
    async with store.connection() as connection:
        for attempt in await connection.fetch(_ATTEMPTS, trades, ids):
            row = dict(attempt)
            del row["trade_id"]
            tries.setdefault(row.pop("delivery_id"), []).append(row)
    keys = sorted({(row["party_id"], row["x_channel"]) for row in rows if row["x_channel"]})
    async with hub.connection() as connection:
        found = await connection.fetch(_CHANNELS, [key[0] for key in keys], [key[1] for key in keys]) if keys else []
    channels = {(row["party_id"], row["name"]): dict(row) for row in found}
    return [_split(row, channels) | {"attempt_list": tries.get(row["delivery_id"], [])} for row in rows]


def _split(row: Row, channels: dict[tuple[str, str], Row]) -> Row:
    own = {name: value for name, value in row.items() if not name.startswith("x_")}
    way = {name.removeprefix("x_"): value for name, value in row.items() if name.startswith("x_")}
    return own | {"way": way | {"is": channels.get((row["party_id"], way["channel"]))} if way["channel"] else None}
