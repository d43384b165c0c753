"""Asking a running hub about a trade: what the verbs that look at trades share."""

import asyncio
import sys
from typing import Any

import click

from tradeflow.cli import EXIT_REFUSED
from tradeflow.cli._problems import show_problem
from tradeflow.scenario.client import HubClient, Reply

URL = click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
KEY = click.option("--key", required=True, envvar="TRADEFLOW_KEY", help="The API key of a party of the trade, or the operator's.")


async def _get(url: str, key: str, path: str, **query: str | int) -> Reply:
    async with HubClient(url, key) as client:
        return await client.get(path, **query)


def fetch(url: str, key: str, path: str, **query: str | int) -> dict[str, Any]:
    """What the hub answers at this address; a refusal is shown and ends the program."""
    reply = asyncio.run(_get(url, key, path, **query))
    if not reply.ok:
        show_problem(reply.body)
        sys.exit(EXIT_REFUSED)
    return reply.body
