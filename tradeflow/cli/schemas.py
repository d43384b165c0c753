"""tradeflow schemas: write the published schemas and process diagrams again."""

import click

from tradeflow.bundle import bundle_root
from tradeflow.codec.publish import publish
from tradeflow.machine.diagram import write_readmes
from tradeflow.machine.index import write_index
from tradeflow.machine.load import machine
from tradeflow.machine.sight_table import write_sight_table
from tradeflow.model.catalogue import catalogue


@click.command(epilog="\b\nExample\n  tradeflow schemas && git diff --stat schemas workflows")
def command() -> None:
    """Generate schemas/ (XSD, JSON Schema, code lists), the README of every process, who sees what, and the index of messages."""
    publish(bundle_root() / "schemas")
    write_readmes(bundle_root() / "workflows")
    write_sight_table(bundle_root() / "workflows", catalogue())
    write_index(bundle_root() / "documents", machine(), catalogue())
    click.echo(f"written: {bundle_root() / 'schemas'}, {bundle_root() / 'workflows'}/*/README.md")
