"""A hub for a command: a running one by its address, or an embedded one for as long as the command runs."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from tradeflow.api.serve import Listener, run
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.embedded import database
from tradeflow.errors import Problem
from tradeflow.logs import configure
from tradeflow.portal.app import create_app
from tradeflow.ports import Doorbell
from tradeflow.settings import Settings, settings
from tradeflow.store import migrations
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.servers import Servers

KEY_FILE = "operator.key"


@dataclass(frozen=True, slots=True)
class Running:
    """Where a hub answers, and the operator's key of it."""

    base_url: str
    operator_key: str


async def run_hub(config: Settings, dsn: str, ready: "asyncio.Future[Running] | None" = None, stop: asyncio.Event | None = None) -> None:
    """API and, unless Redis rings for workers of their own, delivery and sweep in this process, until stopped."""
    bell = InProcessDoorbell()
    hub = await Hub.open(config, dsn, _through_redis(config.redis_url) if config.redis_url else bell)
    try:
        key = await _operator_key(hub)
        async with background(hub, None if config.redis_url else bell), Servers(hub):
            listener = Listener(create_app(hub), config.host, config.port)
            async with listener:
                if ready and not ready.done():
                    ready.set_result(Running(listener.base_url, key))
                await listener.serve_until(stop)
                hub.queries.close()
    finally:
        await hub.close()


def _through_redis(url: str) -> Doorbell:
    from tradeflow.worker.redis_doorbell import RedisDoorbell

    return RedisDoorbell(url)


def migrated(dsn: str) -> None:
    """Bring a database to the current schema before a hub that stays: by a process of its own, for what migrates would stay in memory.

    Ends this process as that one ended, which has said why.
    """
    if migrations.is_current(dsn):
        return
    environment = {**os.environ, "TRADEFLOW_DATABASE_URL": dsn}
    done = subprocess.run([sys.executable, "-m", "tradeflow", "migrate"], env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)


async def _operator_key(hub: Hub) -> str:
    """The operator's key in the data folder; made on the first start, and again if this database does not know it."""
    file = hub.settings.data_dir / KEY_FILE
    if file.is_file():
        key = file.read_text(encoding="ascii").strip()
        with contextlib.suppress(Problem):  # a key of another database: a new one is made
            if (await hub.keys.authenticate(key)).operator:
                return key
    key = await operator_key(hub.store)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(key + "\n", encoding="ascii")
    return key


def settle() -> None:
    """What start-up made is here to stay, and documents go without help: a full collection would only make everybody wait."""
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


@contextmanager
def hub_for(url: str | None, key: str | None, config: Settings | None = None) -> Iterator[Running]:
    """The hub at `url`, or an embedded sandbox hub in a thread of its own until the block ends."""
    if url:
        if not key:
            raise click.UsageError("--url needs --operator-key (or TRADEFLOW_OPERATOR_KEY)")
        yield Running(url, key)
        return
    config = (config or settings()).model_copy(update={"sandbox": True, "internal_addresses": True, "port": 0, "log_level": "warning"})
    configure(config)
    with database(config) as dsn:
        migrations.upgrade(dsn)
        with hub_in_thread(config, dsn) as running:
            yield running


@contextmanager
def hub_in_thread(config: Settings, dsn: str) -> Iterator[Running]:
    """A hub on a migrated database, in a thread with a loop of its own, until the block ends."""
    started = threading.Event()
    box: list[Running | BaseException] = []
    control: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def go() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        control.append((loop, stop))
        ready: asyncio.Future[Running] = loop.create_future()

        def tell(done: "asyncio.Future[Running]") -> None:
            box.append(done.result())
            started.set()

        ready.add_done_callback(tell)
        await run_hub(config, dsn, ready, stop)

    def body() -> None:
        try:
            run(go())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            box.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=body, name="hub", daemon=True)
    thread.start()
    started.wait()
    if isinstance(box[0], BaseException):
        raise box[0]
    try:
        yield box[0]
    finally:
        loop, stop = control[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)


def data_dir_of(path: str | None) -> Settings:
    """The settings, with another data folder if one is given."""
    return settings().model_copy(update={"data_dir": Path(path).absolute()}) if path else settings()
