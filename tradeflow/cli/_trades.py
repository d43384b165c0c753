"""Asking a running hub about a trade: what the verbs that look at trades share."""

from typing import Any

import click

from tradeflow.client import Client, Retries

URL = click.option("--url", default="http://127.0.0.1:8080", show_default=True, envvar="TRADEFLOW_URL", help="The hub.")
KEY = click.option("--key", required=True, envvar="TRADEFLOW_KEY", help="The API key of a party of the trade, or the operator's.")
SOON = Retries(total_seconds=3)  # somebody sits in front of the terminal


def connected(url: str, key: str) -> Client:
    """A client for one command. What the hub refuses ends the program, with its findings shown: see `main`."""
    return Client(url, key, retries=SOON)


def fetch(url: str, key: str, path: str, **query: str | int) -> dict[str, Any]:
    """What the hub answers at this address."""
    with connected(url, key) as hub:
        return hub.get(path, **query)
