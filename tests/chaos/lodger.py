"""A worker on bulk files, made to be killed: python -m tests.chaos.lodger DSN. Works until nothing is due, then says "done"."""

import asyncio
import sys

from tradeflow.app import bulk
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.handle import Handler
from tradeflow.app.machines import Machines
from tradeflow.machine.load import machine
from tradeflow.ports import NullDoorbell
from tradeflow.store.uow import Store

_OPEN = "SELECT count(*) FROM bulk_job WHERE state <> 'done'"


async def main(dsn: str) -> None:
    bulk.LEASE_SECONDS = 1.0
    store = await Store.connect(dsn, 4)
    work = bulk.Bulk(store, Handler(store, Machines(store, machine()), DocumentLoader(store), NullDoorbell()))
    async with store.connection() as connection:
        while await connection.fetchval(_OPEN):
            await work.work()
            await asyncio.sleep(0.1)
    await store.close()
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
