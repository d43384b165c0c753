"""Real servers for the tests: one PostgreSQL and one Valkey per run, one database per test. Nothing of ours is mocked.

TRADEFLOW_DATABASE_URL and TRADEFLOW_REDIS_URL switch to servers of one's own; the tests make and drop databases there, and empty the Redis
database they use.
"""

import asyncio
import atexit
import contextlib
import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis
from argon2 import PasswordHasher

from tradeflow.app import passwords
from tradeflow.embedded import Postgres, Valkey
from tradeflow.store import migrations

# taken out of the environment, so that no test reaches the servers past the fixtures
OWN_DATABASE = os.environ.pop("TRADEFLOW_DATABASE_URL", None)
OWN_REDIS = os.environ.pop("TRADEFLOW_REDIS_URL", None)

REAL_HASHER = passwords.hasher
# folders whose files take longest begin; the many short ones fill what is left, so that no worker waits long for another in the end
LONGEST_FIRST = ("docs", "portal", "scenario", "tests", "chaos", "http", "channels", "embedded", "store", "hostile")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test that waits for a server, a browser or a clock leaves its core to another."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """Hundreds of people sign in: what a password costs whoever guesses it, test_passwords.py holds against RFC 9106."""
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which workers take files."""
    turns = {folder: turn for turn, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turns.get(item.path.parent.name, len(turns)))


def pytest_collection_finish() -> None:
    """Ten thousand collected tests stay to the end: nobody's garbage collection has to walk them, nor come as often as in a small program."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    atexit.register(gc.freeze)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A folder that an unprivileged server can reach when the tests run as root; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="tradeflow-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_server(servers_folder: Path) -> Iterator[str]:
    """The DSN of a server where databases can be made."""
    if OWN_DATABASE:
        yield OWN_DATABASE
        return
    with Postgres(servers_folder, durable=False) as server:
        yield server.dsn


@pytest.fixture(scope="session")
def template(database_server: str) -> Iterator[str]:
    """The name of a database with all migrations, made once and copied for each test."""
    name = f"template_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name}")
    migrations.upgrade(named(database_server, name))
    yield name
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_server: str, template: str) -> Iterator[str]:
    """The DSN of an empty, migrated database that only this test uses."""
    with copied(database_server, template) as dsn:
        yield dsn


@contextlib.contextmanager
def copied(server: str, template: str) -> Iterator[str]:
    """The DSN of a copy of the template, as long as the block lasts."""
    name = f"test_{uuid.uuid4().hex}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_server(servers_folder: Path) -> Iterator[str]:
    """The URL of a Redis that this run may empty; parallel runs of pytest-xdist get a database number each."""
    if OWN_REDIS:
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        yield urlsplit(OWN_REDIS)._replace(path=f"/{number}").geturl() if number else OWN_REDIS
        return
    with Valkey(servers_folder, durable=False) as server:
        yield server.dsn


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    parts = urlsplit(dsn)
    return f"{parts.scheme}://{parts.netloc}/{database}" + (f"?{parts.query}" if parts.query else "")


def execute(dsn: str, statement: str) -> None:
    """Run one statement on a connection of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
