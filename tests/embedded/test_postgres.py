"""The life of an embedded PostgreSQL: cold, warm, and out of one hand at a time."""

import asyncio
import os
import stat
import threading
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.embedded.probe import as_root, query
from tradeflow.embedded import Postgres, Valkey, database
from tradeflow.errors import EmbeddedError
from tradeflow.settings import Settings


def test_cold_then_warm_keeps_what_was_committed(folder: Path) -> None:
    with Postgres(folder) as server:
        query(server.dsn, "CREATE TABLE kept AS SELECT 42 AS value")
        assert query(server.dsn, "SHOW fsync") == "on"
    with Postgres(folder) as server:
        assert query(server.dsn, "SELECT value FROM kept") == 42


def test_it_speaks_utf8_and_utc_whatever_the_environment_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    with Postgres(folder, durable=False) as server:
        assert query(server.dsn, "SHOW server_encoding") == "UTF8"
        assert query(server.dsn, "SHOW timezone") == "UTC"
        assert query(server.dsn, "SELECT upper('é')") == "É"


def test_starting_again_is_no_second_server(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server:
        assert server.process is not None
        first = server.process.pid
        assert server.start() is server
        assert server.process.pid == first


def test_a_second_owner_is_refused_and_told_who_the_first_is(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server:
        with pytest.raises(EmbeddedError, match=rf"in use by process {os.getpid()}\b.*TRADEFLOW_DATA_DIR"):
            Postgres(used_folder, durable=False).start()
        assert query(server.dsn, "SELECT 1") == 1
    with Postgres(used_folder, durable=False):
        pass


def test_a_refused_owner_leaves_no_server_and_no_lock(folder: Path) -> None:
    broken = Postgres(folder, settings=Settings(pg_bin=folder))
    for _ in range(2):
        with pytest.raises(EmbeddedError, match="no program postgres"):
            broken.start()
    with Postgres(folder, durable=False):
        pass


def test_only_who_knows_the_password_gets_in_and_only_by_the_socket(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server:
        password = server.home / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        wrong = server.dsn.replace(password.read_text().strip(), "guess")
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(wrong, "SELECT 1")
        assert server.process is not None
        assert [c for c in psutil.Process(server.process.pid).net_connections(kind="inet") if c.status == psutil.CONN_LISTEN] == []
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700


def test_values_of_statements_stay_out_of_its_log(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server:
        query(server.dsn, "CREATE TABLE logged (x text PRIMARY KEY)")
        for _ in range(2):
            try:
                query(server.dsn, "INSERT INTO logged VALUES ('confidential-price')")
            except asyncpg.UniqueViolationError:
                break
        log = server.log.read_text()
    assert "duplicate key" in log
    assert "confidential-price" not in log


def test_secrets_of_our_environment_do_not_reach_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEFLOW_SECRET_OF_SOMEBODY", "x")
    with Valkey(folder, durable=False) as server:
        assert server.process is not None
        assert "TRADEFLOW_SECRET_OF_SOMEBODY" not in psutil.Process(server.process.pid).environ()


def test_it_is_started_from_the_main_thread_only(folder: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            Postgres(folder).start()
        except EmbeddedError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def test_it_is_started_before_the_event_loop(folder: Path) -> None:
    async def start() -> None:
        Postgres(folder).start()

    with pytest.raises(EmbeddedError, match="before the event loop"):
        asyncio.run(start())


@as_root
def test_started_by_root_it_runs_as_somebody_else(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server, Valkey(used_folder, durable=False) as broker:
        for one in (server, broker):
            assert one.process is not None
            process = psutil.Process(one.process.pid)
            assert process.username() == "nobody"
            assert process.uids().saved != 0
            assert process.gids().real != 0


def test_with_a_server_of_ones_own_nothing_is_started(folder: Path) -> None:
    with database(Settings(database_url="postgresql+asyncpg://me@db/trade", data_dir=folder)) as dsn:
        assert dsn == "postgresql://me@db/trade"
    assert not folder.exists()


def test_without_one_the_block_has_a_server(used_folder: Path) -> None:
    with database(Settings(data_dir=used_folder)) as dsn:
        assert query(dsn, "SELECT current_database()") == "tradeflow"
    with pytest.raises(OSError, match="No such file"):
        query(dsn, "SELECT 1")
