"""Rings, drains and sweeps: with a doorbell at once, without one all the same."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import dramatiq
import pytest
import redis

from tests.store import desk
from tradeflow.app.verify import verify
from tradeflow.embedded import Valkey
from tradeflow.model.ids import bucket
from tradeflow.ports import NullDoorbell
from tradeflow.store.claims import Claims
from tradeflow.store.uow import Store
from tradeflow.worker.actors import declare
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.drain import Drain
from tradeflow.worker.redis_doorbell import RedisDoorbell, broker
from tradeflow.worker.sweep import Sweeper

PENDING = "SELECT count(*) FROM delivery WHERE status = 'pending'"


@pytest.fixture
def doomed(servers_folder: Path) -> Iterator[Valkey]:
    """A Redis that only this test uses, and kills."""
    folder = servers_folder / "doomed"
    folder.mkdir()
    folder.chmod(0o711)
    with Valkey(folder, durable=False) as server:
        yield server


async def no_timers(timer: object) -> None:
    raise AssertionError(f"there is no timer, and yet {timer}")


def sweeper(store: Store) -> Sweeper:
    claims = Claims(store, 30, 5)
    return Sweeper(store, claims, Drain(claims), no_timers)


@asynccontextmanager
async def worker(store: Store, redis_url: str) -> AsyncIterator[None]:
    """A Dramatiq worker of its own broker, as `tradeflow worker` runs it."""
    bell = broker(redis_url)
    declare(bell, asyncio.get_running_loop(), Drain(Claims(store, 30, 5)))
    runs = dramatiq.Worker(bell, worker_timeout=50, worker_threads=2)
    runs.start()
    try:
        yield
    finally:
        with suppress(redis.ConnectionError):  # rings that cannot be put back are lost with their Redis: the table has the work
            await asyncio.to_thread(runs.stop, 5_000)  # milliseconds; a consumer stopped while it starts may miss it
        bell.close()


async def test_the_sweeper_alone_finishes_all_work(store: Store) -> None:
    await desk.desk(store, "maersk", "hsbc")
    for n in range(4):
        await desk.opened(store, f"TF-SWEEP-{n:04}")
    NullDoorbell().ring(1)
    task = asyncio.create_task(sweeper(store).forever(0.05))
    await asyncio.gather(*(desk.lodge(store, f"TF-SWEEP-{n % 4:04}", desk.note(), ["maersk", "hsbc"]) for n in range(40)))
    await desk.none_left(store, PENDING)
    task.cancel()
    assert (await verify(store)).deliveries == {"delivered": 80}


async def test_a_sweep_that_fails_is_followed_by_the_next(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, "TF-SWEEP-0001")
    await desk.lodge(store, "TF-SWEEP-0001", desk.note(), ["maersk"])
    broken = sweeper(store)
    async with store.transaction() as connection:
        await connection.execute("ALTER TABLE timer RENAME TO away")
    with caplog.at_level(logging.ERROR):
        task = asyncio.create_task(broken.forever(0.02))
        while "sweep failed" not in caplog.text:  # noqa: ASYNC110 - the log has no event to wait on
            await asyncio.sleep(0.01)
    async with store.transaction() as connection:
        await connection.execute("ALTER TABLE away RENAME TO timer")
    await desk.none_left(store, PENDING)
    task.cancel()


async def test_a_ring_in_the_process_wakes_at_once_and_none_is_lost(store: Store) -> None:
    bell = InProcessDoorbell()
    bell.ring(3)
    began = time.monotonic()
    await bell.wait(30)
    asyncio.get_running_loop().call_later(0.05, bell.ring, 3)
    await bell.wait(30)
    assert time.monotonic() - began < 30
    await bell.wait(0.01)


async def test_a_ring_through_redis_has_the_bucket_drained(store: Store, redis_url: str) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, "TF-RING-0001")
    bell = RedisDoorbell(redis_url)
    async with worker(store, redis_url):
        for _ in range(5):
            await desk.lodge(store, "TF-RING-0001", desk.note(), ["maersk"])
            bell.ring(bucket("TF-RING-0001"))
            await desk.none_left(store, PENDING)
    await bell.close()
    assert await desk.count(store, "SELECT count(*) FROM inbox_item") == 5


async def test_rings_for_one_bucket_within_a_moment_are_one(store: Store, redis_url: str) -> None:
    bell = RedisDoorbell(redis_url)
    for _ in range(100):
        bell.ring(7)
    bell.ring(8)
    await bell.close()
    with broker(redis_url).client as client:
        assert client.llen("tradeflow:deliveries") == 2


async def test_redis_may_be_killed_and_emptied_while_commands_and_deliveries_go_on(store: Store, doomed: Valkey) -> None:
    await desk.desk(store, "maersk")
    await desk.opened(store, "TF-REDIS-0001")
    slowest = 0.0

    async def lodge_and_ring(bell: RedisDoorbell) -> None:
        nonlocal slowest
        began = time.monotonic()
        await desk.lodge(store, "TF-REDIS-0001", desk.note(), ["maersk"])
        bell.ring(bucket("TF-REDIS-0001"))
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.01)

    bell = RedisDoorbell(doomed.dsn)
    async with worker(store, doomed.dsn):
        for _ in range(10):
            await lodge_and_ring(bell)
        await desk.none_left(store, PENDING)
        assert doomed.process is not None
        os.kill(doomed.process.pid, signal.SIGSTOP)  # it hangs: connections stand, nothing answers
        for _ in range(10):
            await lodge_and_ring(bell)
        os.kill(doomed.process.pid, signal.SIGKILL)
        for _ in range(10):
            await lodge_and_ring(bell)
        assert slowest < 4.5, "a command waited for Redis, whose answer is given up after 5 seconds"
        assert await desk.count(store, "SELECT count(*) FROM message") == 30
        await sweeper(store).round()
    await bell.close()
    found = await verify(store)
    assert (found.faults, found.deliveries) == ([], {"delivered": 30})


async def test_deliveries_survive_a_restart_of_the_database_in_the_middle(store: Store, database: str) -> None:
    """Every connection is cut again and again while work is handed over: nothing is lost, nothing comes twice, nothing has died."""
    await desk.desk(store, "maersk", "hsbc")
    for n in range(20):
        await desk.opened(store, f"TF-CUT-{n:04}")
    for _ in range(3):
        await asyncio.gather(*(desk.lodge(store, f"TF-CUT-{n:04}", desk.note(), ["maersk", "hsbc"]) for n in range(20)))
    other = await Store.connect(database, 2, role="")
    task = asyncio.create_task(sweeper(store).forever(0.02))
    for _ in range(10):
        await asyncio.sleep(0.03)
        async with other.connection() as gun:
            await gun.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    async with other.transaction() as connection:
        await connection.execute("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE lease_token IS NOT NULL")
    await desk.none_left(other, PENDING)
    task.cancel()
    found = await verify(other)
    await other.close()
    assert (found.faults, found.deliveries) == ([], {"delivered": 120})
