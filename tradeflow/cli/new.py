"""tradeflow new: a beginning for content of one's own."""

from pathlib import Path

import click

from tradeflow.codec.business.template import MODEL, made
from tradeflow.settings import settings


@click.group(
    epilog="""\b
Examples
  tradeflow new adapter survey_house --root mine            like the adapter for inspection bodies
  tradeflow new adapter maasbank --like bank --root mine    like another one
"""
)
def command() -> None:
    """Write a beginning for content of one's own."""


@command.command()
@click.argument("name")
@click.option("--like", default=MODEL, show_default=True, help="The adapter to begin with; `tradeflow adapter` lists them.")
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), help="A folder of content; the first of TRADEFLOW_CONTENT_ROOTS.")
def adapter(name: str, like: str, root: Path | None) -> None:
    """Write a business adapter NAME that works: tables, fixtures and a page, to be changed into what its system speaks."""
    roots = settings().content_roots
    if root is None and not roots:
        raise click.UsageError("say where: --root, or TRADEFLOW_CONTENT_ROOTS")
    found = made(name, like, root or roots[0])
    for file in sorted(path for path in found.folder.rglob("*") if path.is_file()):
        click.echo(file)
    click.echo(f"next: tradeflow adapter {name}")
