"""What Dramatiq runs: a ring names a bucket, and its deliveries are handed over."""

import asyncio

from dramatiq import Actor
from dramatiq.brokers.redis import RedisBroker

from tradeflow.worker.drain import Drain
from tradeflow.worker.redis_doorbell import ACTOR, QUEUE


def declare(broker: RedisBroker, loop: asyncio.AbstractEventLoop, drain: Drain) -> None:
    """Declare the actor on a broker. Its threads only carry the ring into the loop where the database connections live."""

    def on_ring(bucket: int) -> None:
        asyncio.run_coroutine_threadsafe(drain.run([bucket]), loop).result()

    Actor(on_ring, broker=broker, actor_name=ACTOR, queue_name=QUEUE, priority=0, options={})
