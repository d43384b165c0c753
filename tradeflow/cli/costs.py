"""tradeflow costs: what does this shipment cost?"""

import click

from tradeflow.cli._trades import KEY, URL, fetch
from tradeflow.cli.trade import printed


@click.command(
    epilog="""\b
Example
  tradeflow costs GLL-2025-0117 --key "$KEY"
"""
)
@click.argument("trade_id")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@URL
@KEY
def command(trade_id: str, as_json: bool, url: str, key: str) -> None:
    """What TRADE_ID costs by now: every sum with the document it stands in, containers day by day, and a total by currency."""
    found = fetch(url, key, f"/v1/trades/{trade_id}/costs")
    if as_json:
        printed(found)
        return
    for one in found["stated"]:
        owes = f", owed by {one['debtor']}" if one["others"] and one["debtor"] else ""
        state = f", {one['state'].replace('_', ' ')}" if one["state"] else ""
        click.echo(f"{one['currency']} {one['value']:>14} {one['is']:<9} {one['type']} {one['number']} {one['name']}{state}{owes}".rstrip())
    for one in found["stays"]:
        cost = f"{one['currency']} {one['cost']}" if one["cost"] is not None else "no tariff known"
        days = f"{one['days_charged']} days charged: {cost}" if one["days_charged"] else f"free until {one['free_until']}"
        click.echo(f"{one['kind']} {one['container']} since {one['since']}, {days} ({one['type']} {one['number']})")
    for one in found["totals"]:
        click.echo(f"in all {one['currency']} {one['value']}")
    if not found["stated"] and not found["stays"]:
        click.echo("nothing is billed or charged yet")
