"""Deliveries as work: claimed with a lease, handed over, finished only while the lease is still one's own."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from tradeflow import fault
from tradeflow.ports import Claim
from tradeflow.store.uow import Store

DEATHS_MAX = 3  # leases that may run out before a delivery waits for a person

_sql = {file.stem: file.read_text(encoding="utf-8") for file in sorted((Path(__file__).parent / "sql").glob("*.sql"))}


def sql(name: str) -> str:
    """A statement of store/sql/."""
    return _sql[name]


class Claims:
    """The queue of deliveries in PostgreSQL."""

    def __init__(self, store: Store, lease_seconds: float, attempts_max: int) -> None:
        self._store, self._lease, self._attempts_max = store, timedelta(seconds=lease_seconds), attempts_max
        self._last_party = ""  # where the round over the parties goes on

    async def claim(self, limit: int, buckets: Sequence[int] | None = None) -> list[Claim]:
        """Up to `limit` deliveries nobody else holds, the oldest of each (trade, party), a share for every party that waits.

        The attempt is counted and committed before the work runs. What a worker died of is given out alone: it can harm only itself.
        """
        token = uuid4()
        async with self._store.transaction() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(_sql["suspect"], buckets, token, self._lease, DEATHS_MAX)
        rows = rows or await self._round(limit, buckets, token)
        if rows:
            fault.point("after_claim")
        return [
            Claim(
                r["trade_id"],
                r["delivery_id"],
                r["message_id"],
                r["party_id"],
                r["role"],
                r["kind"],
                r["type"],
                r["attempts"],
                token,
                r["body"],
            )
            for r in rows
        ]

    async def _round(self, limit: int, buckets: Sequence[int] | None, token: UUID) -> list[asyncpg.Record]:
        """From the next parties that have something due; once around all of them before the answer is that there is nothing."""
        after = self._last_party
        for _ in range(2 if after else 1):
            while True:
                async with self._store.transaction() as connection:
                    parties = [row["party_id"] for row in await connection.fetch(_sql["parties"], after, limit)]
                    arguments = (parties, limit // max(len(parties), 1), buckets, token, self._lease)
                    rows: list[asyncpg.Record] = await connection.fetch(_sql["claim"], *arguments) if parties else []
                self._last_party = after = parties[-1] if len(parties) == limit else ""
                if rows:
                    return rows
                if not after:
                    break
        return []

    async def hand_over(self, claims: Sequence[Claim]) -> int:
        """Put deliveries of one claim() into the inboxes of their parties and mark them, in one commit.

        Returns how many were still this worker's.
        """
        if not claims:
            return 0
        trades, ids = [c.trade_id for c in claims], [c.delivery_id for c in claims]
        async with self._store.transaction() as connection:
            # one at a time for each inbox, so that positions become visible in their order and a reader's cursor never skips one
            await connection.execute(_sql["inboxes"], sorted({c.party_id for c in claims}))
            handed: int = await connection.fetchval(_sql["hand_over"], trades, ids, claims[0].token)
            fault.point("after_send")
        fault.point("after_mark")
        return handed

    async def failed(self, claim: Claim, error: str, retry_seconds: float) -> bool:
        """Say why a try did not work and when to try again; the last try quarantines. False if the lease was lost."""
        async with self._store.transaction() as connection:
            arguments = (claim.trade_id, claim.delivery_id, claim.token, error[:500], timedelta(seconds=retry_seconds), self._attempts_max)
            return bool(await connection.fetchval(_sql["failed"], *arguments))

    async def release(self, claims: Sequence[Claim]) -> int:
        """Give back what was not worked on, for a shutdown in good order. Returns how many were still this worker's."""
        if not claims:
            return 0
        async with self._store.transaction() as connection:
            given: int = await connection.fetchval(
                _sql["release"], [c.trade_id for c in claims], [c.delivery_id for c in claims], claims[0].token
            )
        return given

    async def bury(self) -> list[UUID]:
        """Quarantine what its workers died of too often."""
        async with self._store.transaction() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(_sql["bury"], DEATHS_MAX)
        return [row["delivery_id"] for row in rows]
