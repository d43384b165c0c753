"""Deliveries as work: claimed with a lease, handed over, finished only while the lease is still one's own."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg

from tradeflow import fault
from tradeflow.ports import Claim
from tradeflow.store.uow import Store

# The oldest pending delivery of each (trade, party) only: order is kept, and one that waits holds back only its own line.
# The rank spreads a batch over parties, so that one party's burst does not starve the others. Attempts are counted before the work runs.
_CLAIM = """
WITH heads AS (
    SELECT DISTINCT ON (trade_id, party_id) trade_id, delivery_id, party_id, next_attempt_at, lease_until
    FROM delivery WHERE status = 'pending' AND ($1::smallint[] IS NULL OR bucket = ANY ($1))
    ORDER BY trade_id, party_id, delivery_id
), due AS (
    SELECT trade_id, delivery_id, row_number() OVER (PARTITION BY party_id ORDER BY delivery_id) AS turn
    FROM heads WHERE next_attempt_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY turn LIMIT $2 * 2
), mine AS (
    SELECT d.trade_id, d.delivery_id FROM delivery d JOIN due USING (trade_id, delivery_id)
    WHERE d.status = 'pending' AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp())
    ORDER BY due.turn LIMIT $2 FOR UPDATE OF d SKIP LOCKED
), claimed AS (
    UPDATE delivery d SET attempts = d.attempts + 1, lease_token = $3, lease_until = clock_timestamp() + $4
    FROM mine WHERE d.trade_id = mine.trade_id AND d.delivery_id = mine.delivery_id
    RETURNING d.trade_id, d.delivery_id, d.message_id, d.party_id, d.role, d.kind, d.type, d.attempts, d.body
), tried AS (
    INSERT INTO attempt (trade_id, delivery_id, n) SELECT trade_id, delivery_id, attempts FROM claimed
)
SELECT * FROM claimed ORDER BY delivery_id
"""
_HAND_OVER = """
WITH mine AS (
    SELECT trade_id, delivery_id, party_id FROM delivery
    WHERE trade_id = ANY ($1::text[]) AND delivery_id = ANY ($2::uuid[]) AND lease_token = $3 AND status = 'pending' FOR UPDATE
), last AS (
    SELECT party_id, (SELECT coalesce(max(position), 0) FROM inbox_item i WHERE i.party_id = p.party_id) AS position
    FROM (SELECT DISTINCT party_id FROM mine) p
), arrived AS (
    INSERT INTO inbox_item (party_id, position, trade_id, delivery_id)
    SELECT m.party_id, l.position + row_number() OVER (PARTITION BY m.party_id ORDER BY m.delivery_id), m.trade_id, m.delivery_id
    FROM mine m JOIN last l USING (party_id) ON CONFLICT (party_id, delivery_id) DO NOTHING
), done AS (
    UPDATE delivery d SET status = 'delivered', delivered_at = clock_timestamp(), lease_token = NULL, lease_until = NULL, last_error = ''
    FROM mine WHERE d.trade_id = mine.trade_id AND d.delivery_id = mine.delivery_id
    RETURNING d.trade_id, d.delivery_id, d.attempts
)
UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'delivered' FROM done
WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts
"""
_FAILED = """
WITH done AS (
    UPDATE delivery SET lease_token = NULL, lease_until = NULL, last_error = $4,
        status = CASE WHEN attempts >= $6 THEN 'quarantined' ELSE 'pending' END, next_attempt_at = clock_timestamp() + $5
    WHERE trade_id = $1 AND delivery_id = $2 AND lease_token = $3 AND status = 'pending'
    RETURNING trade_id, delivery_id, attempts
)
UPDATE attempt a SET finished_at = clock_timestamp(), outcome = 'failed', error = $4 FROM done
WHERE a.trade_id = done.trade_id AND a.delivery_id = done.delivery_id AND a.n = done.attempts
"""
_BURY = """
UPDATE delivery SET status = 'quarantined', lease_token = NULL, lease_until = NULL, last_error = 'the worker died ' || attempts || ' times while handing this over'
WHERE status = 'pending' AND attempts >= $1 AND lease_until < clock_timestamp() RETURNING delivery_id
"""


class Claims:
    """The queue of deliveries in PostgreSQL."""

    def __init__(self, store: Store, lease_seconds: float, attempts_max: int) -> None:
        self._store, self._lease, self._attempts_max = store, timedelta(seconds=lease_seconds), attempts_max

    async def claim(self, limit: int, buckets: Sequence[int] | None = None) -> list[Claim]:
        """Up to `limit` deliveries nobody else holds, at most one of each (trade, party), fair over parties."""
        token = uuid4()
        async with self._store.transaction() as connection:
            rows = await connection.fetch(_CLAIM, buckets, limit, token, self._lease)
        if rows:
            fault.point("after_claim")
        return [
            Claim(r["trade_id"], r["delivery_id"], r["message_id"], r["party_id"], r["role"], r["kind"], r["type"], r["attempts"], token, r["body"])
            for r in rows
        ]

    async def hand_over(self, claims: Sequence[Claim]) -> int:
        """Put deliveries into the inboxes of their parties and mark them, in one commit. Returns how many were still this worker's."""
        if not claims:
            return 0
        trades, ids = [c.trade_id for c in claims], [c.delivery_id for c in claims]
        async with self._store.transaction() as connection:
            for party in sorted({c.party_id for c in claims}):  # one order for all workers, so that they cannot block each other
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))", party)
            status = await connection.execute(_HAND_OVER, trades, ids, claims[0].token)
        fault.point("after_mark")
        return int(status.rsplit(" ", 1)[1])

    async def failed(self, claim: Claim, error: str, retry_seconds: float) -> bool:
        """Say why a try did not work and when to try again; the last try quarantines. False if the lease was lost."""
        async with self._store.transaction() as connection:
            status = await connection.execute(
                _FAILED, claim.trade_id, claim.delivery_id, claim.token, error[:500], timedelta(seconds=retry_seconds), self._attempts_max
            )
        return bool(int(status.rsplit(" ", 1)[1]))

    async def bury(self) -> list[UUID]:
        """Quarantine what its workers died of too often."""
        async with self._store.connection() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(_BURY, self._attempts_max)
        return [row["delivery_id"] for row in rows]
