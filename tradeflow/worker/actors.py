"""What Dramatiq runs: a ring names a bucket, and its deliveries are handed over."""

import asyncio
import threading

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from tradeflow.worker.doorbell import ACTOR, QUEUE
from tradeflow.worker.drain import Drain


def declare(broker: RedisBroker, loop: asyncio.AbstractEventLoop, drain: Drain) -> None:
    """Declare the actor on a broker. Its threads only carry the ring into the loop where the database connections live."""

    def on_ring(bucket: int) -> None:
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("a ring is answered on a worker thread")
        asyncio.run_coroutine_threadsafe(drain.run([bucket]), loop).result()

    dramatiq.actor(on_ring, actor_name=ACTOR, queue_name=QUEUE, broker=broker, max_retries=0)
