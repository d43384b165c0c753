"""A doorbell through Redis: how a commit wakes workers of other processes. Read by those only who have a Redis: its libraries are large."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, ShutdownNotifications, TimeLimit

QUEUE = "deliveries"
ACTOR = "drain"
TOGETHER_SECONDS = 0.005  # rings for one bucket within this time become one
QUIET_SECONDS = 1.0  # after Redis did not answer: what is not rung meanwhile is the sweeper's
_log = logging.getLogger(__name__)


def broker(redis_url: str) -> RedisBroker:
    """The broker as it must be set: a lost worker's messages come back in seconds, and PostgreSQL alone counts retries."""
    # the timeouts belong to the client: given to the broker beside a URL they would be ignored
    client = redis.Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=1)
    made: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        namespace="tradeflow",
        heartbeat_timeout=15_000,
        maintenance_chance=1_000_000,
        middleware=[AgeLimit(max_age=60_000), TimeLimit(time_limit=25_000), ShutdownNotifications()],
    )
    return made


class RedisDoorbell:
    """Rings through Redis, one message of a bucket's number. A command never waits for it and never fails with it."""

    def __init__(self, redis_url: str) -> None:
        self._broker = broker(redis_url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="doorbell")  # its own: a Redis that hangs must hold up nothing else
        self._pending: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet_until = 0.0

    def ring(self, bucket: int) -> None:
        loop = asyncio.get_running_loop()
        if bucket not in self._pending and loop.time() >= self._quiet_until:
            self._pending.add(bucket)
            task = loop.create_task(self._send(bucket))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, bucket: int) -> None:
        await asyncio.sleep(TOGETHER_SECONDS)
        self._pending.discard(bucket)
        message: Message[None] = Message(queue_name=QUEUE, actor_name=ACTOR, args=(bucket,), kwargs={}, options={})
        loop = asyncio.get_running_loop()
        if loop.time() < self._quiet_until:
            return
        try:
            await loop.run_in_executor(self._thread, self._broker.enqueue, message)
        except Exception as error:  # noqa: BLE001 - whatever Redis does, the command has committed and the sweeper will find its work
            self._quiet_until = loop.time() + QUIET_SECONDS
            _log.warning("doorbell did not ring: %s", error)

    async def close(self) -> None:
        """Let the last rings out, for as long as Redis may take to answer one."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._broker.close()
