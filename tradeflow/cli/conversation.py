"""tradeflow conversation: what is said in this trade, and is it read?"""

import click

from tradeflow.cli._trades import KEY, URL, connected
from tradeflow.cli.trade import printed


@click.command(
    epilog="""\b
Examples
  tradeflow conversation GLL-2025-0117 --key "$KEY"            what is said, the last first; what is new to this key is marked
  tradeflow conversation GLL-2025-0117 --read --key "$KEY"     the same, and all of it counts as read from now on
"""
)
@click.argument("trade_id")
@click.option("--read", "as_read", is_flag=True, help="All of it counts as read by this key from now on.")
@click.option("--json", "as_json", is_flag=True, help="The whole answer of the API.")
@URL
@KEY
def command(trade_id: str, as_read: bool, as_json: bool, url: str, key: str) -> None:
    """What is said about the documents of TRADE_ID that this key sees, with what it has not read yet."""
    with connected(url, key) as hub:
        found = hub.get(f"/v1/trades/{trade_id}/conversation")
        if as_read and found["last"]:
            hub.post(f"/v1/trades/{trade_id}/conversation/read", {"last": found["last"]})
    if as_json:
        printed(found)
        return
    for one in found["items"]:
        click.echo(f"{'new ' if one['new'] else '    '}{one['made_at']} {one['name'] or one['party_id']} on {one['type']} {one['number']}")
        click.echo("\n".join(f"        {line}" for line in one["text"].splitlines()))
    click.echo(f"{found['unread']} of {len(found['items'])} new" if found["items"] else "nobody has said anything yet")
