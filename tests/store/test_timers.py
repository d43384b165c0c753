"""Clocks: early never, once in effect, and one that cannot fire holds up no other."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.errors import Refused
from tradeflow.machine import changes as change
from tradeflow.store.claims import Claims
from tradeflow.store.due import DueTimer, claim_timers
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain
from tradeflow.worker.sweep import Sweeper

TIMER = "lc.expiry"


async def running(store: Store, trade_id: str, due_in: timedelta) -> None:
    """A trade with a clock."""
    await desk.opened(store, trade_id)
    row = await store.read(trade_id)
    assert row is not None
    armed = change.Armed(TIMER, "lc.credit", "expired", row.now + due_in, "the credit ends")
    assert await store.accept(desk.acceptance(row, [armed], kind="event"))


def firing(store: Store, fired: list[str]) -> Sweeper:
    """A sweeper whose timers count and disarm themselves, as commands do."""

    async def fire(timer: DueTimer) -> None:
        row = await store.read(timer.trade_id)
        assert row is not None
        if timer.key not in row.state.timers or row.state.timers[timer.key].due_at > row.now:
            raise Refused("NOT_ALLOWED", "this clock does not run", 409)
        changes = [change.Disarmed(timer.key), change.AttributeSet("count", row.state.attributes.get("count", 0) + 1)]
        if await store.accept(desk.acceptance(row, changes, kind="event")):
            fired.append(timer.trade_id)

    claims = Claims(store, 30, 5)
    return Sweeper(store, claims, Drain(claims), fire)


async def test_a_clock_fires_when_it_is_due_and_not_before(store: Store) -> None:
    await desk.desk(store)
    await store.sandbox(enabled=True)
    await running(store, "TF-TIMER-0001", timedelta(days=30))
    fired: list[str] = []
    sweeper = firing(store, fired)
    await store.set_clock(None, timedelta(days=29, hours=23))
    await sweeper.round()
    assert fired == []
    await store.set_clock(None, timedelta(hours=1))
    await sweeper.round()
    await sweeper.round()
    assert fired == ["TF-TIMER-0001"]
    assert (await verify(store)).faults == []


async def test_the_clock_of_the_hub_moves_only_where_it_is_a_sandbox(store: Store) -> None:
    assert await store.sandbox(enabled=False) is False
    assert await store.set_clock(None, timedelta(days=1)) is None
    assert abs(await store.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert await store.sandbox(enabled=True) is True
    there = datetime(2025, 1, 6, 9, tzinfo=UTC)
    assert await store.set_clock(there) == pytest.approx(there, abs=timedelta(seconds=1))
    assert await store.now() - there < timedelta(minutes=1)


async def test_four_sweepers_fire_each_of_many_clocks_once(store: Store) -> None:
    await desk.desk(store)
    trades = [f"TF-TIMER-{n:04}" for n in range(120)]
    for trade in trades:
        await running(store, trade, timedelta(0))
    fired: list[str] = []
    await asyncio.gather(*(firing(store, fired).round() for _ in range(4)))
    assert sorted(fired) == trades
    assert await desk.count(store, "SELECT count(*) FROM timer") == 0
    assert (await verify(store)).faults == []


async def test_a_clock_that_cannot_fire_holds_up_no_other_and_says_why(store: Store) -> None:
    await desk.desk(store)
    for n in range(5):
        await running(store, f"TF-TIMER-{n:04}", timedelta(seconds=-n))
    fired: list[str] = []
    good = firing(store, fired)

    async def fire(timer: DueTimer) -> object:
        if timer.trade_id == "TF-TIMER-0002":
            raise KeyError("a defect")
        return await good._fire(timer)

    claims = Claims(store, 30, 5)
    sweeper = Sweeper(store, claims, Drain(claims), fire)
    for _ in range(3):
        await sweeper.round()
    assert sorted(fired) == [f"TF-TIMER-{n:04}" for n in (0, 1, 3, 4)]
    assert await desk.one(store, "SELECT last_error FROM timer") == "KeyError: 'a defect'"
    assert await desk.count(store, "SELECT attempts FROM timer") == 1, "it waits before it is tried again"


async def test_the_wait_after_a_failure_grows_and_ends_with_a_new_setting_of_the_clock(store: Store) -> None:
    await desk.desk(store)
    await store.sandbox(enabled=True)
    await running(store, "TF-TIMER-0001", timedelta(0))
    waits = []
    for _ in range(3):
        assert len(await claim_timers(store)) == 1 and await claim_timers(store) == []
        waits.append(await desk.one(store, "SELECT round(extract(epoch FROM next_attempt_at - now()))::integer FROM timer"))
        await store.set_clock(None, timedelta(minutes=1))
    assert waits == [5, 10, 20]


async def test_a_clock_set_anew_starts_from_the_beginning(store: Store) -> None:
    await desk.desk(store)
    await running(store, "TF-TIMER-0001", timedelta(0))
    assert len(await claim_timers(store)) == 1
    row = await store.read("TF-TIMER-0001")
    assert row is not None
    again = change.Armed(TIMER, "lc.credit", "expired", row.now, "once more")
    assert await store.accept(desk.acceptance(row, [again], kind="event"))
    assert [timer.due_at for timer in await claim_timers(store)] == [row.now]


async def test_sweepers_at_the_same_moment_never_hold_the_same_clock(store: Store) -> None:
    await desk.desk(store)
    for n in range(60):
        await running(store, f"TF-TIMER-{n:04}", timedelta(0))
    held = await asyncio.gather(*(claim_timers(store, 25) for _ in range(4)))
    ids = [timer.trade_id for claimed in held for timer in claimed]
    assert len(ids) == len(set(ids)) and len(ids) >= 25
