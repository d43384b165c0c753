"""tradeflow key: make an API key for a party, and the party if it is new."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from tradeflow.app.access import SCOPES
from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import show_problem
from tradeflow.scenario.client import HubClient, Reply


async def _key(url: str, operator_key: str, party: str, company: str | None, country: str, asked: dict[str, Any]) -> Reply:
    async with HubClient(url, operator_key) as operator:
        if company:
            made = await operator.post("/v1/parties", {"party_id": party, "name": company, "country": country})
            if not made.ok:
                return made
        return await operator.post(f"/v1/parties/{party}/keys", asked)


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
    asked: dict[str, Any] = {"name": name, **({"roles": roles} if roles else {}), **({"scopes": scopes} if scopes else {})}
    if days:
        asked["expires_at"] = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    reply = asyncio.run(_key(url, operator_key, party, company, country, asked))
    if not reply.ok:
        show_problem(reply.body)
        sys.exit(EXIT_REFUSED)
    click.echo(reply.body["key"])
