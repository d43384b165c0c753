"""Interchanges by their control references: those that came, and the deliveries that partners acknowledge by ours."""

from tradeflow.store.migrations.scripts import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """A row for each reference that a partner used up; messages and documents found by what an acknowledgement names them by."""
    run(__file__)
