"""tradeflow adapter: does an adapter keep what every adapter has to keep?"""

import sys
from pathlib import Path

import click
import msgspec

from tradeflow.cli import EXIT_FAILED
from tradeflow.codec import canonical, intake
from tradeflow.codec.business import contract, page
from tradeflow.codec.business.manifest import Adapter, adapters
from tradeflow.codec.business.translate import incoming, outgoing
from tradeflow.errors import BadInput

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples
  tradeflow adapter                        the business adapters there are
  tradeflow adapter customs_hk             check its tables and play its fixtures
  tradeflow adapter customs_hk --say declaration.json    what a document of ours becomes
  tradeflow adapter customs_hk --hear response.edi       and a file of theirs
  tradeflow adapter customs_hk --write     and write its fixtures and its page anew: read the difference
"""
)
@click.argument("names", nargs=-1)
@click.option("--say", type=FILE, help="Print what the document of ours in this file becomes.")
@click.option("--hear", type=FILE, help="Print the document that this file of theirs becomes.")
@click.option("--write", is_flag=True, help="Put down what comes out where fixtures/ has something else, or nothing.")
def command(names: tuple[str, ...], write: bool, say: Path | None, hear: Path | None) -> None:
    """Check the tables of the business adapters NAMES and play their fixtures; without NAMES list them."""
    if not names:
        for one in adapters().values():
            click.echo(f"{one.id:<18} {one.summary}")
        return
    if say or hear:
        _translate(_known(names[0]), say, hear)
        return
    failed = False
    for name in names:
        adapter = _known(name)
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


def _known(name: str) -> Adapter:
    if name not in adapters():
        raise click.UsageError(f"there is no adapter {name}; there are {', '.join(adapters())}")
    return adapters()[name]


def _translate(adapter: Adapter, say: Path | None, hear: Path | None) -> None:
    """One file each way, with the settings of the fixtures; what is wrong with it as findings."""
    settings = contract.Proof(adapter).settings
    try:
        if say:
            made = outgoing(adapter, intake.read(say.read_bytes(), "application/json"), settings)
            click.echo(made.body.decode(errors="replace"))
            click.echo(f"{len(made.losses)} fields are not in it as they were, or aside", err=True)
        heard = incoming(adapter, hear.read_bytes(), settings) if hear else None
    except BadInput as refusal:
        for finding in refusal.findings:
            click.echo(f"{finding.pointer or '-'} {finding.message} {finding.hint}".strip())
        sys.exit(EXIT_FAILED)
    if hear:
        if heard is None:
            raise click.UsageError(f"{hear} is in no form that {adapter.name} has")
        click.echo(msgspec.json.format(canonical.encode(heard.tree), indent=2))
