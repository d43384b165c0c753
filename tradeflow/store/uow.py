"""The unit of work: the only place that commits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tradeflow import fault
from tradeflow.errors import Missing
from tradeflow.language.sentences import say
from tradeflow.model.ids import bucket, uuid7
from tradeflow.model.trade import DocumentEntry, TradeState
from tradeflow.store import functions, pool
from tradeflow.store.once import shared
from tradeflow.store.pool import Connection
from tradeflow.store.rows import Acceptance, Earlier, KeptAnswer, RefusalRow, TradeRow
from tradeflow.store.vault import Vault

_state_in = msgspec.json.Decoder(TradeState)
_state_out = msgspec.json.Encoder()
_READ = f"SELECT * FROM {functions.called('read')}($1, $2, $3, $4)"  # noqa: S608 - the name is ours
_ACCEPT = f"SELECT {functions.called('accept')}({', '.join(f'${n}' for n in range(1, 48))})"
_ACT = "SELECT set_config('tf.party', $1, true), set_config('tf.trade', $2, true)"
APP, RELAY, AUDIT = "tf_app", "tf_relay", "tf_audit"
# the lock queues in order and is what they wait for; the row keeps out those who did not queue
_QUEUE = """
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($1, 7)))
SELECT FROM turn CROSS JOIN trade WHERE trade_id = $1 FOR UPDATE OF trade
"""
_REFUSE = """
INSERT INTO refusal (trade_id, refusal_id, message_id, sender, type, original_sha256, answer, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_KEEP = "INSERT INTO idempotency (party_id, command, key, request_sha256, status, answer) VALUES ($1, $2, $3, $4, $5, $6)"
_FILE = """
INSERT INTO document (trade_id, type, number, version, sha256, message_id, role, lodged_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_SET_CLOCK = """
UPDATE sandbox_clock SET ahead = CASE WHEN $1::timestamptz IS NULL THEN ahead + $2 ELSE $1 - clock_timestamp() END
RETURNING clock_timestamp() + ahead
"""


class Duplicate(Exception):
    """Another command with the same message id, or the same Idempotency-Key, committed first."""


class TradeTaken(Exception):
    """The reference of a new trade is in use."""


class Store:
    """PostgreSQL through asyncpg. Every method is one transaction; failures to reach it raise Unavailable.

    It does the hub's own work. `acting` gives one that acts for a party: its connections are in another role of the database, and
    row-level security leaves it what is that party's.
    """

    def __init__(self, pool: Any, app: Any, party: str = "", trade_id: str = "", vault: Vault | None = None) -> None:
        self._pool, self._app, self._party, self._trade, self._vault = pool, app, party, trade_id, vault

    @classmethod
    async def connect(cls, dsn: str, pool_size: int = 10, role: str = RELAY, vault: Vault | None = None) -> "Store":
        """Open the pools. Without a vault it has no business with secrets. Raises Unavailable if the database does not answer."""
        own = await pool.create(dsn, pool_size, role)
        return cls(own, await pool.create(dsn, pool_size, APP) if role == RELAY else own, vault=vault)

    @property
    def party(self) -> str:
        """For whom it acts; "" for the hub itself."""
        return self._party

    @property
    def vault(self) -> Vault:
        """What seals and opens secrets."""
        if self._vault is None:
            raise RuntimeError("this store was opened without the keys of the hub")
        return self._vault

    def trust(self, vault: Vault) -> None:
        """Seal and open secrets with these keys from now on."""
        self._vault = vault

    def acting(self, party_id: str, trade_id: str = "") -> "Store":
        """The same store for one party, and within a trade it takes part in if one is named; for nobody ("") the hub's own."""
        return Store(self._app, self._app, party_id, trade_id, self._vault) if party_id else self

    async def close(self) -> None:
        await self._pool.close()
        await self._app.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A pooled connection, each statement its own commit. Raises Unavailable: nothing was stored, or nobody can know."""
        if self._party:  # a party acts in a transaction only: what says for whom ends with it
            async with self.transaction() as connection:
                yield connection
            return
        async with self._taken() as connection:
            yield connection

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[Connection]:
        with pool.failures():
            async with self._pool.acquire(timeout=pool.ACQUIRE_SECONDS_MAX) as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self, trade_id: str = "") -> AsyncIterator[Connection]:
        """One transaction on one connection: commits when the block ends, rolls back when it raises. A command names its trade."""
        async with self._taken() as connection, connection.transaction():
            if self._party:
                await connection.execute(_ACT, self._party, trade_id or self._trade)
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A view of everything as it was at one moment; nothing can be written through it."""
        async with self._taken() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection

    async def read(self, trade_id: str, sender: str = "", message_id: UUID | None = None, on: Connection = None) -> TradeRow | None:
        """A trade at its version, the hub's time, and an earlier message of the same sender and id if there is one."""
        if on is None:
            return await shared(("trade", self._party, trade_id, sender, message_id), lambda: self._read(trade_id, sender, message_id))
        row = await on.fetchrow(_READ, trade_id, sender, message_id, self._party)
        if row is None:
            return None
        earlier = Earlier(row["earlier_trade"], row["sha256"], row["status"], row["answer"]) if row["earlier_trade"] else None
        return TradeRow(_state_in.decode(row["state"]), row["head_hash"], row["now"], earlier)

    async def _read(self, trade_id: str, sender: str, message_id: UUID | None) -> TradeRow | None:
        async with self._taken() as connection:
            return await self.read(trade_id, sender, message_id, connection)

    async def accept(self, a: Acceptance, on: Connection = None) -> bool:
        """Write everything one command causes, or nothing. False if the trade has moved on; raises Duplicate for a used message id."""
        fault.point("before_commit")
        if on is not None:
            return await self._write(on, a)
        async with self._taken() as connection:
            moved = await self._write(connection, a)
        fault.point("after_commit")
        return moved

    @asynccontextmanager
    async def serial(self, trade_id: str) -> AsyncIterator[Connection]:
        """A transaction that has this trade to itself until it commits: later comers queue, and who did not queue finds it moved on."""
        async with self.transaction(trade_id) as connection:
            await connection.execute(_QUEUE, trade_id)
            yield connection
        fault.point("after_commit")

    async def open_trade(self, a: Acceptance, kept: KeptAnswer | None = None) -> None:
        """Create a trade with its first event, and keep the answer for replays in the same commit.

        Raises TradeTaken; Duplicate where the Idempotency-Key has its answer already; Missing if a participant is not a party of this hub.
        """
        state = a.state
        try:
            async with self.transaction(state.trade_id) as connection:
                if kept:  # first, so that the same call at the same moment waits here and learns that it is the second
                    await connection.execute(_KEEP, *astuple(kept))
                await connection.execute(
                    "INSERT INTO trade (trade_id, version, machine, state, head_hash) VALUES ($1, $2, $3, $4, $5)",
                    *(state.trade_id, state.version - 1, state.machine, b"", a.event.prev_hash),
                )
                await connection.executemany(
                    "INSERT INTO participant (trade_id, party_id, role) VALUES ($1, $2, $3)",
                    [(state.trade_id, p.party_id, p.role) for p in a.participants],
                )
                await connection.executemany(_FILE, [(state.trade_id, *_filed(entry)) for entry in a.filed])
                await self.accept(a, connection)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "idempotency_pkey":
                raise Duplicate from None
            raise TradeTaken(error.constraint_name) from None
        except asyncpg.ForeignKeyViolationError as error:
            raise Missing("UNKNOWN_PARTY", say("not a party of this hub: %(detail)s", detail=error.detail), 422) from None

    async def refuse(self, row: RefusalRow) -> None:
        """Keep what was refused, and why; the trade is not touched and the message id stays free."""
        async with self.transaction(row.trade_id) as connection:
            await connection.execute(
                _REFUSE,
                *(row.trade_id, uuid7(), row.message_id, row.sender, row.type, row.original_sha256, row.answer, row.received_at),
            )
            await connection.execute(
                "INSERT INTO payload (trade_id, sha256, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                row.trade_id,
                row.original_sha256,
                row.body,
            )

    async def bodies(self, trade_id: str, sha256s: Sequence[str]) -> dict[str, bytes]:
        """Payloads of a trade by hash."""
        async with self.transaction(trade_id) as connection:
            rows = await connection.fetch(
                "SELECT sha256, body FROM payload WHERE trade_id = $1 AND sha256 = ANY ($2)", trade_id, list(sha256s)
            )
        return {row["sha256"]: row["body"] for row in rows}

    async def _write(self, connection: Connection, a: Acceptance) -> bool:
        try:
            return bool(await connection.fetchval(_ACCEPT, *_arguments(a), self._party))
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "message_pkey":
                raise Duplicate from None
            raise

    async def process_version(self, hash_: str) -> dict[str, Any]:
        """The content of process tables by hash."""
        async with self.connection() as connection:
            content = await connection.fetchval("SELECT content FROM process_version WHERE hash = $1", hash_)
        return dict(msgspec.json.decode(content))

    async def keep_process_version(self, hash_: str, content: dict[str, Any]) -> None:
        """Keep process tables for the trades that are pinned to them."""
        async with self.connection() as connection:
            await connection.execute(
                "INSERT INTO process_version (hash, content) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                hash_,
                msgspec.json.encode(content).decode(),
            )

    async def now(self) -> datetime:
        """The hub's time: the database's clock, moved in a sandbox."""
        async with self.connection() as connection:
            moment: datetime = await connection.fetchval("SELECT tf_now()")
        return moment

    async def sandbox(self, enabled: bool) -> bool:
        """Make this database a sandbox's if asked; whether it is one."""
        async with self.connection() as connection:
            if enabled:
                await connection.execute("INSERT INTO sandbox_clock DEFAULT VALUES ON CONFLICT DO NOTHING")
            return bool(await connection.fetchval("SELECT count(*) FROM sandbox_clock"))

    async def set_clock(self, now: datetime | None, advance: timedelta = timedelta(0)) -> datetime:
        """Set the sandbox clock, or move it on. The row is there only in a sandbox."""
        async with self.transaction() as connection:
            moment: datetime = await connection.fetchval(_SET_CLOCK, now, advance)
            # what could not fire may be able to now: in a sandbox weeks pass while a back-off runs
            await connection.execute("UPDATE timer SET next_attempt_at = now() WHERE next_attempt_at > now()")
        return moment


def _filed(d: DocumentEntry) -> tuple[Any, ...]:
    return (d.type, d.number, d.version, d.sha256, UUID(d.message_id), d.role, d.lodged_at)


def _arguments(a: Acceptance) -> tuple[Any, ...]:
    e, m, d = a.event, a.message, a.document
    message = (
        (m.type, m.function, m.content_type, m.original_sha256, m.sha256, m.payload_sha256, m.status, m.answer)
        if m
        else ("", "", "", "", "", "", 0, b"")
    )
    return (
        *(a.state.trade_id, a.state.version - 1, _state_out.encode(a.state), e.hash),
        *(e.kind, e.party, e.role, e.key_id, e.message_id, e.body, e.at, e.prev_hash),
        *message,
        *([sha for sha, _ in a.payloads], [body for _, body in a.payloads]),
        *((d.number, d.version) if d else (None, None)),
        bucket(a.state.trade_id),
        *([x.delivery_id for x in a.deliveries], [x.kind for x in a.deliveries], [x.party_id for x in a.deliveries]),
        *([x.role for x in a.deliveries], [x.body for x in a.deliveries]),
        *([t[0] for t in a.armed], [t[1] for t in a.armed], [t[2] for t in a.armed], [t[3] for t in a.armed]),
        a.disarmed,
        a.state.machine,
        *([p.party_id for p in a.joined], [p.role for p in a.joined]),
        *([p.party_id for p in a.left], [p.role for p in a.left], [p.says for p in a.left]),
        *([r.delivery_id for r in a.redirected], [r.status for r in a.redirected], [r.says for r in a.redirected]),
        *([r.copy for r in a.redirected], [r.to for r in a.redirected]),
    )
