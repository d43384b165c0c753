"""Deliveries on their way through channels, as work: claimed with a lease, sent outside any transaction, marked while it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tradeflow import fault
from tradeflow.store.channels import row_of
from tradeflow.store.claims import DEATHS_MAX, sql
from tradeflow.store.uow import Store

BREAKER_FAILURES = 5  # in a row, by whatever deliveries: then the channel rests, and one try at a time says whether it is back
REST_SECONDS = (15, 30, 60, 120, 300)  # of an open breaker; the last repeats

# a success of what was under way already does not undo "come back later"
_SUCCESS = """
WITH before AS (SELECT failures FROM channel WHERE party_id = $1 AND name = $2 AND (failures > 0 OR wait_until <= tf_now()) FOR UPDATE)
UPDATE channel c SET failures = 0, last_error = '',
    wait_until = CASE WHEN before.failures < $3 AND c.wait_until > tf_now() THEN c.wait_until END
FROM before WHERE c.party_id = $1 AND c.name = $2
RETURNING before.failures
"""
_FAILURE = """
UPDATE channel SET failures = failures + 1, last_error = $3, wait_until = greatest(wait_until, CASE
        WHEN $4::interval IS NOT NULL THEN tf_now() + $4
        WHEN failures + 1 >= $5 THEN tf_now() + make_interval(secs => ($6::float8[])[least(failures + 2 - $5, cardinality($6::float8[]))])
    END)
WHERE party_id = $1 AND name = $2
"""
_ACTIVE = """
SELECT party_id, name, kind, format, settings, hours, revision, failures, tf_now() AS now FROM channel
WHERE state = 'active' AND kind = ANY ($1) ORDER BY party_id, name
"""
_DISABLE = "UPDATE channel SET state = 'disabled', reason = $3, changed_at = now() WHERE party_id = $1 AND name = $2 AND state = 'active'"
_HURRY = """
UPDATE dispatch SET next_attempt_at = tf_now()
WHERE party_id = $1 AND channel = $2 AND status = 'pending' AND lease_token IS NULL AND next_attempt_at > tf_now()
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel with something due."""

    party_id: str
    name: str
    kind: str
    format: str
    settings: Mapping[str, Any]
    hours: Mapping[str, Any] | None
    revision: int
    failures: int
    now: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.party_id, self.name


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One delivery that this worker may send until its lease ends."""

    trade_id: str
    delivery_id: UUID
    party_id: str
    channel: str
    seq: int
    attempts: int
    step: int
    message_id: UUID | None
    kind: str
    type: str
    function: str
    sender: str
    sender_role: str
    role: str
    body: bytes
    now: datetime
    token: UUID


class Dispatches:
    """The queue of a hub's channels in PostgreSQL."""

    def __init__(self, store: Store, lease_seconds: float) -> None:
        self._store, self._lease = store, timedelta(seconds=lease_seconds)

    async def lines(self) -> list[Line]:
        """The channels that may be used by their state and breaker, and have something due."""
        async with self._store.connection() as connection:
            return [Line(**row_of(row)) for row in await connection.fetch(sql("dispatch_lines"))]

    async def active(self, kinds: Sequence[str]) -> list[Line]:
        """The active channels of these kinds, whether something waits for them or not."""
        async with self._store.connection() as connection:
            return [Line(**row_of(row)) for row in await connection.fetch(_ACTIVE, list(kinds))]

    async def claim(self, rooms: list[tuple[Line, int]]) -> list[Dispatch]:
        """For each channel as many as it has room for, the first of each trade. The attempt is committed before the work runs."""
        token = uuid4()
        arguments = (
            [line.party_id for line, _ in rooms],
            [line.name for line, _ in rooms],
            [room for _, room in rooms],
            token,
            self._lease,
        )
        async with self._store.transaction() as connection:
            rows = await connection.fetch(sql("dispatch_claim"), *arguments)
        if rows:
            fault.point("after_claim")
        return [Dispatch(**row, token=token) for row in rows]

    async def sent(self, d: Dispatch, said: str) -> bool:
        """Taken over by the partner's side. An open breaker closes, and what waited for it goes out. False if the lease was lost."""
        async with self._store.transaction() as connection:
            mine = await self._done(connection, d, "sent", said, 0, "")
            if mine:
                before = await connection.fetchval(_SUCCESS, d.party_id, d.channel, BREAKER_FAILURES)
                if before is not None and before >= BREAKER_FAILURES:
                    await connection.execute(_HURRY, d.party_id, d.channel)
        return mine

    async def later(self, d: Dispatch, why: str, wait_seconds: float, asked_seconds: float | None) -> bool:
        """Not now. What the partner asked for holds for the whole channel, and so does a breaker that opens."""
        rest = None if asked_seconds is None else timedelta(seconds=asked_seconds)
        async with self._store.transaction() as connection:
            mine = await self._done(connection, d, "pending", why, wait_seconds, "")
            if mine:
                await connection.execute(_FAILURE, d.party_id, d.channel, why[:500], rest, BREAKER_FAILURES, list(map(float, REST_SECONDS)))
        return mine

    async def quarantine(self, d: Dispatch, why: str, owner: str) -> bool:
        """A person has to look. The next of its trade goes on."""
        async with self._store.transaction() as connection:
            return await self._done(connection, d, "quarantined", why, 0, owner)

    async def disable(self, d: Dispatch, why: str) -> bool:
        """The channel stops; this and everything behind it waits there, in its order, for whoever mends it."""
        async with self._store.transaction() as connection:
            mine = await self._done(connection, d, "pending", why, 0, "")
            if mine:
                await connection.execute(_DISABLE, d.party_id, d.channel, why[:500])
        return mine

    async def release(self, d: Dispatch) -> bool:
        """Give back what was not worked on."""
        async with self._store.transaction() as connection:
            return bool(await connection.fetchval(sql("dispatch_release"), d.trade_id, d.delivery_id, d.token))

    async def lost(self) -> list[UUID]:
        """Free what workers died or hung of; returns what is in quarantine for it."""
        async with self._store.transaction() as connection:
            rows = await connection.fetch(sql("dispatch_lost"), DEATHS_MAX)
        return [row["delivery_id"] for row in rows if row["status"] == "quarantined"]

    async def _done(self, connection: Any, d: Dispatch, status: str, said: str, wait_seconds: float, owner: str) -> bool:
        arguments = (d.trade_id, d.delivery_id, d.token, status, said[:500], timedelta(seconds=wait_seconds), owner)
        return bool(await connection.fetchval(sql("dispatch_done"), *arguments))
