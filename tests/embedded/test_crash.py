"""kill -9 of anybody, at any time: no orphan, and the next start has everything that was committed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import redis

from tests.embedded.probe import ended, on_linux, query
from tradeflow.embedded import Postgres, Valkey
from tradeflow.errors import EmbeddedError

Owner = Callable[..., tuple[subprocess.Popen[str], list[str]]]


@on_linux
def test_servers_die_with_their_owner_and_recover(used_folder: Path, owner: Owner) -> None:
    process, (postgres, valkey, dsn, url) = owner("postgres", "valkey")
    query(dsn, "CREATE TABLE kept_1 AS SELECT generate_series(1, 1000) AS value")
    with redis.Redis.from_url(url) as client:
        client.set("kept", "yes")
    time.sleep(1.1)  # the append-only file is synced each second
    with pytest.raises(EmbeddedError, match=rf"in use by process {process.pid}\b"):
        Postgres(used_folder).start()
    process.kill()
    assert ended(int(postgres), 2)
    assert ended(int(valkey), 2)
    with Postgres(used_folder) as server, Valkey(used_folder) as broker:
        assert query(server.dsn, "SELECT count(*) FROM kept_1") == 1000
        with redis.Redis.from_url(broker.dsn, decode_responses=True) as client:
            assert client.get("kept") == "yes"


@on_linux
def test_the_next_owner_need_not_wait(used_folder: Path, owner: Owner) -> None:
    process, (_, dsn) = owner("postgres")
    query(dsn, "CREATE TABLE kept_2 AS SELECT 1")
    process.kill()
    process.wait()
    with Postgres(used_folder) as server:
        assert query(server.dsn, "SELECT count(*) FROM kept_2") == 1


def test_a_killed_postmaster_is_started_again(used_folder: Path) -> None:
    with Postgres(used_folder) as server:
        for round_ in range(3):
            query(server.dsn, f"CREATE TABLE round_{round_} AS SELECT 1")
            assert server.process is not None
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            assert not server.answers()
            server.start()
            assert query(server.dsn, f"SELECT count(*) FROM round_{round_}") == 1


def test_owner_and_postmaster_killed_together(used_folder: Path, owner: Owner) -> None:
    process, (postgres, dsn) = owner("postgres")
    query(dsn, "CREATE TABLE kept_4 AS SELECT 1")
    process.send_signal(signal.SIGSTOP)  # so that it cannot reap or clean
    os.kill(int(postgres), signal.SIGKILL)
    process.kill()
    process.wait()
    assert (used_folder / "postgres/cluster/postmaster.pid").exists()
    with Postgres(used_folder) as server:
        assert query(server.dsn, "SELECT count(*) FROM kept_4") == 1


def test_a_server_that_outlived_its_owner_is_ended_first(used_folder: Path) -> None:
    """As on macOS, where a child is not told of the death of its parent."""
    orphan = Postgres(used_folder, durable=False).start()
    query(orphan.dsn, "CREATE TABLE kept_5 AS SELECT 1")
    assert orphan.process is not None
    orphan._lock.release()
    with Postgres(used_folder, durable=False) as server:
        assert orphan.process.wait(5) == 0
        assert query(server.dsn, "SELECT count(*) FROM kept_5") == 1


def test_a_pid_that_somebody_else_has_by_now_is_forgotten(used_folder: Path) -> None:
    with Postgres(used_folder) as server:
        query(server.dsn, "CREATE TABLE kept_6 AS SELECT 1")
        assert server.process is not None
        note = server.home / "cluster/postmaster.pid"
        text = note.read_text()
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        time.sleep(0.3)
        bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        note.write_text(text.replace(text.split("\n", 1)[0], str(bystander.pid), 1))
        server.start()
        assert query(server.dsn, "SELECT count(*) FROM kept_6") == 1
        assert psutil.Process(bystander.pid).is_running()
        bystander.kill()
        bystander.wait()


def test_an_initdb_that_was_cut_short_is_done_again(folder: Path) -> None:
    with Postgres(folder, durable=False) as server:
        home = server.home
    (home / "cluster").rename(home / "cluster.new")
    (home / "cluster.new/PG_VERSION").unlink()
    with Postgres(folder, durable=False) as server:
        assert query(server.dsn, "SELECT 1") == 1


def test_a_forked_copy_of_us_does_not_stop_the_server(used_folder: Path) -> None:
    with Postgres(used_folder, durable=False) as server:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert query(server.dsn, "SELECT 1") == 1
