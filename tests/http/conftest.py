"""One running hub for all tests of the API: its own database, a real server, delivery beside it. The trades are each test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import copied
from tests.http.description import Description
from tests.http.desk import Desk
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.settings import Settings
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell

BODY_BYTES_MAX = 400_000


@pytest.fixture(scope="session")
def shared_database(database_server: str, template: str) -> Iterator[str]:
    """The DSN of a database that all tests of the API use."""
    with copied(database_server, template) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def hub(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """The hub behind the server."""
    bell = InProcessDoorbell()
    place = Path(tmp_path_factory.mktemp("data"))
    settings = Settings(data_dir=place, sandbox=True, body_bytes_max=BODY_BYTES_MAX, sweep_seconds=0.5, rate_per_second=0)
    opened = await Hub.open(settings, shared_database, bell)
    async with background(opened, bell):
        yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    """The server, called over TCP, with the parties of the cast registered over HTTP."""
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        made = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        await made.joined_by_the_cast()
        yield made
        await asyncio.sleep(0)


@pytest.fixture(scope="session")
async def description(desk: Desk) -> Description:
    """The API description, as the hub serves it."""
    reply = await desk.get("/openapi.json")
    assert reply.status == 200
    return Description(reply.json)
