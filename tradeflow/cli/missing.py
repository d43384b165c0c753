"""tradeflow missing: what is missing for this shipment?"""

import click

from tradeflow.cli._trades import KEY, URL, fetch


@click.command(
    epilog="""\b
Example
  tradeflow missing GLL-2025-0117 --key "$KEY"
"""
)
@click.argument("trade_id")
@URL
@KEY
def command(trade_id: str, url: str, key: str) -> None:
    """Every document that TRADE_ID still needs: by whom, until when, why, and what blocks it."""
    found = fetch(url, key, f"/v1/trades/{trade_id}/missing")
    if not found["items"]:
        click.echo("nothing is missing")
    for one in found["items"]:
        who = one["role"] + (f" ({', '.join(one['parties'])})" if one["parties"] else " (nobody plays this role yet)")
        until = f", until {one['due']} ({one['due_why']})" if one.get("due") else ""
        click.echo(f"{' or '.join(one['messages'])} by {who}{until}{' OVERDUE' if one.get('overdue') else ''}")
        click.echo(f"    {one['why']} [{one['source']}]")
        if one.get("possible_now"):
            click.echo("    may be sent now")
        elif one.get("unlock"):
            step = one["unlock"][0]
            click.echo(f"    waits for {step.get('message') or step.get('event')} by {' or '.join(step['by'])}")
        elif one.get("blocked_by"):
            click.echo(f"    {one['blocked_by']}")
    click.echo("\nMay be sent now")
    for role, messages in found["may_send"].items():
        click.echo(f"  {role}: {', '.join(messages)}")
