"""One HTTP server in this process."""

import asyncio
import socket
from typing import Self

import uvicorn
from litestar import Litestar

from tradeflow.errors import EmbeddedError


class Listener:
    """Serves an app on an address. Bound on entry, so that the address is known and a taken port is a readable error."""

    def __init__(self, app: Litestar, host: str, port: int) -> None:
        self._socket = _bind(host, port)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=10, loop="none", http="httptools"
        )
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None
        bound_host, bound_port = self._socket.getsockname()[:2]
        self.base_url = f"http://{f'[{bound_host}]' if ':' in bound_host else bound_host}:{bound_port}"

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise EmbeddedError("the HTTP server ended before it was ready")
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._task:
            await self._task

    async def serve_until(self, stop: asyncio.Event | None) -> None:
        """Serve until `stop` is set, the server ends, or this task is cancelled."""
        assert self._task
        waiters = [asyncio.shield(self._task)]
        if stop:
            waiters.append(asyncio.ensure_future(_wait(stop)))
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise EmbeddedError(f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port, 0 takes any free one") from error
    return bound
