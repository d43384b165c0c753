"""tradeflow lodge: send one document to a hub and read its answer."""

import sys
from pathlib import Path

import click

from tradeflow.app.convert import content_type_of
from tradeflow.cli import EXIT_OK, EXIT_REFUSED
from tradeflow.cli._bulk import lodge
from tradeflow.cli._trades import connected


@click.command(
    epilog="""\b
Examples
  tradeflow lodge invoice.json --key "$KEY"
  tradeflow lodge invoice.xlsx --key "$KEY"
  tradeflow lodge --bulk orders.csv --report findings.csv
  cat order.xml | tradeflow lodge - --url http://hub.example:8080 --key "$KEY"

Exits 0 if the hub accepted the document, 3 if it refused it; the findings say why.
"""
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
@click.option("--bulk", is_flag=True, help="FILE holds many documents (Excel, CSV, EDIFACT): each is lodged by itself.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="With --bulk: put the table with its findings here.")
@click.option("--key", required=True, envvar="TRADEFLOW_KEY", help="The API key of the party that lodges.")
def command(file: Path, bulk: bool, report: Path | None, url: str, key: str) -> None:
    """Lodge FILE (JSON, XML, Excel, CSV, EDIFACT, ...; - for standard input). Prints the receipt, or every finding."""
    if str(file) != "-" and not file.is_file():
        raise click.UsageError(f"{file}: no such file")
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if bulk:
        with connected(url, key) as hub:
            sys.exit(EXIT_OK if lodge(hub, file.name, body, content_type_of(file.name, body), report) else EXIT_REFUSED)
    with connected(url, key) as hub:
        answer = hub.lodge(body, content_type_of(file.name, body))
    receipt = answer.receipt
    click.echo(f"accepted: {receipt.type} {receipt.message_id} in trade {receipt.trade_id}, version {receipt.version}")
    click.echo(f"sha256 {receipt.sha256}")
    for moved in answer.response.moved:
        click.echo(f"  {moved.region}: {moved.source} -> {moved.target}")
    for finding in answer.findings:
        click.echo(f"  {finding.severity} {finding.rule} {finding.pointer}: {finding.message}")
