"""tradeflow bench: what it costs on this machine."""

import subprocess
import sys

import click

from tradeflow.bundle import bundle_root
from tradeflow.cli import EXIT_FAILED


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExamples\n  tradeflow bench --quick\n  tradeflow bench --output build/bench.json",
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(options: tuple[str, ...]) -> None:
    """Measure and print one table of ratios; writes build/bench.json. The benchmarks are part of a checkout, not of the wheel."""
    root = bundle_root()
    if not (root / "tests" / "bench").is_dir():
        raise click.UsageError("the benchmarks come with the source: run this in a clone of the repository")
    sys.exit(EXIT_FAILED if subprocess.call([sys.executable, "-m", "tests.bench", *options], cwd=root) else 0)
