"""Hand deliveries over until none is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from tradeflow.errors import Unavailable
from tradeflow.ports import Claim
from tradeflow.store.claims import Claims

BATCH = 100
RETRY_SECONDS = (1, 5, 30, 120, 600)  # the last step repeats
AWAY_SECONDS = (0.1, 0.3, 1, 3)  # waits for a database that is away before the lease is left to run out
_log = logging.getLogger(__name__)


class Drain:
    """Claims batches and hands them over. Any number may run at the same time."""

    def __init__(self, claims: Claims, handed: Callable[[Collection[str]], None] = lambda parties: None) -> None:
        self._claims, self._handed = claims, handed  # told to whose inboxes something has just come

    async def run(self, buckets: Sequence[int] | None = None) -> int:
        """Until nothing is due in these buckets (None = all). Returns how many deliveries were handed over."""
        total = 0
        while claims := await self._claims.claim(BATCH, buckets):
            try:
                total += await self._batch(claims)
                self._handed({claim.party_id for claim in claims})
            except asyncio.CancelledError:
                await self._give_back(claims)
                raise
        return total

    async def _batch(self, claims: list[Claim]) -> int:
        """All in one commit; if one of them cannot be handed over, each on its own, so that it harms only itself."""
        try:
            return await _patiently(lambda: self._claims.hand_over(claims))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the cause is one of them, which one shows when each goes alone
            _log.warning("batch of %d deliveries failed: %s", len(claims), error)
        return sum([await self._single(claim) for claim in claims])

    async def _single(self, claim: Claim) -> int:
        try:
            return await _patiently(lambda: self._claims.hand_over([claim]))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - said to sender and receiver, tried again, at last quarantined
            wait = RETRY_SECONDS[min(claim.attempt, len(RETRY_SECONDS)) - 1]
            text = f"{type(error).__name__}: {error}"
            await _patiently(lambda: self._claims.failed(claim, text, wait))
            return 0

    async def _give_back(self, claims: list[Claim]) -> None:
        """So that a worker that stops in good order does not count as one that died."""
        with suppress(Unavailable):
            await asyncio.shield(self._claims.release(claims))


async def _patiently(write: Callable[[], Awaitable[int]]) -> int:
    """A write that the lease makes safe to repeat: whether the first one was stored or not, it has one effect."""
    for seconds in AWAY_SECONDS:
        try:
            return await write()
        except Unavailable as error:
            _log.warning("delivery waits: %s", error)
            await asyncio.sleep(seconds)
    return await write()
