"""One HTTP server in this process."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Self, TypeVar

import uvicorn
import uvloop
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tradeflow.api import problems
from tradeflow.api.waiting import stop_waiting
from tradeflow.errors import EmbeddedError

HEAD_BYTES_MAX = 65_536  # address and headers of one request
GRACE_SECONDS = 10
# Longer than clients and proxies keep a connection they do not use (aiohttp 15, nginx and most balancers 60). Who closes first must be
# the one who sends: else a request is on its way into a connection that has just been closed, and nobody knows whether it was carried out.
KEPT_OPEN_SECONDS = 75
T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a hub's coroutine on the fast event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


class Listener:
    """Serves an app on an address. Bound at once, so that the address is known and a taken port is a readable error.

    On exit it stops accepting, lets long polls answer, finishes what runs (10 seconds at most) and closes.
    """

    def __init__(self, app: Litestar, host: str, port: int) -> None:
        self._app = app
        self._socket = _bind(host, port)
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=KEPT_OPEN_SECONDS,
                loop="none",
                http=_Protocol,
                ws="none",
            )
        )
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
        stop_waiting(self._app)
        self._server.should_exit = True
        if self._task:
            await self._task

    async def serve_until(self, stop: asyncio.Event | None) -> None:
        """Serve until `stop` is set, the process is told to stop (SIGINT, SIGTERM), the server ends, or this task is cancelled."""
        assert self._task
        stop = stop or asyncio.Event()
        waiter = asyncio.ensure_future(stop.wait())
        with _on_signals(stop):
            try:
                await asyncio.wait([self._task, waiter], return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiter.cancel()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the listener's: uvicorn would end the process before the hub is closed."""
        yield


class _Protocol(HttpToolsProtocol):
    """Refuses heads without end, which the parser itself has no limit for, and says what is no HTTP as every other problem is said."""

    _head_bytes = 0
    _in_head = False

    def on_message_begin(self) -> None:
        self._head_bytes, self._in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and count what is not yet a whole head."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response(f"The head of a request may have at most {HEAD_BYTES_MAX:,} bytes.")

    def send_400_response(self, msg: str) -> None:
        body = problems.response("", "INVALID_REQUEST", msg, 400)
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {body.media_type}\r\ncontent-length: {len(body.content)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body.content)
        self.transport.close()


@contextlib.contextmanager
def _on_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first SIGINT or SIGTERM sets `stop`, a second one does what it always does. Only in the main thread."""
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def told() -> None:
        stop.set()
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends small answers at once only where it sees TCP
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise EmbeddedError(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port, 0 takes any free one"
        ) from error
    return bound
