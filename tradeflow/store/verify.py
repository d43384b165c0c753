"""Is what is stored true? Each trade's state against its events, the chain, the messages, the deliveries, the clocks."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.model.trade import TradeState
from tradeflow.store.chain import GENESIS, link
from tradeflow.store.pool import Connection
from tradeflow.store.uow import Store


class _Copy(msgspec.Struct):
    delivery_id: UUID


class _Receipt(msgspec.Struct):
    """What is looked at of an answer to a message."""

    deliveries: list[_Copy] = []


_receipt = msgspec.json.Decoder(_Receipt)
Fold = Callable[[TradeState, bytes, datetime], TradeState]  # the state after an event with this body at this time

_TRADES = "SELECT trade_id, version, machine, state, head_hash FROM trade WHERE trade_id > $1 ORDER BY trade_id LIMIT 100"
_EVENTS = "SELECT seq, at, kind, party, role, key_id, message_id, body, prev_hash, hash FROM event WHERE trade_id = $1 ORDER BY seq"
_ROWS = {
    "message {0} has no payload {1}": """
        SELECT m.message_id, m.original_sha256 FROM message m WHERE m.trade_id = $1
        AND (SELECT count(DISTINCT p.sha256) FROM payload p WHERE p.trade_id = $1 AND p.sha256 IN (m.original_sha256, m.sha256))
            < CASE WHEN m.sha256 = m.original_sha256 THEN 1 ELSE 2 END""",
    "payload {0} does not have its hash": """
        SELECT p.sha256 FROM payload p WHERE p.trade_id = $1 AND encode(sha256(p.body), 'hex') <> p.sha256""",
    "message {0} has no event": """
        SELECT m.message_id FROM message m WHERE m.trade_id = $1
        AND NOT EXISTS (SELECT 1 FROM event e WHERE e.trade_id = $1 AND e.message_id = m.message_id)""",
    "event of message {0} has no message": """
        SELECT e.message_id FROM event e WHERE e.trade_id = $1 AND e.message_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.trade_id = $1 AND m.message_id = e.message_id)""",
    "delivery {0} of message {1}, which is not stored": """
        SELECT d.delivery_id, d.message_id FROM delivery d WHERE d.trade_id = $1 AND d.message_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.trade_id = $1 AND m.message_id = d.message_id)""",
    "delivery {0} is {1}, but is in no inbox": """
        SELECT d.delivery_id, d.status FROM delivery d WHERE d.trade_id = $1 AND d.status IN ('delivered', 'acknowledged')
        AND NOT EXISTS (SELECT 1 FROM inbox_item i WHERE i.party_id = d.party_id AND i.delivery_id = d.delivery_id)""",
    "delivery {0} is in an inbox, but is {1}": """
        SELECT d.delivery_id, d.status FROM delivery d WHERE d.trade_id = $1 AND d.status IN ('pending', 'quarantined')
        AND EXISTS (SELECT 1 FROM inbox_item i WHERE i.party_id = d.party_id AND i.delivery_id = d.delivery_id)""",
    "delivery {0} is on its way through channel {1}, but is not stored": """
        SELECT x.delivery_id, x.channel FROM dispatch x WHERE x.trade_id = $1
        AND NOT EXISTS (SELECT 1 FROM inbox_item i WHERE i.party_id = x.party_id AND i.delivery_id = x.delivery_id)""",
    "inbox item {0} of {1} has no delivery": """
        SELECT i.position, i.party_id FROM inbox_item i WHERE i.trade_id = $1
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.trade_id = $1 AND d.delivery_id = i.delivery_id AND d.party_id = i.party_id)""",
    "document {0} {1} has no payload": """
        SELECT d.type, d.number FROM document d WHERE d.trade_id = $1
        AND NOT EXISTS (SELECT 1 FROM payload p WHERE p.trade_id = $1 AND p.sha256 = d.sha256)""",
}


@dataclass
class Verification:
    """What was looked at, and everything that is not as it must be, each naming its row."""

    trades: int = 0
    events: int = 0
    messages: int = 0
    deliveries: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


async def verify(store: Store, fold: Fold) -> Verification:
    """Look at everything. Reads each trade in one snapshot, so that a running hub can be verified."""
    result = Verification()
    async for trade in _trades(store):
        result.trades += 1
        await _verify_trade(store, fold, trade["trade_id"], result)
    async with store.connection() as connection:
        result.messages = await connection.fetchval("SELECT count(*) FROM message")
        rows = await connection.fetch("SELECT status, count(*) AS n FROM delivery GROUP BY status ORDER BY status")
        result.deliveries = {row["status"]: row["n"] for row in rows}
    return result


async def _trades(store: Store) -> AsyncIterator[Any]:
    after = ""
    while True:
        async with store.connection() as connection:
            rows = await connection.fetch(_TRADES, after)
        if not rows:
            return
        for row in rows:
            yield row
        after = rows[-1]["trade_id"]


async def _verify_trade(store: Store, fold: Fold, trade_id: str, result: Verification) -> None:
    async with store.snapshot() as connection:
        trade = await connection.fetchrow("SELECT version, state, head_hash FROM trade WHERE trade_id = $1", trade_id)
        events = await connection.fetch(_EVENTS, trade_id)
        timers = await connection.fetch("SELECT timer_key, region, event, due_at FROM timer WHERE trade_id = $1", trade_id)
        documents = await connection.fetch("SELECT type, number, version, sha256 FROM document WHERE trade_id = $1", trade_id)
        await _receipts(connection, trade_id, result.faults)
        for wording, sql in _ROWS.items():
            result.faults += [f"{trade_id}: {wording.format(*row.values())}" for row in await connection.fetch(sql, trade_id)]
    result.events += len(events)
    state = _replay(fold, trade_id, events, result.faults)
    if state is None:
        return
    if len(events) != trade["version"] or (events and events[-1]["hash"] != trade["head_hash"]):
        result.faults.append(f"{trade_id}: at version {trade['version']}, but its chain ends with event {len(events)}")
    stored = msgspec.json.decode(trade["state"], type=TradeState)
    if stored != state:
        result.faults.append(f"{trade_id}: the stored state is not the fold of its events ({', '.join(_differences(stored, state))})")
    running = {row["timer_key"]: (row["region"], row["event"], row["due_at"]) for row in timers}
    if running != {key: (t.region, t.event, t.due_at) for key, t in state.timers.items()}:
        result.faults.append(f"{trade_id}: the timers do not equal those of its state")
    lost = {(d.type, d.number, d.version, d.sha256) for d in state.documents.values()} - {tuple(row) for row in documents}
    result.faults += [
        f"{trade_id}: document {type_} {number}, version {n} in its state, is not stored" for type_, number, n, _ in sorted(lost)
    ]


async def _receipts(connection: Connection, trade_id: str, faults: list[str]) -> None:
    """Every delivery that a receipt names is there, whatever became of it."""
    kept = {row[0] for row in await connection.fetch("SELECT delivery_id FROM delivery WHERE trade_id = $1", trade_id)}
    for message_id, answer in await connection.fetch("SELECT message_id, answer FROM message WHERE trade_id = $1", trade_id):
        lost = {row.delivery_id for row in _receipt.decode(answer).deliveries} - kept
        faults += [
            f"{trade_id}: delivery {delivery_id}, which the receipt of message {message_id} names, is not stored" for delivery_id in lost
        ]


def _replay(fold: Fold, trade_id: str, events: list[Any], faults: list[str]) -> TradeState | None:
    """The fold of the events, checking each link; None from the first broken one on."""
    state, before = TradeState(trade_id), GENESIS
    for number, e in enumerate(events, 1):
        expected = link(before, trade_id, number, e["at"], (e["party"], e["role"], e["key_id"]), e["kind"], e["message_id"], e["body"])
        if e["seq"] != number or e["prev_hash"] != before or e["hash"] != expected:
            faults.append(f"{trade_id}: the chain is broken at event {e['seq']}")
            return None
        state, before = fold(state, e["body"], e["at"]), e["hash"]
    return state


def _differences(one: TradeState, other: TradeState) -> list[str]:
    return [name for name in TradeState.__struct_fields__ if getattr(one, name) != getattr(other, name)]
