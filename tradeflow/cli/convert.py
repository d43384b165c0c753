"""tradeflow convert: a document in another format, and what is lost on the way."""

import sys
from pathlib import Path

import click

from tradeflow.app import convert
from tradeflow.cli import EXIT_REFUSED
from tradeflow.codec import formats
from tradeflow.errors import BadInput
from tradeflow.model.format import Loss


@click.command(
    epilog="""\b
Examples
  tradeflow convert order.json --to edifact                the interchange, and on stderr what it loses
  tradeflow convert order.edi --to json --out order.json   a partner's interchange as a document of ours
  tradeflow convert order.json --to edifact --report       the report alone
"""
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", required=True, metavar="FORMAT", help="json, xml or a format with a codec in adapters/.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the file here instead of to standard output.")
@click.option("--report", is_flag=True, help="Say what is lost, and write no file.")
def command(file: Path, to: str, out: Path | None, report: bool) -> None:
    """FILE in another format. Every field that the format does not hand over as it is is named."""
    body = file.read_bytes()
    content_type = convert.content_type_of(file.name, body)
    if not content_type:
        raise click.UsageError(f"{file} is neither JSON nor XML nor {', '.join(kind.name for kind in formats.kinds().values())}")
    try:
        made = convert.convert(body, content_type, to)
    except BadInput as refusal:
        click.echo(f"{refusal.code}: {refusal.detail}", err=True)
        for finding in refusal.findings:
            click.echo(f"  {finding.pointer or '-'}: {finding.message} {finding.hint}".rstrip(), err=True)
        sys.exit(EXIT_REFUSED)
    for loss in (*made.not_taken, *made.losses):
        click.echo(_line(loss), err=not report)
    for finding in made.findings:
        click.echo(f"  missing  {finding.pointer or '-'}: {finding.message}", err=not report)
    counts = {kind: sum(loss.kind == kind for loss in made.losses) for kind in ("dropped", "changed", "aside")}
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    whole = f", {len(made.findings)} findings before it can be lodged" if made.findings else ""
    said = f"{said}, {len(made.not_taken)} not taken{whole}"
    click.echo(f"{made.type} {made.number or '(no number)'} as {made.media_type}: {said}", err=not report)
    if out:
        out.write_bytes(made.body)
    elif not report:
        sys.stdout.buffer.write(made.body)


def _line(loss: Loss) -> str:
    return f"  {loss.kind:<8} {loss.pointer}: {loss.message}"
