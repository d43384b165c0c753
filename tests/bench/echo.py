"""The framework alone: POST a body, get it back, on the server the hub uses."""

import asyncio
from typing import Any

from litestar import Litestar, Request, Response, post

from tradeflow.api.serve import Listener


@post("/v1/messages", status_code=201)
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The body as it came."""
    return Response(await request.body(), media_type="application/octet-stream")


async def serve() -> None:
    """Until interrupted."""
    listener = Listener(Litestar(route_handlers=[echo], logging_config=None, openapi_config=None), "127.0.0.1", 0)
    async with listener:
        print(listener.base_url, flush=True)
        await listener.serve_until(None)


if __name__ == "__main__":
    asyncio.run(serve())
