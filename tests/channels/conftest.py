"""A hub with everything that partners connect to, and the partners' own servers: real ones, on loopback."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import asyncssh
import pytest

from tests.channels.partners import MailBox, PartnerServer
from tests.conftest import named
from tests.http.desk import CAST, Desk
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.settings import Settings
from tradeflow.store.uow import Store
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.servers import Servers

Until = Callable[[Callable[[], Awaitable[object]]], Awaitable[object]]


@pytest.fixture(scope="session")
async def channels_database(database_server: str, template: str) -> AsyncIterator[str]:
    """The DSN of a database that all tests of channels use."""
    name = f"channels_{uuid.uuid4().hex}"
    store = await Store.connect(database_server, 1, role="")
    async with store.connection() as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(database_server, name)
    async with store.connection() as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await store.close()


@pytest.fixture(scope="session")
async def mailbox() -> AsyncIterator[MailBox]:
    """The mail server that the hub sends through; whatever it takes can be read."""
    async with MailBox() as box:
        yield box


@pytest.fixture(scope="session")
async def partner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PartnerServer]:
    """A partner's own SFTP server."""
    async with PartnerServer(Path(tmp_path_factory.mktemp("partner"))) as server:
        yield server


@pytest.fixture(scope="session")
async def hub(channels_database: str, mailbox: MailBox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """The hub, delivering, fetching and sweeping."""
    bell = InProcessDoorbell()
    settings = Settings(
        data_dir=Path(tmp_path_factory.mktemp("data")),
        sandbox=True,
        internal_addresses=True,
        sweep_seconds=0.5,
        fetch_seconds=0.1,
        sftp_port=0,
        mail_port=0,
        smtp_url=f"smtp://127.0.0.1:{mailbox.port}",
        mail_from="hub@hub.example",
        mail_secret="a long text that nobody guesses",
    )
    opened = await Hub.open(settings, channels_database, bell)
    async with background(opened, bell):
        yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def servers(hub: Hub) -> AsyncIterator[Servers]:
    """The hub's own SFTP and mail servers."""
    async with Servers(hub) as running:
        yield running


@pytest.fixture(scope="session")
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    """The API of the hub, with the parties of the cast."""
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        made = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        for party in CAST:
            card = {"party_id": party, "name": party.replace("-", " ").title(), "country": "HK"}
            assert (await made.post("/v1/parties", "operator", card)).status == 201
            made.keys[party] = (await made.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
        assert (await made.call("PUT", "/v1/sandbox/clock", "operator", {"now": "2025-01-06T10:00:00Z"})).status == 200
        yield made
        await asyncio.sleep(0)


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits for something to come true; fails after ten seconds."""

    async def wait(ask: Callable[[], Awaitable[object]]) -> object:
        async with asyncio.timeout(10):
            while not (found := await ask()):  # noqa: ASYNC110 - disks and mailboxes have no event to wait on
                await asyncio.sleep(0.05)
        return found

    return wait


@pytest.fixture(scope="session")
def own_key() -> asyncssh.SSHKey:
    """A party's SSH key."""
    return asyncssh.generate_private_key("ssh-ed25519")
