"""A party that leaves a trade, and what could not reach it before."""

from tradeflow.store.migrations.scripts import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Why a delivery is in quarantine and who decides; an end for one that nobody gets; the one function that takes a participant out."""
    run(__file__)
