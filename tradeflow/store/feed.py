"""What changed since a transaction, in order and without a gap: events of trades, deliveries on their way, held messages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tradeflow.store.held import COLUMNS, Held
from tradeflow.store.uow import Store

Row = dict[str, Any]
BEGINNING = -(2**62)
PAGE = 200

# all transactions below it are over, and what they wrote is seen by every later statement
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_EVENTS = """
SELECT e.xid, e.trade_id, e.seq, e.at, e.kind, e.party, e.role, e.message_id, e.body, e.hash FROM event e
WHERE e.xid > $1 AND e.xid < $2 AND ($4 = '' OR e.trade_id = $4)
    AND ($5 = '' OR e.trade_id IN (SELECT p.trade_id FROM participant p WHERE p.party_id = $5))
ORDER BY e.xid, e.trade_id, e.seq LIMIT $3
"""
_DELIVERIES = """
SELECT xid, trade_id, delivery_id FROM (
    SELECT d.xid, d.trade_id, d.delivery_id FROM delivery d
    WHERE d.xid > $1 AND d.xid < $2 AND ($5 = '' OR d.party_id = $5 OR d.sender = $5)
    UNION
    SELECT x.xid, x.trade_id, x.delivery_id FROM dispatch x JOIN delivery d USING (trade_id, delivery_id)
    WHERE x.xid > $1 AND x.xid < $2 AND ($5 = '' OR d.party_id = $5 OR d.sender = $5)
) found WHERE $4 = '' OR trade_id = $4 ORDER BY xid, trade_id, delivery_id LIMIT $3
"""
_HELD = f"""
SELECT xid, {COLUMNS} FROM held_message h
WHERE xid > $1 AND xid < $2 AND ($4 = '' OR into_trade = $4) AND ($5 = '' OR party_id = $5) ORDER BY xid, held_id LIMIT $3
"""  # noqa: S608 - the columns are ours
_SOURCES = {"event": _EVENTS, "delivery": _DELIVERIES, "held": _HELD}


@dataclass(frozen=True, slots=True)
class Page:
    """What changed after the cursor, by source, each in order; and the transaction up to which this is all there is."""

    rows: dict[str, list[Row]]
    upto: int


async def end(store: Store) -> int:
    """The cursor of somebody who wants only what comes."""
    async with store.connection() as connection:
        return int(await connection.fetchval(_HORIZON)) - 1


async def since(store: Store, after: int, sources: list[str], trade_id: str, party_id: str) -> Page:
    """One page for a party ("" is the hub itself). A transaction comes whole or not at all."""
    limit = PAGE
    while True:
        async with store.transaction() as connection:
            horizon = int(await connection.fetchval(_HORIZON))
            found = {
                name: [dict(row) for row in await connection.fetch(_SOURCES[name], after, horizon, limit, trade_id, party_id)]
                for name in sources
            }
        full = [rows[-1]["xid"] for rows in found.values() if len(rows) == limit]
        upto = min(full) - 1 if full else horizon - 1
        if upto > after or not full:
            return Page({name: [row for row in rows if row["xid"] <= upto] for name, rows in found.items()}, max(upto, after))
        limit *= 4


def held_of(row: Row) -> Held:
    """A held message of its row."""
    return Held(**{name: value for name, value in row.items() if name != "xid"})


def ids_of(rows: list[Row]) -> list[tuple[str, UUID]]:
    """Trade and delivery of rows about deliveries."""
    return [(row["trade_id"], row["delivery_id"]) for row in rows]
