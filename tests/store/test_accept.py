"""The commit of a command: everything or nothing, once, in order, and never a success that is not stored."""

import asyncio
import json
import random
from dataclasses import replace

import asyncpg
import pytest

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.errors import Missing, Unavailable
from tradeflow.model.trade import DocumentEntry
from tradeflow.store import reads
from tradeflow.store.rows import KeptAnswer
from tradeflow.store.uow import Duplicate, Store, TradeTaken

TRADE = "TF-ACCEPT-0001"


async def test_everything_one_command_writes(store: Store) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, TRADE, ["maersk"])
    sent = desk.note("hello")
    assert json.loads(await desk.lodge(store, TRADE, sent, ["maersk"]))["version"] == 2
    row = await store.read(TRADE)
    assert row is not None and row.state.version == 2 and row.state.attributes == {"count": 1}
    assert await store.bodies(TRADE, [sent.sha256]) == {sent.sha256: b"hello"}
    assert await desk.count(store, "SELECT count(*) FROM delivery WHERE seq = 2 AND status = 'pending'") == 1
    assert (await verify(store)).faults == []


async def test_a_command_that_read_an_older_version_writes_nothing(store: Store) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, TRADE, ["maersk"])
    stale = await store.read(TRADE)
    assert stale is not None
    await desk.lodge(store, TRADE, desk.note(), ["maersk"])
    before = await desk.fingerprint(store)
    assert await store.accept(desk.counted(stale, desk.note(), ["maersk"])) is False
    assert await desk.fingerprint(store) == before


async def test_a_version_that_is_stated_again_replaces_its_row(store: Store) -> None:
    """A confirmation (function 6), such as an accepted draft, has the number and version of what it confirms."""
    await desk.desk(store)
    await desk.opened(store, TRADE)
    drawn, accepted = desk.note("drawn"), desk.note("accepted")
    for note in (drawn, accepted):
        row = await store.read(TRADE)
        assert row is not None
        entry = DocumentEntry("bill_of_exchange", "BE-1", 1, note.sha256, note.sha256, str(note.message_id), "exporter")
        assert await store.accept(replace(desk.counted(row, note), document=entry))
    sql = "SELECT sha256 FROM document WHERE trade_id = $1 AND number = 'BE-1'"
    assert await desk.all_of(store, sql, TRADE) == [accepted.sha256]


async def test_twelve_receivers_of_five_hundred_messages_make_each_happen_once(store: Store) -> None:
    await desk.desk(store)
    trades = [f"TF-DEDUPE-{n:04}" for n in range(50)]
    for trade in trades:
        await desk.opened(store, trade)
    work = [(trades[n % len(trades)], desk.note()) for n in range(500)]

    async def receiver(seed: int) -> dict[str, bytes]:
        mine = random.Random(seed).sample(work, len(work))
        return {str(note.message_id): await desk.lodge(store, trade, note) for trade, note in mine}

    answers = await asyncio.gather(*(receiver(seed) for seed in range(12)))
    assert all(answer == answers[0] for answer in answers), "every receiver tells its sender the same, byte for byte"
    assert await desk.count(store, "SELECT count(*) FROM message") == 500
    assert await desk.count(store, "SELECT count(*) FROM event WHERE kind = 'message'") == 500
    assert (await verify(store)).faults == []


async def test_an_id_used_for_other_bytes_is_known_in_this_trade_and_in_others(store: Store) -> None:
    await desk.desk(store)
    await desk.opened(store, TRADE)
    await desk.opened(store, "TF-ACCEPT-0002")
    first = desk.note("the first")
    await desk.lodge(store, TRADE, first)
    for trade, sender in ((TRADE, desk.SENDER), ("TF-ACCEPT-0002", desk.SENDER), (TRADE, "maersk")):
        row = await store.read(trade, sender, first.message_id)
        assert row is not None and row.earlier is not None, f"{sender} in {trade}"
        assert (row.earlier.trade_id, row.earlier.sha256) == (TRADE, first.sha256)
    elsewhere = await store.read("TF-ACCEPT-0002", "maersk", first.message_id)
    assert elsewhere is not None and elsewhere.earlier is None, "who takes no part in a trade learns nothing of its ids"


async def test_a_used_id_is_refused_by_its_constraint_where_the_read_came_too_early(store: Store) -> None:
    await desk.desk(store)
    await desk.opened(store, TRADE)
    first = desk.note("the first")
    await desk.lodge(store, TRADE, first)
    row = await store.read(TRADE)
    assert row is not None
    before = await desk.fingerprint(store)
    with pytest.raises(Duplicate):
        await store.accept(desk.counted(row, desk.Note(first.message_id, b"the second")))
    assert await desk.fingerprint(store) == before


async def test_writers_of_one_hot_trade_lose_nothing_and_nobody_is_sent_away(store: Store) -> None:
    await desk.desk(store)
    await desk.opened(store, TRADE)

    async def writer(tries: int) -> None:
        for _ in range(60):
            await desk.lodge(store, TRADE, desk.note(), tries=tries)

    # half of them queue at once, half try without queueing first: those must not overtake the queue for ever
    await asyncio.gather(*(writer(tries=n % 2 * 3) for n in range(8)))
    row = await store.read(TRADE)
    assert row is not None and row.state.attributes["count"] == 480 and row.state.version == 481
    assert (await verify(store)).faults == []


async def test_a_commit_that_fails_is_no_success(store: Store) -> None:
    await desk.desk(store)
    await desk.opened(store, TRADE)
    async with store.transaction() as connection:
        await connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'at commit' USING ERRCODE = '40001'; END $$"
        )
        await connection.execute(
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    before = await desk.fingerprint(store)
    for tries in (1, 0):  # a statement of its own, and the queue
        with pytest.raises(Unavailable):
            await desk.lodge(store, TRADE, desk.note(), tries=tries)
    assert await desk.fingerprint(store) == before


async def test_what_was_answered_is_stored_though_backends_are_shot(store: Store, database: str) -> None:
    await desk.desk(store)
    trades = [f"TF-SHOT-{n:04}" for n in range(8)]
    for trade in trades:
        await desk.opened(store, trade)
    answered: dict[str, bytes] = {}
    unknown: list[tuple[str, desk.Note]] = []
    done = asyncio.Event()

    async def writer(trade: str, tries: int) -> None:
        while not done.is_set():
            note = desk.note()
            try:
                answered[str(note.message_id)] = await desk.lodge(store, trade, note, tries=tries)
            except Unavailable:
                unknown.append((trade, note))
                await asyncio.sleep(0.01)

    async def shooter() -> None:
        gun = await asyncpg.connect(database)
        try:
            for shot in range(40):
                while len(answered) < shot * 5:  # noqa: ASYNC110 - answers come from eight tasks
                    await asyncio.sleep(0.005)
                await gun.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "ORDER BY random() LIMIT 2"
                )
        finally:
            done.set()
            await gun.close()

    async with asyncio.TaskGroup() as group:
        group.create_task(shooter())
        for n, trade in enumerate(trades):
            group.create_task(writer(trade, n % 2 * 3))
    assert len(answered) >= 195 and unknown, "the test shot at nobody"
    async with store.connection() as connection:
        stored = {str(r["message_id"]): r["answer"] for r in await connection.fetch("SELECT message_id, answer FROM message")}
    assert answered.items() <= stored.items(), "answered, but not stored"
    for trade, note in unknown:
        assert (await desk.lodge(store, trade, note)) == stored.get(str(note.message_id), await answer_of(store, trade, note))
    assert (await verify(store)).faults == []


async def answer_of(store: Store, trade: str, note: desk.Note) -> bytes:
    row = await store.read(trade, desk.SENDER, note.message_id)
    assert row is not None and row.earlier is not None
    return row.earlier.answer


async def test_a_trade_is_opened_once_and_only_with_parties_of_this_hub(store: Store) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, TRADE, ["maersk"])
    with pytest.raises(TradeTaken):
        await desk.opened(store, TRADE)
    with pytest.raises(Missing):
        await desk.opened(store, "TF-ACCEPT-0003", ["nobody"])
    assert await store.read("TF-ACCEPT-0003") is None


async def test_the_answer_to_an_opening_is_kept_in_the_same_commit(store: Store) -> None:
    await desk.desk(store)
    kept = KeptAnswer(desk.SENDER, "trades", "key-1", "aa", 201, b"the first answer")
    await desk.opened(store, TRADE, kept=kept)
    before = await desk.fingerprint(store)
    for trade in (TRADE, "TF-ACCEPT-0002"):
        with pytest.raises(Duplicate):
            await desk.opened(store, trade, kept=kept)
    assert await desk.fingerprint(store) == before
    found = await reads.idempotent(store, desk.SENDER, "trades", "key-1")
    assert found == {"request_sha256": "aa", "status": 201, "answer": b"the first answer"}
    with pytest.raises(TradeTaken):
        await desk.opened(store, TRADE, kept=replace(kept, key="key-2"))
    assert await reads.idempotent(store, desk.SENDER, "trades", "key-2") is None, "a refusal leaves the key free"


async def test_twelve_openings_with_one_key_at_the_same_moment_open_one_trade(store: Store) -> None:
    await desk.desk(store)

    async def open_one(n: int) -> bool:
        try:
            await desk.opened(store, f"TF-ACCEPT-{n:04}", kept=KeptAnswer(desk.SENDER, "trades", "key-1", "aa", 201, str(n).encode()))
        except Duplicate:
            return False
        return True

    assert sum(await asyncio.gather(*(open_one(n) for n in range(12)))) == 1
    assert await desk.count(store, "SELECT count(*) FROM trade") == 1


async def test_an_argument_that_does_not_fit_is_an_error_not_an_absent_database(store: Store) -> None:
    with pytest.raises(asyncpg.exceptions.DataError):
        async with store.connection() as connection:
            await connection.fetchval("SELECT $1::bigint", 2**70)


async def test_a_database_that_is_not_there_is_said_so(tmp_path: object) -> None:
    with pytest.raises(Unavailable):
        await Store.connect(f"postgresql://nobody@/none?host={tmp_path}")
