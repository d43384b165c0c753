"""tradeflow key: make an API key for a party, and the party if it is new."""

from datetime import UTC, datetime, timedelta

import click

from tradeflow.app.access import SCOPES
from tradeflow.cli._trades import connected


@click.command(
    epilog="""\b
Examples
  export TRADEFLOW_KEY=$(tradeflow key golden-lantern)
  tradeflow key nine-dragons --company "Nine Dragons Components Ltd" --country HK
  tradeflow key golden-lantern --scope read --days 90 --name "reports"

Prints the key and nothing else; it is shown this once. Exits 3 if the hub refuses.
"""
)
@click.argument("party")
@click.option("--company", help="Register the party under this name first.")
@click.option("--country", default="", help="Its country, ISO 3166-1 alpha-2.")
@click.option("--name", default="made by tradeflow key", show_default=True, help="What the key is for.")
@click.option("--role", "roles", multiple=True, help="Limit it to this role; again for more.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), help="What it is for; again for more. All if absent.")
@click.option("--days", type=click.IntRange(1), help="It ends after so many days.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
@click.option("--operator-key", required=True, envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key of that hub.")
def command(
    party: str,
    company: str | None,
    country: str,
    name: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    days: int | None,
    url: str,
    operator_key: str,
) -> None:
    """Make an API key for PARTY. For the operator of a hub."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with connected(url, operator_key) as operator:
        if company:
            operator.add_party(party, company, country)
        click.echo(operator.add_key(party, name, roles, scopes, expires_at).key)
