"""Months: each has a partition before its first row, and a month that was missed is no error."""

from datetime import UTC, datetime

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.store.partitions import MONTHS_AHEAD, make_partitions
from tradeflow.store.uow import Store

_CHILDREN = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass ORDER BY 1"


def months() -> list[str]:
    now = datetime.now(UTC)
    return [f"{m // 12}_{m % 12 + 1:02}" for m in range(now.year * 12 + now.month - 1, now.year * 12 + now.month + MONTHS_AHEAD)]


async def test_a_new_database_has_the_next_months(store: Store) -> None:
    for table in ("event", "attempt"):
        assert await desk.all_of(store, _CHILDREN, table) == sorted([f"{table}_default", *(f"{table}_{month}" for month in months())])
    assert await make_partitions(store) == [], "again is nothing"


async def test_rows_go_into_their_month_and_nothing_is_lost_without_one(store: Store) -> None:
    await desk.desk(store)
    await desk.opened(store, "TF-MONTH-0001")
    this = months()[0]
    assert await desk.count(store, f"SELECT count(*) FROM event_{this}") == 1
    async with store.transaction() as connection:
        await connection.execute(f"DROP TABLE event_{months()[2]}, attempt_{this}")
        await connection.execute(f"CREATE TABLE kept AS TABLE event_{this}; DROP TABLE event_{this}; INSERT INTO event TABLE kept")
    assert await desk.count(store, "SELECT count(*) FROM event_default") == 1
    assert sorted(await make_partitions(store)) == [f"attempt_{this}", f"event_{months()[2]}"], "a month that has begun stays where it is"
    await desk.lodge(store, "TF-MONTH-0001", desk.note())
    assert await desk.count(store, "SELECT count(*) FROM event_default") == 2
    assert (await verify(store)).faults == []


async def test_a_busy_table_is_left_for_the_next_time(store: Store) -> None:
    this = months()[0]
    async with store.transaction() as connection:
        await connection.execute(f"DROP TABLE attempt_{this}")
    async with store.transaction() as reader:
        await reader.execute("LOCK TABLE attempt IN ACCESS SHARE MODE")
        assert await make_partitions(store) == []
    assert await make_partitions(store) == [f"attempt_{this}"]
