"""PostgreSQL on a unix socket, with a password, in a folder of its own."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

import asyncpg

from tradeflow.embedded.process import Server
from tradeflow.embedded.programs import postgres_bin, reachable_bin
from tradeflow.errors import EmbeddedError

NAME = "tradeflow"  # of the role and of the database
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # statements and values are documents of the parties: they are not for logs
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


class Postgres(Server):
    """PostgreSQL 18 of the wheel, or 15 and later of the system. `dsn` is for asyncpg and SQLAlchemy; its role owns the server."""

    name = "postgres"
    # fast (roll back and write a checkpoint), then immediate (recover on the next start)
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    @property
    def dsn(self) -> str:
        """postgresql://…?host=<folder of the socket>, password included. Never log it."""
        return self._dsn(NAME)

    def answers(self) -> bool:
        """Whether a client can log in now; the database is made at the first time."""
        if not self._accepts():
            return False
        try:
            asyncio.run(self._log_in())
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.PostgresError as error:
            raise EmbeddedError(f"{self.home} runs, but does not let us in: {error}") from error
        return True

    def _dsn(self, database: str) -> str:
        password = (self.home / "password").read_text().strip()
        return f"postgresql://{NAME}:{password}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    async def _log_in(self) -> None:
        try:
            connection = await asyncpg.connect(self._dsn(NAME))
        except asyncpg.InvalidCatalogNameError:
            connection = await asyncpg.connect(self._dsn("postgres"))
            await connection.execute(f"CREATE DATABASE {NAME}")
        await connection.close()

    def _accepts(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket_folder / ".s.PGSQL.5432")) == 0

    def _pid_file(self) -> Path:
        return self.home / "cluster" / "postmaster.pid"

    def _command(self) -> list[str]:
        options = SETTINGS | {"unix_socket_directories": str(self.socket_folder)} | ({} if self.durable else NOT_DURABLE)
        return [str(self._bin / "postgres"), "-D", str(self.home / "cluster"), *(f"--{key}={value}" for key, value in options.items())]

    def _prepare(self) -> None:
        self._bin = reachable_bin(postgres_bin(self.settings), self.home, self.account)
        cluster, unfinished = self.home / "cluster", self.home / "cluster.new"
        if cluster.exists():
            self._refuse_other_version(cluster)
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.home / "password"
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
        self.account.own(password)
        begin = self.log.stat().st_size if self.log.exists() else 0
        if self._run_initdb(unfinished, password) != 0:
            raise EmbeddedError(f"initdb failed; {self._last_lines(begin)}")
        unfinished.rename(cluster)

    def _run_initdb(self, cluster: Path, password: Path) -> int:
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self._major() >= 17 else []
        auth = ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={password}", f"--username={NAME}"]
        command = [str(self._bin / "initdb"), "-D", str(cluster), "--encoding=UTF8", "--locale=C", "--data-checksums", *provider, *auth]
        return self._spawn(command if self.durable else [*command, "--no-sync"]).wait()

    def _major(self) -> int:
        said = subprocess.run([str(self._bin / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+)", said)
        if found is None:
            raise EmbeddedError(f"{self._bin / 'postgres'} --version says {said!r}")
        return int(found[1])

    def _refuse_other_version(self, cluster: Path) -> None:
        made_by = (cluster / "PG_VERSION").read_text().strip()
        if int(made_by) != self._major():
            raise EmbeddedError(
                f"{cluster} was made by PostgreSQL {made_by}, and {self._bin} is {self._major()}; "
                "set TRADEFLOW_PG_BIN to the older programs, or move the data with pg_upgrade"
            )
