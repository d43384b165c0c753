"""tradeflow schemas: write the published schemas and process diagrams again."""

import click

from tradeflow.bundle import bundle_root
from tradeflow.codec.publish import publish
from tradeflow.machine.diagram import write_readmes


@click.command(epilog="\b\nExample\n  tradeflow schemas && git diff --stat schemas workflows")
def command() -> None:
    """Generate schemas/ (XSD and JSON Schema of every message, code lists) and the README of every process from the content."""
    publish(bundle_root() / "schemas")
    write_readmes(bundle_root() / "workflows")
    click.echo(f"written: {bundle_root() / 'schemas'}, {bundle_root() / 'workflows'}/*/README.md")
