"""A desk for the store's tests: parties, trades and messages without any process table, so that only the store is under test."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.http.desk import TERMS, order
from tradeflow.app.access import Caller
from tradeflow.app.handle import Handler
from tradeflow.app.machines import Machines
from tradeflow.app.trades import Trades, TradeSpec
from tradeflow.codec import canonical, formats
from tradeflow.machine import changes as change
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.model.ids import uuid7
from tradeflow.model.trade import Participant, TradeState
from tradeflow.store import parties
from tradeflow.store.chain import GENESIS, link
from tradeflow.store.rows import Acceptance, DeliveryRow, EventRow, KeptAnswer, MessageRow, TradeRow
from tradeflow.store.uow import Duplicate, Store

MACHINE = "tests"
SENDER = "golden-lantern"


@dataclass(frozen=True, slots=True)
class Note:
    """A message of the tests: its id and its bytes."""

    message_id: UUID
    body: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def note(text: str = "") -> Note:
    message_id = uuid7()
    return Note(message_id, (text or f"note {message_id}").encode())


async def desk(store: Store, *receivers: str) -> None:
    """The parties, and process tables to pin trades to."""
    await store.keep_process_version(MACHINE, {})
    for party_id in (SENDER, *receivers):
        await parties.add_party(store, party_id, party_id.title(), "HK")


async def orders_file(store: Store, handler: Handler, count: int) -> bytes:
    """Trades of the real process tables, and a CSV file with an order for each of them and one at the end that must be refused."""
    await store.keep_process_version(machine().hash, machine().content)
    cast = [Participant("van-der-meer", "importer"), Participant(SENDER, "exporter")]
    for participant in cast:
        await parties.add_party(store, participant.party_id, participant.party_id.title(), "HK")
    trades, lines = Trades(store, Machines(store, machine()), handler), list[str]()
    for n in range(count + 1):
        tree = order(f"TF-BULK-{n}")
        tree["message"] |= {"id": str(uuid7()), "recipients": [{"party_id": SENDER, "role": "exporter"}]}
        tree["document"]["number"] = f"B-{n}"
        if n < count:
            await trades.open(Caller("van-der-meer", "key"), TradeSpec(cast, f"TF-BULK-{n}", TERMS), f"open-{n}")
        made = formats.write(canonical.document("purchase_order", tree), "csv").body.decode("utf-8-sig")
        lines += made.splitlines(keepends=True)[1 if lines else 0 :]
    return "".join(lines).encode()


async def opened(store: Store, trade_id: str, receivers: Sequence[str] = (), kept: KeptAnswer | None = None) -> None:
    """A trade between the sender and the receivers."""
    cast = [Participant(SENDER, "exporter"), *(Participant(party_id, "carrier") for party_id in receivers)]
    row = TradeRow(TradeState(trade_id), GENESIS, await store.now())
    await store.open_trade(acceptance(row, [change.Opened(trade_id, MACHINE, {}, cast)], kind="open", participants=cast), kept)


def acceptance(
    row: TradeRow,
    changes: list[change.AnyChange],
    note: Note | None = None,
    receivers: Sequence[str] = (),
    kind: str = "message",
    participants: Sequence[Participant] = (),
) -> Acceptance:
    """What a command writes that decided on these changes."""
    state, body, message_id = fold(row.state, changes, row.now), change.dump(changes), note.message_id if note else None
    actor = (SENDER, "exporter", "key")
    digest = link(row.head_hash, state.trade_id, state.version, row.now, actor, kind, message_id, body)
    copies = [DeliveryRow(uuid7(), "message", party, "carrier", "note", "9", SENDER, "exporter") for party in receivers]
    message = None
    if note:
        answer = json.dumps({"version": state.version, "deliveries": [{"delivery_id": str(copy.delivery_id)} for copy in copies]}).encode()
        message = MessageRow(
            note.message_id, SENDER, "exporter", "note", "9", "text/plain", note.sha256, note.sha256, note.sha256, 201, answer, row.now
        )
    armed = {c.timer: (c.timer, c.region, c.event, c.due_at) for c in changes if isinstance(c, change.Armed)}
    return Acceptance(
        state=state,
        event=EventRow(kind, *actor, message_id, body, row.now, row.head_hash, digest),
        message=message,
        payloads=[(note.sha256, note.body)] if note else [],
        deliveries=copies,
        armed=list(armed.values()),
        disarmed=[c.timer for c in changes if isinstance(c, change.Disarmed)],
        participants=list(participants),
    )


async def lodge(store: Store, trade_id: str, note: Note, receivers: Sequence[str] = (), tries: int = 3) -> bytes:
    """The main path in small: read, refuse or replay, decide, write; queue for the trade when it is contended."""
    for _ in range(tries):
        row = await store.read(trade_id, SENDER, note.message_id)
        assert row is not None
        if row.earlier:
            return replay(row, note)
        wanted = counted(row, note, receivers)
        try:
            if await store.accept(wanted):
                return wanted.message.answer
        except Duplicate:
            continue
    async with store.serial(trade_id) as alone:
        row = await store.read(trade_id, SENDER, note.message_id, on=alone)
        assert row is not None
        if row.earlier:
            return replay(row, note)
        wanted = counted(row, note, receivers)
        assert await store.accept(wanted, on=alone), "alone, and yet it moved"
    return wanted.message.answer


def counted(row: TradeRow, note: Note, receivers: Sequence[str] = ()) -> Acceptance:
    """One more on the trade's counter: lost updates show."""
    count = row.state.attributes.get("count", 0) + 1
    return acceptance(row, [change.AttributeSet("count", count)], note, receivers)


def replay(row: TradeRow, note: Note) -> bytes:
    assert row.earlier is not None
    if (row.earlier.trade_id, row.earlier.sha256) != (row.state.trade_id, note.sha256):
        raise AssertionError("the id was used for another message")
    return row.earlier.answer


async def one(store: Store, sql: str, *arguments: object) -> Any:
    """The first value of the first row."""
    async with store.connection() as connection:
        return await connection.fetchval(sql, *arguments)


async def all_of(store: Store, sql: str, *arguments: object) -> list[Any]:
    """The first value of every row."""
    async with store.connection() as connection:
        return [row[0] for row in await connection.fetch(sql, *arguments)]


async def count(store: Store, sql: str, *arguments: object) -> int:
    """One number."""
    return int(await one(store, sql, *arguments))


async def none_left(store: Store, sql: str) -> None:
    """Until this count is zero; TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while await count(store, sql):  # noqa: ASYNC110 - the database has no event to wait on
            await asyncio.sleep(0.02)


async def fingerprint(store: Store) -> dict[str, str]:
    """All rows of all tables, table by table: equal fingerprints mean that nothing has changed."""
    tables = ("trade", "participant", "message", "refusal", "payload", "document", "event", "delivery", "attempt", "inbox_item", "timer")
    async with store.connection() as connection:
        return {
            t: await connection.fetchval(f"SELECT coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM {t} x") for t in tables
        }
