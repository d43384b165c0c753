"""Writers of many trades, made for a database that dies: python -m tests.chaos.writer DSN. Says every answer it got; ends on SIGTERM."""

import asyncio
import hashlib
import signal
import sys

from tests.store import desk
from tradeflow.errors import Unavailable
from tradeflow.store.uow import Store

WRITERS = 6


async def _write(store: Store, trade: str, stop: asyncio.Event) -> None:
    note = desk.note()
    while not stop.is_set():
        try:
            answer = await desk.lodge(store, trade, note, ["maersk"])
        except Unavailable:  # outcome unknown: the same message again, as a party does
            await asyncio.sleep(0.02)
            continue
        print("answered", note.message_id, hashlib.sha256(answer).hexdigest(), flush=True)
        note = desk.note()


async def _connected(dsn: str) -> Store:
    while True:
        try:
            return await Store.connect(dsn, WRITERS)
        except Unavailable:  # killed before we came
            await asyncio.sleep(0.05)


async def main(dsn: str) -> None:
    stop = asyncio.Event()
    store = await _connected(dsn)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.gather(*(_write(store, f"TF-WRITE-{n:04}", stop) for n in range(WRITERS)))
    await store.close()
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
