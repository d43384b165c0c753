"""tradeflow trade: look at trades on a hub."""

import asyncio
import sys
from typing import Any

import click
import msgspec

from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import may_be_sent, show_problem
from tradeflow.scenario.client import HubClient, Reply

_URL = click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
_KEY = click.option("--key", required=True, envvar="TRADEFLOW_KEY", help="The API key of a party of the trade, or the operator's.")


async def _get(url: str, key: str, path: str) -> Reply:
    async with HubClient(url, key) as client:
        return await client.get(path)


def _fetch(url: str, key: str, path: str) -> dict[str, Any]:
    reply = asyncio.run(_get(url, key, path))
    if not reply.ok:
        show_problem(reply.body)
        sys.exit(EXIT_REFUSED)
    return reply.body


@click.group()
def command() -> None:
    """Look at trades: `tradeflow trade list`, `tradeflow trade show GLL-2025-0117`."""


@command.command("list")
@_URL
@_KEY
def list_(url: str, key: str) -> None:
    """The trades this key may see, newest first."""
    for trade in _fetch(url, key, "/v1/trades")["items"]:
        click.echo(f"{trade['trade_id']}  version {trade['version']}  {trade['updated_at']}")


@command.command(epilog="\b\nExample\n  tradeflow trade show GLL-2025-0117 --key $KEY")
@click.argument("trade_id")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@_URL
@_KEY
def show(trade_id: str, as_json: bool, url: str, key: str) -> None:
    """States, documents, running clocks and what may happen next in TRADE_ID."""
    trade = _fetch(url, key, f"/v1/trades/{trade_id}")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(trade), indent=2).decode())
        return
    click.echo(f"{trade['trade_id']}  version {trade['version']}")
    click.echo("\nStates")
    for name, region in trade["regions"].items():
        if not region["started"]:
            continue
        click.echo(f"  {name:<34} {region['state']:<22} {region['meaning']}")
    click.echo("\nDocuments")
    for document in trade["documents"]:
        click.echo(f"  {document['type']:<34} {document['number']:<22} version {document['version']}, by {document['role']}")
    if trade["timers"]:
        click.echo("\nClocks")
        for timer in trade["timers"]:
            click.echo(f"  {timer['due_at']}  {timer['region']}: {timer['why']}")
    click.echo("\nNext")
    for allowed in filter(may_be_sent, trade["allowed"]):
        needs = [guard["text"] for guard in allowed.get("guards", []) if guard.get("holds") is None]
        click.echo(f"  {allowed['message']} by {', '.join(allowed['by'])}" + (f", if {'; '.join(needs)}" if needs else ""))
