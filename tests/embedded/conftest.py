import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

OWNER = """
import sys, time
from pathlib import Path
from tradeflow.embedded import Postgres, Valkey
servers = [kind(Path(sys.argv[1])).start() for kind in (Postgres, Valkey) if kind.name in sys.argv[2:]]
print(*[server.process.pid for server in servers], *[server.dsn for server in servers], flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(servers_folder: Path) -> Iterator[Path]:
    """A data folder that does not exist yet, where the servers can reach it."""
    parent = Path(tempfile.mkdtemp(dir=servers_folder))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="session")
def used_folder(servers_folder: Path) -> Path:
    """A data folder that one test after the other uses, so that not each has to make a cluster."""
    return servers_folder / "used"


@pytest.fixture
def owner(used_folder: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], list[str]]]]:
    """Starts another process that owns servers in the used folder, and gives it with the words it said: pids, then DSNs."""
    started: list[subprocess.Popen[str]] = []

    def start(*names: str) -> tuple[subprocess.Popen[str], list[str]]:
        process = subprocess.Popen([sys.executable, "-c", OWNER, str(used_folder), *names], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert words, "the owner did not start its servers"
        return process, words

    yield start
    for process in started:
        process.kill()
        process.communicate()
