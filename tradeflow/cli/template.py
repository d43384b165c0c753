"""tradeflow template: a message as a workbook or CSV file to fill in."""

from pathlib import Path

import click

from tradeflow.codec import formats
from tradeflow.errors import Problem
from tradeflow.model.catalogue import catalogue


@click.command(
    epilog="""\b
Examples
  tradeflow template commercial_invoice                       writes commercial_invoice.xlsx
  tradeflow template packing_list --format csv -o goods.csv
"""
)
@click.argument("type_", metavar="TYPE")
@click.option("--format", "form", default="excel", show_default=True, help="excel or csv.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Where it goes; TYPE.xlsx or TYPE.csv if absent.")
def command(type_: str, form: str, output: Path | None) -> None:
    """Write the template of message TYPE: its columns, the codes to choose from, an example, and notes."""
    if type_ not in catalogue().ids():
        raise Problem("UNKNOWN_MESSAGE", f"there is no message type {type_}; tradeflow serve shows all under /docs/messages", 404)
    body = formats.template(catalogue().message(type_), form)
    target = output or Path(f"{type_}{formats.kinds()[form].suffixes[0]}")
    target.write_bytes(body)
    click.echo(f"{target}: fill in rows below the example, then tradeflow lodge {target}")
