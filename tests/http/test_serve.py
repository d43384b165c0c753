"""The server in this process: addresses, taken ports, stopping."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import aiohttp
import pytest
from litestar import Litestar, get

from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener, run
from tradeflow.app.wiring import Hub
from tradeflow.client import asynchronous
from tradeflow.errors import EmbeddedError
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings


@pytest.fixture
async def app(database: str, tmp_path: Path) -> Litestar:
    """An app of its own; its hub is never asked for anything."""
    hub = await Hub.open(Settings(data_dir=tmp_path), database, NullDoorbell())
    await hub.close()
    return create_app(hub)


async def test_port_zero_takes_a_free_one_and_says_which(app: Litestar) -> None:
    async with Listener(app, "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        assert listener.base_url.startswith("http://127.0.0.1:")
        async with session.get(f"{listener.base_url}/health/live") as answer:
            assert await answer.json() == {"status": "live"}


async def test_a_taken_port_is_said_with_what_to_do(app: Litestar) -> None:
    async with Listener(app, "127.0.0.1", 0) as listener:
        port = int(listener.base_url.rpartition(":")[2])
        with pytest.raises(
            EmbeddedError, match=rf"cannot listen on 127\.0\.0\.1:{port} \(Address already in use\); choose another with --port"
        ):
            Listener(app, "127.0.0.1", port)


async def test_an_address_that_is_not_this_machines(app: Litestar) -> None:
    with pytest.raises(EmbeddedError, match=r"cannot listen on 192\.0\.2\.1:0"):
        Listener(app, "192.0.2.1", 0)


async def test_a_port_can_be_used_again_at_once(app: Litestar) -> None:
    async with Listener(app, "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        port = int(listener.base_url.rpartition(":")[2])
        async with session.get(f"{listener.base_url}/health/live") as answer:
            assert answer.status == 200
    async with Listener(app, "127.0.0.1", port):
        pass


def test_who_closes_an_idle_connection_first_is_the_client(app: Litestar) -> None:
    """Otherwise a request may be on its way while the hub closes the connection, and nobody knows whether it was carried out."""
    listener = Listener(app, "127.0.0.1", 0)
    listener._socket.close()
    hub_keeps = listener._server.config.timeout_keep_alive
    assert hub_keeps > 60 > asynchronous.IDLE_SECONDS, "proxies keep them for a minute"


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_ipv6(app: Litestar) -> None:
    try:
        listener = Listener(app, "::1", 0)
    except EmbeddedError:
        pytest.skip("no IPv6 loopback here")
    async with listener, aiohttp.ClientSession() as session:
        assert listener.base_url.startswith("http://[::1]:")
        async with session.get(f"{listener.base_url}/health/live") as answer:
            assert answer.status == 200


async def test_what_runs_is_finished_before_it_stops(app: Litestar) -> None:
    begun = asyncio.Event()

    @get("/slow")
    async def slow() -> str:
        begun.set()
        await asyncio.sleep(0.5)
        return "done"

    app.register(slow)

    async def call(base_url: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"{base_url}/slow") as answer:
            return await answer.text()

    async with Listener(app, "127.0.0.1", 0) as listener:
        calling = asyncio.create_task(call(listener.base_url))
        await begun.wait()
    assert await calling == "done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_the_hub_behind_it_is_closed(database: str, tmp_path: Path, number: signal.Signals) -> None:
    said: list[str] = []

    async def main() -> None:
        hub = await Hub.open(Settings(data_dir=tmp_path), database, NullDoorbell())
        try:
            async with Listener(create_app(hub), "127.0.0.1", 0) as listener:
                asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), number)
                await listener.serve_until(None)
                said.append("stopped")
        finally:
            await hub.close()
            said.append("closed")

    run(main())
    assert said == ["stopped", "closed"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
