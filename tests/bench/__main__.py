"""python -m tests.bench: one table, and build/bench.json."""

import argparse
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench import accepting, delivering, figures, formats, partners, portal, printing, stages, starting
from tests.bench.figures import Row, Section
from tests.bench.floor import Floor
from tests.bench.place import database, database_server, fdatasync_us, folder
from tests.bench.scale import FULL, QUICK, Scale

ALONE: dict[str, Callable[[Scale], Section]] = {
    "printing": lambda scale: printing.section(scale.prints),
    "formats": lambda scale: formats.section(scale.repetitions),
}
PAGES = "pages"


def main() -> None:
    """Measure, print, write. Fails only if something did not work, never because something was slow."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server is left behind
    began = time.monotonic()
    scale = QUICK if options.quick else FULL
    measured = list(_sections(scale)) if not options.only else [_pages(scale) if options.only == PAGES else ALONE[options.only](scale)]
    print(_heading(time.monotonic() - began))
    print(figures.table(measured))
    figures.write(measured, options.output)
    print(f"\nwritten to {options.output}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="What it costs: one table, and a JSON file of the same rows."
    )
    parser.add_argument("--quick", action="store_true", help="about 20 seconds and rougher, instead of some minutes")
    parser.add_argument("--only", choices=sorted([*ALONE, PAGES]), help="one section by itself")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"), help="the JSON file; %(default)s unless set")
    return parser.parse_args()


def _sections(scale: Scale) -> Iterator[Section]:
    with folder() as place, database_server(place) as (server, postgres):
        _say("disk")
        yield Section("The disk", [Row("8 kB brought safely to disk: what a commit costs at least", fdatasync_us(place), "us")])
        with Floor(server, postgres, place, max(scale.messages)) as floor:
            floor.warm_up()
            for number in range(1, scale.rounds + 1):
                _say(f"messages over HTTP and their baselines, round {number} of {scale.rounds}")
                floor.round(scale.messages)
            floor.check()
            yield from accepting.sections(floor.results, scale)
            _say("stages")
            costs = stages.measured(floor.raw_dsn, scale.repetitions, floor.home)
            yield from stages.sections(costs, accepting.hub_us(floor.results, scale), accepting.echo_us(floor.results))
            _say("delivery")
            yield delivering.section(floor.raw_dsn)
        for name, section in ALONE.items():
            _say(name)
            yield section(scale)
        _say("partners")
        with database(server) as dsn:
            yield partners.section(dsn, scale.beats)
        _say("pages")
        with database(server) as dsn:
            yield portal.section(dsn, place, scale.trades, scale.pages)
        _say("start-up")
        yield starting.section(place, scale.starts)


def _pages(scale: Scale) -> Section:
    with folder() as place, database_server(place) as (server, _), database(server) as dsn:
        return portal.section(dsn, place, scale.trades, scale.pages)


def _heading(seconds: float) -> str:
    frequency = psutil.virtual_memory().total / 2**30
    machine = f"{psutil.cpu_count()} cores of {_processor()}, {frequency:.0f} GiB, {platform.system()} {platform.release()}"
    return (
        f"\nMeasured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC in {seconds:.0f} s on {machine}, Python {platform.python_version()}.\n"
        "Hub, PostgreSQL (fsync on) and load generator share these cores. Ratios travel, absolute values are this machine's.\n"
    )


def _processor() -> str:
    said = Path("/proc/cpuinfo")
    lines = said.read_text().splitlines() if said.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor() or "unknown kind")


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
