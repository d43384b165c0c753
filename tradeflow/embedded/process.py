"""One server as a child process: one owner, dies with us, alive only when it answers, and says why when it does not."""

import asyncio
import atexit
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

from tradeflow.embedded.account import Account, account, owner_of
from tradeflow.embedded.home import OwnerLock, home, socket_folder
from tradeflow.errors import EmbeddedError
from tradeflow.settings import Settings
from tradeflow.settings import settings as process_settings

LOG_BYTES_MAX = 5_000_000
START_SECONDS_MAX = 120  # recovery after a crash reads the log of the database again
STOP_SECONDS_MAX = 15


class Server(ABC):
    """An embedded server in data_dir/<name>. A context manager; start() and stop() may be called again and again, from the main thread."""

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[signal.Signals, ...]]

    def __init__(self, data_dir: Path, *, durable: bool = True, settings: Settings | None = None) -> None:
        """`durable=False` trades safety against power loss for speed: for tests only."""
        self.data_dir = data_dir.absolute()
        self.durable = durable
        self.settings = settings or process_settings()
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = OwnerLock(self.data_dir / f"{self.name}.lock")
        self._owner = os.getpid()

    def start(self) -> Self:
        """Start the server, or start it again after a crash. Raises EmbeddedError that says what to do; returns once it answers."""
        _refuse_wrong_thread()
        if self.process is not None and self.process.poll() is None:
            return self
        try:
            self._settle()
            self._end_leftover()
            self._prepare()
            atexit.register(self.stop)
            self._launch()
        except OSError as error:
            self.stop()
            raise EmbeddedError(f"{self.name} could not start: {error}") from error
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server, gently first, and let go of the folder. Does nothing when it is not running, or in a forked copy of us."""
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.stop)
        if self.process is not None:
            _end(psutil.Process(self.process.pid) if self.process.poll() is None else None, self.stop_signals)
            self.process.wait()
            self.process = None
            if self.home not in self.socket_folder.parents:
                with suppress(OSError):
                    self.socket_folder.rmdir()
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    @abstractmethod
    def dsn(self) -> str:
        """How clients reach the server, password included. Never log it."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a real client gets a real answer now."""

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _pid_file(self) -> Path: ...

    def _settle(self) -> None:
        """Become the owner of the folder: who runs the server, where its files and its socket are."""
        self.account: Account = account(self.settings.service_user)
        self.home = home(self.data_dir, self.name, self.account)
        self._lock.take()
        self.account = owner_of(self.home, self.account)
        if not self.account.reaches(self.home, "-w"):
            raise EmbeddedError(f"{self.home} does not belong to {self.account.name}; start as its owner, or set TRADEFLOW_DATA_DIR")
        self.socket_folder = socket_folder(self.home, self.account)
        self.log = self.home / "log"

    def _launch(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_name("log.old"))
        begin = self.log.stat().st_size if self.log.exists() else 0
        self.process = self._spawn(self._command())
        while not self.answers():
            if self.process.poll() is not None:
                if time.monotonic() < deadline and "pre-existing shared memory block" in self._log_from(begin):
                    # after a kill -9 of the postmaster its children need a moment to notice
                    time.sleep(0.1)
                    begin = self.log.stat().st_size
                    self.process = self._spawn(self._command())
                    continue
                raise EmbeddedError(f"{self.name} ended while starting (exit code {self.process.returncode}); {self._last_lines(begin)}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} does not answer after {START_SECONDS_MAX} s; {self._last_lines(begin)}")
            time.sleep(0.01)

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            # its own session: Ctrl-C is for us, we stop the server when we are done with it
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home if self.account.reaches(self.home, "-x") else "/",
                env=self._environment(),
                user=self.account.uid if self.account.drop else None,
                group=self.account.gid if self.account.drop else None,
                extra_groups=[] if self.account.drop else None,
                start_new_session=True,
                preexec_fn=_die_with_parent(self.stop_signals[0]),  # noqa: PLW1509 we are the main thread, and it only calls prctl
            )

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def _log_from(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read(100_000).decode(errors="replace")

    def _last_lines(self, begin: int) -> str:
        lines = self._log_from(begin).strip().splitlines()[-12:]
        return f"{self.log} says:\n" + "\n".join(f"  {line}" for line in lines) if lines else f"{self.log} says nothing"

    def _end_leftover(self) -> None:
        """End a server of this folder that outlived its owner (on macOS, or still shutting down); forget a pid that is not ours."""
        file = self._pid_file()
        if not file.exists():
            return
        first = file.read_text().split("\n", 1)[0].strip()
        if not first.isdecimal() or not psutil.pid_exists(int(first)):
            return
        try:
            left = psutil.Process(int(first))
            if left.status() != psutil.STATUS_ZOMBIE and str(self.home) in " ".join(left.cmdline()):
                _end(left, self.stop_signals)
                return
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            pass
        # a pid that somebody else has by now, common after a restart of a container, would keep the server from starting
        file.unlink(missing_ok=True)
        for lock in self.socket_folder.glob(".s.*.lock"):
            lock.unlink()


def _end(process: psutil.Process | None, signals: tuple[signal.Signals, ...]) -> None:
    for number in (*signals, signal.SIGKILL):
        try:
            if process is None or not process.is_running():
                return
            process.send_signal(number)
            process.wait(STOP_SECONDS_MAX)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def _refuse_wrong_thread() -> None:
    if threading.current_thread() is not threading.main_thread():
        raise EmbeddedError("embedded servers are started from the main thread: they die with the thread that starts them")
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise EmbeddedError("embedded servers are started before the event loop")


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes the server, after the change of account (which would undo it): ask for a signal when we die."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(1, int(number), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)  # we died before it could ask

    return ask
