"""What `tradeflow verify` says of a database."""

import asyncio

from tradeflow.app.verify import verify
from tradeflow.store.uow import Store
from tradeflow.store.verify import Verification


def verified(dsn: str) -> Verification:
    """Everything that is not as it must be, each naming its row."""

    async def go() -> Verification:
        store = await Store.connect(dsn, 2)
        try:
            return await verify(store)
        finally:
            await store.close()

    return asyncio.run(go())
