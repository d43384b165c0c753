"""The connector that sends nothing."""

from collections import deque

from tradeflow.ports import Claim

KEPT_MAX = 1_000


class Null:
    """Takes every delivery and keeps the last thousand, newest last; nothing leaves the process and nothing fails."""

    def __init__(self) -> None:
        self.kept: deque[Claim] = deque(maxlen=KEPT_MAX)

    async def send(self, claim: Claim) -> None:
        """Keep it instead of sending it."""
        self.kept.append(claim)
