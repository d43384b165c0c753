"""A worker, made to be killed or frozen: python -m tests.chaos.carrier DSN LEASE_SECONDS. Sweeps until nothing is pending, then says "done"."""

import asyncio
import sys

from tradeflow.store.claims import Claims
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain
from tradeflow.worker.sweep import Sweeper

_PENDING = "SELECT count(*) FROM delivery WHERE status = 'pending'"


async def _no_timers(timer: object) -> None:
    raise AssertionError(f"there is no timer, and yet {timer}")


async def main(dsn: str, lease_seconds: float) -> None:
    store = await Store.connect(dsn, 4)
    claims = Claims(store, lease_seconds, 12)
    sweeping = asyncio.create_task(Sweeper(store, claims, Drain(claims), _no_timers).forever(0.1))
    async with store.connection() as connection:
        while await connection.fetchval(_PENDING):  # noqa: ASYNC110 - the database has no event to wait on
            await asyncio.sleep(0.05)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    await store.close()
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
