"""How long a hub takes to be there: cold, warm, and with a catalogue many times as large."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.figures import Row, Section
from tests.bench.place import Program
from tradeflow.bundle import bundle_root

COPIES: Final = 9  # of every message, beside the original


def section(place: Path, starts: int) -> Section:
    """Start hubs with a database of their own in this folder."""
    data, roots = place / "start", place / "content"
    plain, large = _catalogue(bundle_root()), _copied(roots)
    python, imported = _python("pass", starts), _python("import tradeflow.cli.serve", starts)
    cold = _served(data, place)
    warm, grown, rss, cpu = [], [], [], []
    for _ in range(starts):  # in turns
        warm.append(_served(data, place, told=(rss, cpu)))
        grown.append(_served(data, place, {"TRADEFLOW_CONTENT_ROOTS": json.dumps([str(roots)])}))
    rows = [
        Row("python alone", python, "s"),
        Row("python with everything `serve` imports", imported, "s"),
        Row("cold: from nothing (initdb, migrations) to the first request it would answer", cold, "s"),
        Row(f"warm: {plain} messages in the catalogue", median(warm), "s"),
        Row(f"warm: {plain + large} messages in the catalogue, against {plain}", median(grown), "s", median(warm)),
    ]
    rows += [
        Row("the hub's own CPU until it is ready", median(cpu), "s CPU"),
        Row("memory: the hub's process, ready, the full catalogue compiled", median(rss), "MB"),
    ]
    return Section("Start-up of `tradeflow serve` with the embedded PostgreSQL", rows)


def _served(
    data: Path, place: Path, environment: dict[str, str] | None = None, told: tuple[list[float], list[float]] | None = None
) -> float:
    """Seconds until it is ready; `told` gets its resident memory and the CPU it spent."""
    with Program("tradeflow", "serve", "--port", "0", "--data-dir", str(data), log=place / "log", environment=environment) as hub:
        if told is not None:
            spent = hub.process.cpu_times()
            told[0].append(hub.process.memory_info().rss / 1e6)
            told[1].append(spent.user + spent.system)
        return hub.seconds_to_ready


def _python(statement: str, times: int) -> float:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, env=dict(os.environ))
        return time.perf_counter() - began

    return min(once() for _ in range(max(times, 2)))


def _catalogue(root: Path) -> int:
    return len(list((root / "documents").glob("*/message.toml")))


def _copied(to: Path) -> int:
    """Every message several times, under names of its own. Returns how many there are."""
    for file in sorted((bundle_root() / "documents").glob("*/message.toml")):
        for number in range(1, COPIES + 1):
            folder = to / "documents" / f"{file.parent.name}_{number}"
            folder.mkdir(parents=True)
            for name in ("message.toml", "rules.toml"):
                if (file.parent / name).exists():
                    shutil.copy(file.parent / name, folder / name)
    return _catalogue(to)
