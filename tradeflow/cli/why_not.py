"""tradeflow why-not: what stands in the way of a message, and who has to send what first."""

from typing import Any

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
@click.option("--role", default="", help="One of your roles; without it, every role that may send the message is answered for.")
@URL
@KEY
def command(trade_id: str, message: str, role: str, url: str, key: str) -> None:
    """Why MESSAGE is not taken in TRADE_ID now, and what would unlock it."""
    found = fetch(url, key, f"/v1/trades/{trade_id}/why-not/{message}" + (f"?role={role}" if role else ""))
    if found["may_not"]:
        click.echo(f"not from you: {found['may_not']}")
    others = [one for one in found["roles"] if one["role"] != found["role"]]
    for answer in (found, *(one for one in others if one.get("blocked_by") != "participants")):
        _tell(message, answer)
    if nobody := [one["role"] for one in others if one.get("blocked_by") == "participants"]:
        click.echo(f"nobody in this trade is {' or '.join(nobody)}, who may send it too")


def _tell(message: str, found: dict[str, Any]) -> None:
    """The answer of one role."""
    if found["taken"]:
        click.echo(f"{message} is taken now from {found['role']}")
        for condition in found.get("conditions", []):
            click.echo(f"  {'holds' if condition.get('holds') else 'must hold'}: {condition['text']}")
        return
    click.echo(f"{message} is not taken now from {found['role']} ({found['code']}): {found['because']}")
    for number, step in enumerate(found.get("unlock", []), 1):
        who = " or ".join(step["by"]) + (f" ({', '.join(step['parties'])})" if step.get("parties") else "")
        click.echo(f"  {number}. {step.get('message') or step.get('event')} by {who}: {step['region']} {step['from']} -> {step['to']}")
    if not found.get("unlock") and found.get("region"):
        click.echo("  nothing that may still happen in this trade leads there")
