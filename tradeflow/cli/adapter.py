"""tradeflow adapter: does an adapter keep what every adapter has to keep?"""

import sys

import click

from tradeflow.cli import EXIT_FAILED
from tradeflow.codec.business import contract, page
from tradeflow.codec.business.manifest import adapters


@click.command(
    epilog="""\b
Examples
  tradeflow adapter                        the business adapters there are
  tradeflow adapter customs_hk             check its tables and play its fixtures
  tradeflow adapter customs_hk --write     and write its fixtures and its page anew: read the difference
"""
)
@click.argument("names", nargs=-1)
@click.option("--write", is_flag=True, help="Put down what comes out where fixtures/ has something else, or nothing.")
def command(names: tuple[str, ...], write: bool) -> None:
    """Check the tables of the business adapters NAMES and play their fixtures; without NAMES list them."""
    if not names:
        for one in adapters().values():
            click.echo(f"{one.id:<18} {one.summary}")
        return
    failed = False
    for name in names:
        if (adapter := adapters().get(name)) is None:
            raise click.UsageError(f"there is no adapter {name}; there are {', '.join(adapters())}")
        if write:
            page.write(adapter)
        defects = [str(defect) for defect in contract.check(adapter)]
        proof = contract.Proof(adapter, write) if not defects else None
        defects += proof.faults() if proof else []
        for defect in defects:
            click.echo(defect)
        counts = ", ".join(f"{len(proof.cases(way))} {way}" for way in contract.WAYS) if proof else "fixtures not played"
        click.echo(f"{name}: {len(defects)} defects ({counts})")
        failed = failed or bool(defects)
    if failed:
        sys.exit(EXIT_FAILED)
