"""When a call is made again, and after how long."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Retries(Struct, frozen=True):
    """A ladder: doubling from `first_seconds` to at most `longest_seconds`, with a quarter of jitter, until `total_seconds` are over.

    A `Retry-After` of the hub counts instead of the step of the ladder where it is longer.
    """

    first_seconds: float = 0.2
    longest_seconds: float = 30.0
    total_seconds: float = 120.0

    def wait_seconds(self, attempt: int, waited_seconds: float, retry_after_seconds: float = 0.0) -> float | None:
        """How long to wait before the attempt after this one (they count from 1); None if it is time to give up."""
        step = min(self.longest_seconds, self.first_seconds * 2 ** min(attempt - 1, 30))
        wait = max(retry_after_seconds, step * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load, keeps no secret
        return wait if waited_seconds + wait <= self.total_seconds else None


NEVER = Retries(total_seconds=0.0)


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """What `Retry-After` asks for, in seconds or as a date; 0 where it says nothing readable."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
