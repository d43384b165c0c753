"""An inbox that nothing gets into for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tradeflow.app.wiring import Hub


@asynccontextmanager
async def full(hub: Hub, party: str) -> AsyncIterator[None]:
    """While this lasts nothing gets into the inbox of a party: whoever would put it there waits."""
    async with hub.store.transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))", party)
        yield
