"""tradeflow clock: read and set the clock of a sandbox hub."""

import asyncio
import sys

import click

from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import show_problem
from tradeflow.scenario.client import HubClient, Reply


async def _clock(url: str, key: str, change: dict[str, str]) -> Reply:
    async with HubClient(url, key) as client:
        return await client.put("/v1/sandbox/clock", change) if change else await client.get("/v1/sandbox/clock")


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
    reply = asyncio.run(_clock(url, key, {k: v for k, v in (("now", now), ("advance", advance)) if v}))
    if not reply.ok:
        show_problem(reply.body)
        sys.exit(EXIT_REFUSED)
    click.echo(reply.body["now"])
