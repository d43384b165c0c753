"""Organisations' own identity providers (OpenID Connect), and sign-ins by them that were used up."""

from tradeflow.store.migrations.scripts import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Two tables that no party's connection reads."""
    run(__file__)
