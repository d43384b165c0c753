"""Doorbells: how a commit wakes a worker."""

import asyncio
import logging

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, ShutdownNotifications, TimeLimit

QUEUE = "deliveries"
ACTOR = "drain"
_log = logging.getLogger(__name__)


class InProcessDoorbell:
    """For a worker in the same process: an event of its loop. Call from that loop only."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self, bucket: int) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until somebody rings, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()


def broker(redis_url: str) -> RedisBroker:
    """The broker as it must be set: a lost worker's messages come back in seconds, and PostgreSQL alone counts retries."""
    return RedisBroker(
        url=redis_url,
        namespace="tradeflow",
        heartbeat_timeout=15_000,
        maintenance_chance=1_000_000,
        middleware=[AgeLimit(max_age=60_000), TimeLimit(time_limit=25_000), ShutdownNotifications()],
        socket_timeout=5,
        socket_connect_timeout=1,
    )


class RedisDoorbell:
    """Rings through Redis, one message of a bucket's number. Rings for the same bucket within a moment become one."""

    def __init__(self, redis_url: str) -> None:
        self._broker = broker(redis_url)
        self._pending: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self, bucket: int) -> None:
        if bucket not in self._pending:
            self._pending.add(bucket)
            task = asyncio.get_running_loop().create_task(self._send(bucket))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, bucket: int) -> None:
        await asyncio.sleep(0.005)
        self._pending.discard(bucket)
        message = dramatiq.Message(queue_name=QUEUE, actor_name=ACTOR, args=(bucket,), kwargs={}, options={})
        try:
            await asyncio.to_thread(self._broker.enqueue, message)
        except Exception as error:  # noqa: BLE001 - whatever Redis does, the command has committed and the sweeper will find its work
            _log.warning("doorbell did not ring: %s", error)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._broker.close()
