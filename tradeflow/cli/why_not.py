"""tradeflow why-not: what stands in the way of a message, and who has to send what first."""

import click

from tradeflow.cli._trades import KEY, URL, fetch


@click.command(
    epilog="""\b
Example
  tradeflow why-not GLL-2025-0117 bill_of_lading --key "$KEY"
"""
)
@click.argument("trade_id")
@click.argument("message")
@click.option("--role", default="", help="The role to act in, if you play several.")
@URL
@KEY
def command(trade_id: str, message: str, role: str, url: str, key: str) -> None:
    """Why MESSAGE is not taken in TRADE_ID now, and what would unlock it."""
    found = fetch(url, key, f"/v1/trades/{trade_id}/why-not/{message}" + (f"?role={role}" if role else ""))
    if found["taken"]:
        click.echo(f"{message} is taken now from {found['role']}")
        for condition in found.get("conditions", []):
            click.echo(f"  {'holds' if condition.get('holds') else 'must hold'}: {condition['text']}")
        return
    click.echo(f"{message} is not taken now from {found['role']} ({found['code']}): {found['because']}")
    for number, step in enumerate(found.get("unlock", []), 1):
        who = " or ".join(step["by"]) + (f" ({', '.join(step['parties'])})" if step.get("parties") else "")
        click.echo(f"  {number}. {step.get('message') or step.get('event')} by {who}: {step['region']} {step['from']} -> {step['to']}")
    if not found.get("unlock"):
        click.echo("  nothing that may still happen in this trade leads there")
