"""tradeflow trade: look at trades on a hub."""

import click
import msgspec

from tradeflow.cli._problems import may_be_sent
from tradeflow.cli._trades import KEY, URL, fetch


@click.group()
def command() -> None:
    """Look at trades: `tradeflow trade list`, `tradeflow trade show GLL-2025-0117`."""


@command.command("list")
@URL
@KEY
def list_(url: str, key: str) -> None:
    """The trades this key may see, newest first."""
    for trade in fetch(url, key, "/v1/trades")["items"]:
        click.echo(f"{trade['trade_id']}  version {trade['version']}  {trade['updated_at']}")


@command.command(epilog="\b\nExample\n  tradeflow trade show GLL-2025-0117 --key $KEY")
@click.argument("trade_id")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@URL
@KEY
def show(trade_id: str, as_json: bool, url: str, key: str) -> None:
    """States, documents, running clocks and what may happen next in TRADE_ID."""
    trade = fetch(url, key, f"/v1/trades/{trade_id}")
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
