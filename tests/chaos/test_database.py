"""The database dies under load, three times: what was answered is there, and what was not answered can be sent again."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import SECONDS_MAX, ask, finished, process
from tests.chaos.writer import WRITERS
from tests.store import desk
from tests.verified import verified
from tradeflow.embedded import Postgres
from tradeflow.store import migrations
from tradeflow.store.uow import Store


@pytest.fixture
def doomed(servers_folder: Path) -> Iterator[Postgres]:
    """A durable server that only this test uses, and kills."""
    folder = servers_folder / "doomed-database"
    folder.mkdir()
    folder.chmod(0o711)
    server = Postgres(folder).start()
    yield server
    server.stop()


def prepared(dsn: str) -> None:
    async def go() -> None:
        store = await Store.connect(dsn, 2, role="")
        await desk.desk(store, "maersk")
        for n in range(WRITERS):
            await desk.opened(store, f"TF-WRITE-{n:04}")
        await store.close()

    migrations.upgrade(dsn)
    asyncio.run(go())


def under_load(dsn: str, messages: int) -> None:
    """Waits until so many messages are stored, and more are coming."""
    until = time.monotonic() + SECONDS_MAX
    while ask(dsn, "SELECT count(*) FROM message")[0][0][0] < messages:
        assert time.monotonic() < until, "the writers do not come on"
        time.sleep(0.05)


def test_what_was_answered_survives_a_database_that_is_killed_under_load(doomed: Postgres) -> None:
    dsn = doomed.dsn
    prepared(dsn)
    writers = process("writer", dsn)
    for kill in range(1, 4):
        under_load(dsn, 40 * kill)
        assert doomed.process is not None
        os.kill(doomed.process.pid, signal.SIGQUIT)  # no checkpoint, no goodbye: recovery from the log
        doomed.process.wait(30)
        doomed.start()
        assert doomed.dsn == dsn
    under_load(dsn, 160)
    writers.send_signal(signal.SIGTERM)
    run = finished(writers)
    assert run.done and len(run.answers) > 100
    [rows] = ask(dsn, "SELECT message_id::text, encode(sha256(answer), 'hex') FROM message")
    stored = dict(rows)
    assert run.answers.items() <= stored.items(), "answered, but lost"
    assert len(stored) - len(run.answers) <= WRITERS, "each writer can have one message under way when it ends"
    assert verified(dsn).faults == []
