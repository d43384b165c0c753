"""What the evidence of a trade is made of, and figures about a hub as a whole."""

from typing import Any

from tradeflow.store.uow import Store

Row = dict[str, Any]
_EVENTS = "SELECT seq, at, kind, party, role, key_id, message_id, body, prev_hash, hash FROM event WHERE trade_id = $1 ORDER BY seq"
_QUEUES = """
SELECT (SELECT count(*) FROM delivery WHERE status = 'pending' AND lease_token IS NULL) AS waiting,
    (SELECT count(*) FROM delivery WHERE status = 'pending' AND lease_token IS NOT NULL) AS in_hand,
    (SELECT count(*) FROM delivery WHERE status = 'quarantined') AS stuck,
    (SELECT count(*) FROM dispatch WHERE status = 'pending') AS in_channels,
    (SELECT count(*) FROM dispatch WHERE status = 'quarantined') AS stuck_in_channels,
    (SELECT count(*) FROM timer WHERE due_at <= tf_now()) AS clocks_due,
    (SELECT min(next_attempt_at) FROM delivery WHERE status = 'pending' AND lease_token IS NULL) AS oldest,
    (SELECT count(*) FROM quarantine WHERE state = 'waiting') AS quarantine,
    (SELECT count(*) FROM channel WHERE state = 'disabled') AS channels_off,
    (SELECT count(*) FROM party) AS parties,
    (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'trade'::regclass) AS trades_about,
    pg_database_size(current_database()) AS bytes, version() AS database
"""
_VERSIONS = """
SELECT v.hash, v.created_at, count(t.trade_id) AS trades FROM process_version v LEFT JOIN trade t ON t.machine = v.hash
GROUP BY v.hash, v.created_at ORDER BY v.created_at DESC LIMIT 50
"""


async def events(store: Store, trade_id: str) -> list[Row]:
    """The events of a trade with everything that their hashes are made of."""
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(_EVENTS, trade_id)]


async def queues(store: Store) -> Row:
    """How much waits where; each count goes down an index of what is not finished."""
    async with store.connection() as connection:
        return dict(await connection.fetchrow(_QUEUES))


async def versions(store: Store) -> list[Row]:
    """The versions of the process tables, the newest first, and how many trades stay with each."""
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(_VERSIONS)]
