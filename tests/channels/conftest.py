"""A hub with everything that partners connect to, and the partners' own servers: real ones, on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import asyncssh
import pytest

from tests.channels.partners import MailBox, PartnerServer
from tests.conftest import copied
from tests.http.desk import Desk
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.settings import Settings
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.servers import Servers

Until = Callable[[Callable[[], Awaitable[object]]], Awaitable[object]]


@pytest.fixture(scope="session")
def channels_database(database_server: str, template: str) -> Iterator[str]:
    """The DSN of a database that all tests of channels use."""
    with copied(database_server, template) as dsn:
        yield dsn


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
        await made.joined_by_the_cast()
        yield made
        await asyncio.sleep(0)


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits for something to come true; fails after a minute."""

    async def wait(ask: Callable[[], Awaitable[object]]) -> object:
        async with asyncio.timeout(60):
            while not (found := await ask()):  # noqa: ASYNC110 - disks and mailboxes have no event to wait on
                await asyncio.sleep(0.05)
        return found

    return wait


@pytest.fixture(scope="session")
def own_key() -> asyncssh.SSHKey:
    """A party's SSH key."""
    return asyncssh.generate_private_key("ssh-ed25519")
