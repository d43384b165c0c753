"""The hub that the pages speak of: the demo was played on it, and each page gets a copy of its own."""

import asyncio
import contextlib
import io
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import execute, named
from tests.docs.blocks import SURROUNDINGS, Reader
from tests.docs.forks import forking
from tradeflow.bundle import bundle_root
from tradeflow.cli._hub import hub_in_thread
from tradeflow.cli._progress import shown
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player
from tradeflow.settings import Settings

UNFORKED = ("README", "operators")  # pages whose commands are started as people start them


@dataclass(frozen=True)
class Demo:
    """The database in which the demo ended, by name, its data folder, and what it printed without a terminal."""

    database: str
    folder: Path
    printed: str


@pytest.fixture(scope="session")
def played(database_server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, played once."""
    name = f"demo_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name} TEMPLATE {template}")
    dsn, folder = named(database_server, name), tmp_path_factory.mktemp("demo")
    scenario, printed = load(bundle_root() / "workflows" / "trade" / "scenarios" / "S01.toml"), io.StringIO()
    with (
        hub_in_thread(Settings(data_dir=folder, database_url=dsn, sandbox=True, port=0), dsn) as running,
        contextlib.redirect_stdout(printed),
        shown(scenario, machine(), plain=True) as progress,
    ):
        outcome = asyncio.run(Player(running.base_url, running.operator_key, catalogue(), progress=progress).play(scenario))
    assert outcome.difference == ""
    yield Demo(name, folder, printed.getvalue())
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def forked(servers_folder: Path) -> Iterator[str]:
    """The text of a program `tradeflow` that starts quickly."""
    with forking(servers_folder / "forks", {"PATH": os.environ["PATH"], **SURROUNDINGS}) as program:
        yield program


@pytest.fixture
def reader(database_server: str, played: Demo, tmp_path: Path, page: Path, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Somebody who played the demo, left its hub running, and follows a page."""
    program = "" if page.stem in UNFORKED else request.getfixturevalue("forked")
    name = f"docs_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name} TEMPLATE {played.database}")
    dsn, data_dir = named(database_server, name), tmp_path / ".local/share/tradeflow/demo"
    shutil.copytree(played.folder, data_dir)
    with hub_in_thread(Settings(data_dir=data_dir, database_url=dsn, sandbox=True, internal_addresses=True, port=0), dsn) as running:
        yield Reader(tmp_path, running.base_url, {"TRADEFLOW_DATABASE_URL": dsn, "TRADEFLOW_DATA_DIR": str(data_dir)}, program)
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")
