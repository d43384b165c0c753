"""One running hub with its portal for all tests of pages; a real Chromium for those that need one.

Most pages are tested over HTTP, as `visitor` sees them: that is quick. `tab` is a tab of a browser in which a message in the console, an
error of a script, or a request to another host fails the test when it ends.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from playwright.async_api import Error as BrowserError

from tests.conftest import copied
from tests.http.desk import CAST, Desk
from tests.portal.visitor import PASSWORD, Visitor
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.portal.app import create_app
from tradeflow.settings import Settings
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
# the shell is Chromium without windows of its own: a page costs it about half
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
IDLE_SECONDS = 2
WAIT_MS = 60_000  # for what has to come, on a machine that is busy; nothing is waited for that is there
expect.set_options(timeout=WAIT_MS)
NO_BROWSER = "no Chromium: `apt-get install chromium`, or `playwright install chromium`, or TRADEFLOW_CHROMIUM=/path/to/it"
Visits = Callable[[str], Awaitable[Visitor]]


@pytest.fixture(scope="session")
def portal_database(database_server: str, template: str) -> Iterator[str]:
    """The DSN of a database that all tests of pages use."""
    with copied(database_server, template) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def hub(portal_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """The hub behind the portal: a sandbox, delivery beside it."""
    bell = InProcessDoorbell()
    settings = Settings(data_dir=Path(tmp_path_factory.mktemp("data")), sandbox=True, sweep_seconds=0.5, rate_per_second=0)
    opened = await Hub.open(settings, portal_database, bell)
    async with background(opened, bell):
        yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    """The same hub by its API: parties of the cast with a key each, and with a user <party>@demo.example each."""
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession(connector=idle_closes()) as session:
        made = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        await made.joined_by_the_cast()
        for party in [*CAST, "operator"]:
            await enlisted(made, party, email_of(party))
        yield made


def idle_closes() -> aiohttp.TCPConnector:
    """Connections that are given up before the hub gives them up: minutes pass between two calls of who does the rest in a browser."""
    return aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS)


@pytest.fixture(scope="module", autouse=True)
async def first_day(desk: Desk) -> None:
    """Each module begins on the same day: some play trades that take months."""
    await desk.clock_back()


async def enlisted(desk: Desk, party: str, email: str, **limits: object) -> None:
    """A user of a party, by invitation."""
    asked = {"party_id": party, "email": email, "name": party.replace("-", " ").title(), **limits}
    token = (await desk.post("/v1/invitations", "operator", asked)).json["token"]
    reply = await desk.post("/v1/invitations/user", None, {"token": token, "password": PASSWORD})
    assert reply.status == 201, reply.body


def email_of(party: str) -> str:
    return f"{party}@portal.example"


@pytest.fixture
async def visitor(desk: Desk) -> AsyncIterator[Visits]:
    """Makes somebody who is signed in as a user of a party, or, for "", as nobody."""
    async with AsyncExitStack() as stack:

        async def visit(party: str = "") -> Visitor:
            jar = aiohttp.CookieJar(unsafe=True)
            made = Visitor(desk.base_url, await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, connector=idle_closes())))
            if party:
                assert (await made.sign_in(email_of(party))).status == 200
            return made

        yield visit


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A real browser; tests that need one are skipped, and say so, where there is none."""
    program = os.environ.get("TRADEFLOW_CHROMIUM") or next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=program, args=ARGS)
        except BrowserError as error:
            if os.environ.get("TRADEFLOW_CHROMIUM"):
                raise
            pytest.skip(f"{NO_BROWSER} ({str(error).splitlines()[0]})")
        yield browser
        await browser.close()


@pytest.fixture
async def tab(chromium: Browser, desk: Desk) -> AsyncIterator[Page]:
    """A tab at desktop width on the hub; what it must never do fails the test at its end."""
    async with watched(chromium, desk, DESKTOP) as page:
        yield page


@pytest.fixture
async def phone(chromium: Browser, desk: Desk) -> AsyncIterator[Page]:
    """The same at the width of a phone."""
    async with watched(chromium, desk, PHONE) as page:
        yield page


class watched:  # noqa: N801 - used as a context manager
    """A tab of its own; at the end nothing may have been said in the console, and nobody else been asked for anything."""

    def __init__(self, chromium: Browser, desk: Desk, viewport: ViewportSize, *friends: str) -> None:
        self._chromium, self._desk, self._viewport, self._friends = chromium, desk, viewport, (desk.base_url, *friends)
        self.wrong: list[str] = []

    async def __aenter__(self) -> Page:
        self._context = await self._chromium.new_context(
            viewport=self._viewport, base_url=self._desk.base_url, locale="en-GB", reduced_motion="reduce"
        )
        return await self.another()

    async def another(self) -> Page:
        """One more tab, in the same browser: one jar of cookies, one cache."""
        page = await self._context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda said: self.wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme != "data" and not url.startswith(self._friends):
            self.wrong.append(f"asked elsewhere: {url}")

    async def __aexit__(self, kind: object, *_: object) -> None:
        await self._context.close()
        if kind is None:
            assert self.wrong == []
