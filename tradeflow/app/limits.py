"""How much one party may ask for, and what happens after guesses at keys and passwords. Counted in this process.

Several processes count each for themselves: a party that spreads its calls over n of them gets n times the rate.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from tradeflow.errors import Problem

KEPT_MAX = 10_000  # parties or guessers remembered; beyond that the oldest are forgotten
FORGET_SECONDS = 900.0  # a guesser starts anew after this long without a failure
LOCK_SECONDS = (30.0, 60.0, 300.0, 900.0)  # the last step repeats


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a party has left: `remaining` requests now, and the seconds until it has its whole burst again."""

    burst: int
    window: int
    remaining: int
    reset: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """As draft-ietf-httpapi-ratelimit-headers has them: what the policy is, and where the caller stands."""
        return [
            (b"ratelimit-policy", f'"party";q={self.burst};w={self.window}'.encode()),
            (b"ratelimit", f'"party";r={self.remaining};t={self.reset}'.encode()),
        ]


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """A token bucket for each party: `burst` requests at once, refilled at `per_second`. 0 a second limits nothing."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, party: str) -> Allowance | None:
        """One request of a party. Raises Problem TOO_MANY_REQUESTS with how long to wait; None where nothing is limited."""
        if self._rate <= 0:
            return None
        now = self._clock()
        bucket = self._buckets.pop(party, None) or _Bucket(float(self._burst), now)
        bucket.tokens, bucket.at = min(float(self._burst), bucket.tokens + (now - bucket.at) * self._rate), now
        _bound(self._buckets)
        self._buckets[party] = bucket
        if bucket.tokens < 1:
            wait = max(1, math.ceil((1 - bucket.tokens) / self._rate))
            says = f"{party} may send {self._rate:g} requests a second, {self._burst} at once; wait {wait} s"
            raise Problem("TOO_MANY_REQUESTS", says, 429, retry=True, wait_seconds=wait, headers=self._allowance(bucket).headers)
        bucket.tokens -= 1
        return self._allowance(bucket)

    def _allowance(self, bucket: _Bucket) -> Allowance:
        reset = math.ceil((self._burst - bucket.tokens) / self._rate)
        return Allowance(self._burst, math.ceil(self._burst / self._rate), int(bucket.tokens), reset)


@dataclass(slots=True)
class _Guesser:
    failures: int = 0
    last: float = 0.0
    locks: int = 0
    until: float = 0.0


class Lockout:
    """After `tries` failures in a row whoever fails is not looked at for a while, longer each time."""

    def __init__(self, tries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries, self._clock = tries, clock
        self._guessers: dict[str, _Guesser] = {}

    def check(self, who: str) -> None:
        """Raises Problem TOO_MANY_REQUESTS while `who` is locked out."""
        guesser = self._guessers.get(who)
        wait = guesser.until - self._clock() if guesser else 0
        if wait > 0:
            says = "too many failed attempts to sign in from here; wait as long as Retry-After says"
            raise Problem("TOO_MANY_REQUESTS", says, 429, retry=True, wait_seconds=max(1, math.ceil(wait)))

    def failed(self, who: str) -> None:
        """One more failure."""
        now = self._clock()
        guesser = self._guessers.pop(who, None)
        if guesser is None or now - guesser.last > FORGET_SECONDS + LOCK_SECONDS[-1]:
            guesser = _Guesser()
        guesser.failures, guesser.last = guesser.failures + 1, now
        if guesser.failures >= self._tries:
            guesser.until = now + LOCK_SECONDS[min(guesser.locks, len(LOCK_SECONDS) - 1)]
            guesser.locks, guesser.failures = guesser.locks + 1, 0
        _bound(self._guessers)
        self._guessers[who] = guesser

    def succeeded(self, who: str) -> None:
        """A success ends the count."""
        self._guessers.pop(who, None)


def _bound(kept: "dict[str, _Bucket] | dict[str, _Guesser]") -> None:
    """Room for one more: the one that was used longest ago goes first."""
    while len(kept) >= KEPT_MAX:
        del kept[next(iter(kept))]
