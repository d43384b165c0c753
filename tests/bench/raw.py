"""The baselines: the rows of one accepted order, read back from the real path, written by asyncpg alone."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from tests.bench.figures import Measured
from tests.bench.load import run, timed
from tests.bench.orders import OrderForm, Trade
from tradeflow.app.access import Caller
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.handle import Handler
from tradeflow.app.machines import Machines
from tradeflow.app.trades import Trades
from tradeflow.machine.load import machine
from tradeflow.model.ids import uuid7
from tradeflow.ports import NullDoorbell
from tradeflow.store.pool import Connection
from tradeflow.store.rows import Acceptance
from tradeflow.store.uow import Store

TABLES = ("event", "message", "payload", "document", "delivery", "timer")
_MOVE = "UPDATE trade SET version = $2, state = $3, head_hash = $4, updated_at = now() WHERE trade_id = $1 AND version = $2 - 1"

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """What one order writes: one by one (A) and as the store sends it, in one round trip (B)."""

    trade: Trade
    ids: tuple[UUID, ...]
    one_by_one: tuple[Statement, ...]
    at_once: tuple[Statement, ...]

    @property
    def size_bytes(self) -> int:
        """Texts and bytes of all rows."""
        return sum(len(value) for _, values in self.one_by_one for value in values if isinstance(value, str | bytes))


@dataclass(frozen=True, slots=True)
class RawLoad:
    """For each connection the trades whose order it writes."""

    dsn: str
    written: Written
    at_once: bool
    clients: tuple[tuple[Trade, ...], ...]


class _Watched(Store):
    accepted: Acceptance

    def acting(self, party_id: str, trade_id: str = "") -> Store:
        return self

    async def accept(self, a: Acceptance, on: Connection = None) -> bool:
        self.accepted = a
        return await super().accept(a, on)


class _Overheard:
    """Takes the place of a connection, to learn what the store sends."""

    statement: Statement

    async def fetchval(self, sql: str, *values: Any) -> int:
        self.statement = (sql, values)
        return 1


async def record(dsn: str, form: OrderForm, trade: Trade, spec: Any) -> Written:
    """Open the trade and lodge its order on the real path, where nothing delivers, and read back what that wrote."""
    store: _Watched = await _Watched.connect(dsn, 2)  # type: ignore[assignment]
    machines = Machines(store, machine())
    await store.keep_process_version(machines.current.hash, machines.current.content)
    handler = Handler(store, machines, DocumentLoader(store), NullDoorbell())
    caller = Caller(trade.importer, "bench")
    await Trades(store, machines, handler).open(caller, spec, None)
    await handler.lodge(caller, form.order(trade), form.content_type)
    heard = _Overheard()
    await store.accept(dataclasses.replace(store.accepted), on=heard)
    async with store.connection() as connection:
        one_by_one = [await _move(connection, trade)]
        for name in TABLES:
            one_by_one += await _inserts(connection, name, trade)
    accepted = store.accepted
    await store.close()
    assert accepted.message is not None
    ids = (accepted.message.message_id, *(delivery.delivery_id for delivery in accepted.deliveries))
    return Written(trade, ids, tuple(one_by_one), (heard.statement,))


async def seed(dsn: str, written: Written, trades: list[Trade]) -> None:
    """Trades as they are before their order."""
    connection = await asyncpg.connect(dsn)
    row = await connection.fetchrow("SELECT * FROM trade WHERE trade_id = $1", written.trade.trade_id)
    records = [tuple(_for(trade, written)(value) if name != "version" else 1 for name, value in row.items()) for trade in trades]
    await connection.copy_records_to_table("trade", records=records, columns=list(row.keys()))
    await connection.close()


def write(load: RawLoad) -> Measured:
    """Write the rows of one order for each trade, each in a transaction, all connections at the same time."""

    async def go() -> Measured:
        connections = [await asyncpg.connect(load.dsn) for _ in load.clients]
        statements = load.written.at_once if load.at_once else load.written.one_by_one
        jobs = []
        for connection, trades in zip(connections, load.clients, strict=True):
            prepared = [await connection.prepare(sql) for sql, _ in statements]
            single = prepared[0] if load.at_once else None
            makers = [(_for(trade, load.written), trade) for trade in trades]
            values = [[tuple(make(value) for value in given) for _, given in statements] for make, _ in makers]
            jobs += [[_one(single, given[0]) if single else _many(connection, prepared, given) for given in values]]
        measured = await timed(jobs)
        for connection in connections:
            await connection.close()
        return measured

    return run(go())


def _one(statement: Any, values: tuple[Any, ...]) -> Callable[[], Any]:
    async def job() -> int:
        return 201 if await statement.fetchval(*values) else 409

    return job


def _many(connection: Any, statements: list[Any], values: list[tuple[Any, ...]]) -> Callable[[], Any]:
    async def job() -> int:
        async with connection.transaction():
            for statement, given in zip(statements, values, strict=True):
                await statement.fetch(*given)
        return 201

    return job


async def _move(connection: Connection, trade: Trade) -> Statement:
    row = await connection.fetchrow("SELECT trade_id, version, state, head_hash FROM trade WHERE trade_id = $1", trade.trade_id)
    return _MOVE, tuple(row.values())


async def _inserts(connection: Connection, table: str, trade: Trade) -> list[Statement]:
    after = " AND seq > 1" if table == "event" else ""
    rows = await connection.fetch(f"SELECT * FROM {table} WHERE trade_id = $1{after}", trade.trade_id)
    assert rows, f"an order writes to {table}"
    places = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
    return [(f"INSERT INTO {table} ({', '.join(row.keys())}) VALUES ({places})", tuple(row.values())) for row in rows]


def _for(trade: Trade, written: Written) -> Callable[[Any], Any]:
    """The same values for another trade: its reference, its parties and ids of its own, everything else as it was."""
    old, ids = written.trade, {known: uuid7() for known in written.ids}
    texts = [(old.trade_id, trade.trade_id), (old.importer, trade.importer), (old.exporter, trade.exporter)]
    texts += [(str(known), str(new)) for known, new in ids.items()]
    coded = [(known.encode(), new.encode()) for known, new in texts]

    def make(value: Any) -> Any:
        if isinstance(value, UUID):
            return ids.get(value, value)
        if isinstance(value, str):
            for known, new in texts:
                value = value.replace(known, new)
        elif isinstance(value, bytes):
            for known_bytes, new_bytes in coded:
                value = value.replace(known_bytes, new_bytes)
        elif isinstance(value, list):
            return [make(one) for one in value]
        return value

    return make
