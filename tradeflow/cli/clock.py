"""tradeflow clock: read and set the clock of a sandbox hub."""

import click

from tradeflow.cli._trades import connected
from tradeflow.client.answers import Clock
from tradeflow.client.calls import send


@click.command(
    epilog="""\b
Examples
  tradeflow clock --key "$(cat operator.key)"
  tradeflow clock --set 2025-03-10T08:00:00+08:00 --key "$(cat operator.key)"
  tradeflow clock --advance P5D --key "$(cat operator.key)"      five days on: see which deadlines fire
"""
)
@click.option("--set", "now", help="The new time, RFC 3339 with offset.")
@click.option("--advance", help="How far to move on, as an ISO 8601 duration (P5D, PT12H).")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
@click.option("--key", required=True, envvar="TRADEFLOW_OPERATOR_KEY", help="The operator's key.")
def command(now: str | None, advance: str | None, url: str, key: str) -> None:
    """Show or set the clock of a sandbox hub. A production hub refuses."""
    if now and advance:
        raise click.UsageError("--set and --advance exclude each other")
    change = {k: v for k, v in (("now", now), ("advance", advance)) if v}
    with connected(url, key) as hub:
        clock = hub.send(send("PUT", "/v1/sandbox/clock", Clock, change, again=False)) if change else hub.clock()
    click.echo(clock.now.isoformat().replace("+00:00", "Z"))
