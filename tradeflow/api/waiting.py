"""Long polls that end when nobody waits any more: the client has gone, or the server is stopping."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from litestar import Litestar

from tradeflow.api.auth import AnyRequest

T = TypeVar("T")


def stop_waiting(app: Litestar) -> None:
    """Let every long poll answer now. For a server that stops."""
    app.state.hub.queries.close()


async def unless_gone(request: AnyRequest, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of `work`, or None if the client hung up before there was one."""
    wanted, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((wanted, gone), return_when=asyncio.FIRST_COMPLETED)
        return await wanted if wanted.done() else None
    finally:
        wanted.cancel()
        gone.cancel()
        await asyncio.gather(wanted, gone, return_exceptions=True)


async def _gone(request: AnyRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
