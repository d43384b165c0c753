"""The connector that sends nothing."""

from collections import deque

from tradeflow.ports import ChannelSettings, Outgoing, Sent

KEPT_MAX = 1_000


class Null:
    """Takes every delivery and keeps the last thousand, newest last; nothing leaves the process and nothing fails."""

    def __init__(self, given: ChannelSettings) -> None:
        self.kept: deque[Outgoing] = deque(maxlen=KEPT_MAX)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Keep it instead of sending it."""
        self.kept.append(outgoing)
        return Sent("kept in memory")

    async def close(self) -> None:
        """Nothing is open."""
