"""How fast one worker hands over what waits."""

import time

from tests.bench.figures import Row, Section
from tests.bench.load import run
from tradeflow.settings import settings
from tradeflow.store.claims import Claims
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain


def section(dsn: str) -> Section:
    """Drain everything that is pending in a database where nobody else delivers."""
    handed, seconds, cpu = run(_drain(dsn))
    rows = [
        Row("handed over by one worker", handed / seconds, "deliveries/s"),
        Row("CPU of the worker for each", cpu / handed * 1e6, "us CPU"),
        Row("deliveries that waited", float(handed), "deliveries"),
    ]
    return Section("Delivery: what had been written by the baselines, from the outbox to the inboxes of its parties", rows)


async def _drain(dsn: str) -> tuple[int, float, float]:
    store = await Store.connect(dsn, 2)
    drain = Drain(Claims(store, settings().lease_seconds, settings().deliver_attempts_max))
    cpu, began = time.process_time(), time.perf_counter()
    handed = await drain.run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    await store.close()
    return handed, seconds, cpu
