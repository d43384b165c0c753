"""kill -9 of the whole demo at any moment: nothing stored is wrong, and the next start goes on with the trade."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# each kills at another moment; `make killed` takes ten
SEEDS = [int(seed) for seed in os.environ.get("TRADEFLOW_CHAOS_SEEDS", "1").split(",")]
FOLDER = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A working folder that an unprivileged database server can reach."""
    path = Path(tempfile.mkdtemp(prefix="tradeflow-killed-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def tradeflow(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    # a lease of a second: what the killed worker held is free again before the second run ends
    own = {"TRADEFLOW_DATA_DIR": str(folder / "data"), "TRADEFLOW_LEASE_SECONDS": "1", "PYTHONPATH": str(FOLDER)}
    environment = {**os.environ, **own}
    return subprocess.Popen(
        [sys.executable, "-m", "tradeflow", *arguments],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out[-2000:] + err[-2000:]
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_demo_is_verified_and_goes_on(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    killed = tradeflow(folder, "demo")
    steps_before = chance.randrange(1, 50)
    assert killed.stdout
    seen = 0
    for line in killed.stdout:
        seen += "/65 " in line
        if seen >= steps_before:
            break
    time.sleep(chance.random() * 0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    report = finished(tradeflow(folder, "verify", "--data-dir", str(folder / "data" / "demo")))
    assert "; 0 faults" in report

    finished(tradeflow(folder, "demo"))
    figures = json.loads((folder / "build" / "demo.json").read_text())
    assert figures["completed"]
    assert figures["trade_id"] == "GLL-2025-0117", "the trade that was cut short went on"
    assert figures["accepted"] == 61
    assert figures["final_states"]["trade.case"] == "completed"

    report = finished(tradeflow(folder, "verify", "--data-dir", str(folder / "data" / "demo")))
    assert "1 trades" in report
    assert "; 0 faults" in report
    assert "pending" not in report, "every delivery of the first run arrived too"
