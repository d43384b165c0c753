"""A forwarder's system: pulls its inbox, keeps what came, and acknowledges it once it is safe.

    python forwarder.py store/ [seconds]

Runs until nothing came for so many seconds (1 if not said); without an end in real life. The position is kept after each delivery, so the
program may be stopped at any time: what was not acknowledged comes again, and is recognised by its delivery id.
"""

import asyncio
import os
import sys
from pathlib import Path

from tradeflow.client import AsyncClient, InboxItem


async def keep(hub: AsyncClient, item: InboxItem, store: Path) -> None:
    """Put a message into the store under its delivery id; the same delivery again is the same file."""
    if item.kind == "message":
        answer = await hub.message(item)
        ending = "xml" if "xml" in answer.content_type else "json"
        (store / f"{item.delivery_id}.{item.type}.{ending}").write_bytes(answer.body)
        print(f"{item.type} in {item.trade_id} from {item.sender.party_id}: {len(answer.body)} bytes of {ending}")
    await hub.acknowledge(item.delivery_id)


async def main(store: Path, seconds: int) -> None:
    """Keep what came since, in the order of the inbox."""
    store.mkdir(exist_ok=True)
    cursor = store / "position"
    after = int(cursor.read_text()) if cursor.exists() else 0
    async with AsyncClient(os.environ["TRADEFLOW_URL"], os.environ["TRADEFLOW_KEY"]) as hub:
        async for item in hub.deliveries(after, wait_seconds=seconds, unacknowledged=True, until_empty=True):
            await keep(hub, item, store)
            cursor.write_text(str(item.position))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
