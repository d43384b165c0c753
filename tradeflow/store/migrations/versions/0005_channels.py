"""Channels: how deliveries leave the hub, each try of it, and the secrets that it takes."""

from tradeflow.store.migrations.scripts import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables of channels, and say of every attempt through which channel it went."""
    run(__file__)
