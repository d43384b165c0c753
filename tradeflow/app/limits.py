"""How much one party may ask for, and what happens after guesses at keys. Counted in the database, by all processes of the hub together."""

import hashlib
import math
import time
from dataclasses import dataclass

from tradeflow.errors import Problem
from tradeflow.language.sentences import say
from tradeflow.store import accounts, counters
from tradeflow.store.uow import Store

KEPT_MAX = 10_000  # parties whose share this process remembers
SHARE_SECONDS = 1.0  # what a process took of a bucket in advance, and did not need, is lost after this time
SHARES, SHARE_OF_BURST = 10, 20  # a share is a tenth of a second's rate, and a twentieth of the burst at most


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
class _Share:
    """What this process may let through without asking again, and what the bucket held when it asked."""

    tokens: int = 0
    until: float = 0.0
    left: float = 0.0
    empty_until: float = 0.0


class Rates:
    """A token bucket for each party: `burst` requests at once, refilled at `per_second`. 0 a second limits nothing.

    A process takes several tokens at a time, so that the database is not asked for every request; one that is out of tokens asks no sooner
    than there is one.
    """

    def __init__(self, store: Store, per_second: float, burst: int, who: str = "party") -> None:
        self._store, self._rate, self._burst, self._who = store, per_second, burst, who
        self._share = max(1, min(int(per_second / SHARES), burst // SHARE_OF_BURST))
        self._shares: dict[str, _Share] = {}

    async def take(self, subject: str) -> Allowance | None:
        """One request of a party. Raises Problem TOO_MANY_REQUESTS with how long to wait; None where nothing is limited."""
        if self._rate <= 0:
            return None
        share = self._shares.setdefault(subject, _Share())
        now = time.monotonic()
        if share.until <= now:
            share.tokens = 0
        if not share.tokens and share.empty_until <= now:
            taken, share.left = await counters.take(self._store, f"{self._who} {subject}", self._burst, self._rate, self._share)
            share.tokens, share.until = share.tokens + taken, time.monotonic() + SHARE_SECONDS
            if not taken:
                share.empty_until = time.monotonic() + (1 - share.left) / self._rate
            self._bound()
        if not share.tokens:
            wait = max(1, math.ceil(share.empty_until - time.monotonic()))
            says = say(
                "%(subject)s may send %(rate)s requests a second, %(burst)s at once; wait %(wait)s s",
                subject=subject,
                rate=f"{self._rate:g}",
                burst=self._burst,
                wait=wait,
            )
            headers = self._allowance(share).headers
            raise Problem("TOO_MANY_REQUESTS", says, 429, retry=True, wait_seconds=wait, headers=headers)
        share.tokens -= 1
        return self._allowance(share)

    def _allowance(self, share: _Share) -> Allowance:
        left = share.tokens + max(0.0, share.left)
        reset = math.ceil((self._burst - left) / self._rate)
        return Allowance(self._burst, math.ceil(self._burst / self._rate), int(left), max(0, reset))

    def _bound(self) -> None:
        """Room for one more: the one that came first goes first; what it had taken is lost to it."""
        while len(self._shares) > KEPT_MAX:
            del self._shares[next(iter(self._shares))]


class Lockout:
    """After some failures in a row whoever fails is not looked at for a while, longer each time: 30 s at first, 15 minutes at last."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self, *whos: str) -> None:
        """Raises Problem TOO_MANY_REQUESTS while one of them is locked out."""
        if wait := await counters.locked(self._store, [_subject(who) for who in whos]):
            says = "too many failed attempts to sign in from here; wait as long as Retry-After says"
            raise Problem("TOO_MANY_REQUESTS", says, 429, retry=True, wait_seconds=wait)

    async def failed(self, who: str, tries: int) -> None:
        """One more failure."""
        await counters.failed(self._store, _subject(who), tries)

    async def succeeded(self, who: str) -> None:
        """A success ends the count."""
        await accounts.unguard(self._store, _subject(who))


def _subject(who: str) -> bytes:
    return hashlib.sha256(f"key {who}".encode("utf-8", "surrogatepass")).digest()
