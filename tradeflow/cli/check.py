"""tradeflow check: every defect of the content, with file and line."""

import sys
import time

import click

from tradeflow.app.content import check_content
from tradeflow.cli import EXIT_FAILED
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.simulate import table


@click.command(
    epilog="""\b
Examples
  tradeflow check                                       the content that comes with tradeflow
  tradeflow check --snippets                            and let every rule prove itself on its snippets
  TRADEFLOW_CONTENT_ROOTS='["./ours"]' tradeflow check  and a folder of your own
"""
)
@click.option("--snippets", is_flag=True, help="Play the passing and failing snippet of every rule, too; takes some seconds.")
def command(snippets: bool) -> None:
    """Compile documents/, workflows/ and all further content roots; print every defect as file:line: what."""
    started = time.monotonic()
    report = check_content(snippets=snippets)
    report.defects.extend(table.check(machine(), catalogue()) if not report.defects else [])
    for defect in report.defects:
        click.echo(str(defect))
    counts = f"{report.messages} messages, {report.rules} rules, {report.transitions} transitions"
    click.echo(f"{counts}: {len(report.defects)} defects ({time.monotonic() - started:.1f} s)")
    if report.defects:
        sys.exit(EXIT_FAILED)
