"""Where a benchmark runs: a durable PostgreSQL, databases of its own, and servers as processes that can be looked at from outside."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import psutil

from tests.conftest import OWN_DATABASE, execute, named
from tradeflow.embedded import Postgres
from tradeflow.store import migrations

START_SECONDS_MAX: Final = 120
FSYNCS: Final = 300
_ADDRESS = re.compile(rb"https?://([\d.]+):(\d+)")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a disk that PostgreSQL's own account can enter, when this runs as root; gone at the end."""
    made = Path(tempfile.mkdtemp(prefix="tradeflow-bench-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def database_server(place: Path) -> Iterator[tuple[str, psutil.Process | None]]:
    """The DSN of a server that syncs every commit to disk, and its process where it is ours (TRADEFLOW_DATABASE_URL names another)."""
    if OWN_DATABASE:
        yield OWN_DATABASE, None
        return
    with Postgres(place) as server:
        assert server.process is not None
        yield server.dsn, psutil.Process(server.process.pid)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The DSN of an empty, migrated database."""
    name = f"bench_{uuid4().hex}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        migrations.upgrade(named(server, name))
        yield named(server, name)
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


class Program:
    """A server of ours as a process. Ready when it has said its address; a context manager."""

    def __init__(self, module: str, *arguments: str, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.host, self.port, self.seconds_to_ready = "", 0, 0.0
        self._command = [sys.executable, "-m", module, *arguments]
        self._log, self._environment = log, {**os.environ, **(environment or {})}

    def __enter__(self) -> Self:
        began = time.perf_counter()
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, env=self._environment)
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if said := _ADDRESS.search(line):
                self.seconds_to_ready = time.perf_counter() - began
                self.host, self.port = said[1].decode(), int(said[2])
                self.process = psutil.Process(self._popen.pid)
                return self
        raise RuntimeError(f"{' '.join(self._command)} ended with {self._popen.wait()}; see {self._log.read_text()[-2000:]}")

    def __exit__(self, *_: object) -> None:
        self._popen.send_signal(signal.SIGINT)
        try:
            self._popen.wait(20)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        assert self._popen.stdout is not None
        self._popen.stdout.close()


def cpu_seconds(process: psutil.Process | None) -> float:
    """User and system CPU of a process and of its children, those that ended included."""
    ended = process.cpu_times() if process else None
    gone: float = getattr(ended, "children_user", 0.0) + getattr(ended, "children_system", 0.0)
    now: float = sum(times.user + times.system for times in _each(process, psutil.Process.cpu_times))
    return now + gone


def memory_mb(process: psutil.Process | None) -> float:
    """Resident memory of a process and its children now; what they share counts once where the system can tell."""
    total: int = sum(getattr(full, "pss", full.rss) for full in _each(process, psutil.Process.memory_full_info))
    return total / 1e6


def _each(process: psutil.Process | None, look: Callable[[psutil.Process], Any]) -> Iterator[Any]:
    """What there is to see of a process and its children; some of those of PostgreSQL come and go."""
    for one in (process, *process.children(recursive=True)) if process else ():
        with suppress(psutil.NoSuchProcess):
            yield look(one)


def memory_peak_mb(process: psutil.Process) -> float:
    """The most resident memory a process ever had, or has now where the system does not remember."""
    status = Path(f"/proc/{process.pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else process.memory_info().rss / 1e6


def fdatasync_us(place: Path) -> float:
    """Microseconds to bring 8 kB safely to the disk of this folder, the mean of many: what a commit costs at least."""
    file = os.open(place / "fdatasync", os.O_CREAT | os.O_RDWR)
    sync = getattr(os, "fdatasync", os.fsync)
    began = time.perf_counter()
    for _ in range(FSYNCS):
        os.pwrite(file, b"x" * 8192, 0)
        sync(file)
    seconds = time.perf_counter() - began
    os.close(file)
    return seconds / FSYNCS * 1e6
