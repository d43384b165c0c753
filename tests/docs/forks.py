"""`tradeflow` for the pages: a process that has read the program's modules, and nothing else, becomes each command that is typed in.

To read them costs more than most commands do. Environment, folder and content each command reads itself: before a fork no setting has been
looked at. Two pages start the program as people do, and test_packaging.py as it is installed.
"""

import contextlib
import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

LATE = ("litestar.plugins.pydantic", "alembic.command", "xlsxwriter", "uvloop")
ENDED = 128  # and the number of the signal, as a shell says it
# a program of few modules, which starts at once
CALL = """#!{python} -IS
import json, os, socket, sys
asked = json.dumps({{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}).encode()
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    socket.send_fds(line, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    line.sendall(asked)
    status = line.recv(1)
sys.exit(status[0] if status else 1)
"""


@contextmanager
def forking(address: Path, environment: dict[str, str]) -> Iterator[str]:
    """The text of a program `tradeflow`, as long as the block lasts; `address` is where its socket may lie."""
    server = subprocess.Popen([sys.executable, "-m", __name__, str(address)], env=environment, stdout=subprocess.PIPE)
    try:
        assert server.stdout and server.stdout.readline() == b"ready\n"
        yield CALL.format(python=sys.executable, address=str(address))
    finally:
        server.kill()
        server.communicate()


def read() -> None:
    """The modules of every verb, and what they read late. Those of the pages and the routes look at the content as they are read."""
    from tradeflow import cli
    from tradeflow.settings import settings

    for found in pkgutil.iter_modules(cli.__path__):
        import_module(f"{cli.__name__}.{found.name}")
    for late in LATE:
        import_module(late)
    assert not settings.cache_info().currsize, "what is forked knows nothing of an environment"


def serve(address: str) -> None:
    """Wait for calls. Ends in every forked process, too."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        gc.collect()
        gc.freeze()  # memory that nobody looks through stays common to all
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who answers a call
        while True:
            line, _ = door.accept()
            if not os.fork():
                break
            line.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    answer(line)


def answer(line: socket.socket) -> None:
    """One call: fork once more, say how that ended, and end it when the caller has gone."""
    size, given, _, _ = socket.recv_fds(line, 8, 3)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += line.recv(1 << 16)
    if not (command := os.fork()):
        line.close()
        return become(json.loads(asked), given)
    for one in given:
        os.close(one)

    def hung_up() -> None:
        line.recv(1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(command, signal.SIGTERM)

    threading.Thread(target=hung_up, daemon=True).start()
    status = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    with contextlib.suppress(OSError):
        line.send(bytes([status if status >= 0 else ENDED - status]))
    os._exit(0)


def become(asked: dict[str, Any], given: list[int]) -> None:
    """The command: its folder, its environment, its three streams, its words."""
    for number, one in enumerate(given):
        os.dup2(one, number)
        os.close(one)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    here = import_module("tradeflow")
    sys.argv = [f"{here.__path__[0]}/__main__.py", *asked["arguments"]]
    sys.modules["__main__"].__package__ = here.__name__
    import_module("tradeflow.cli").main()


if __name__ == "__main__":
    read()
    serve(sys.argv[1])
