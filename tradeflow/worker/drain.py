"""Hand deliveries over until none is due."""

import logging
from collections.abc import Sequence

from tradeflow import fault
from tradeflow.errors import Unavailable
from tradeflow.ports import Claim
from tradeflow.store.claims import Claims

BATCH = 100
RETRY_SECONDS = (1, 5, 30, 120, 600)  # the last step repeats
_log = logging.getLogger(__name__)


class Drain:
    """Claims batches and hands them over. Any number may run at the same time."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    async def run(self, buckets: Sequence[int] | None = None) -> int:
        """Until nothing is due in these buckets (None = all). Returns how many deliveries were handed over."""
        total = 0
        while claims := await self._claims.claim(BATCH, buckets):
            total += await self._batch(claims)
        return total

    async def _batch(self, claims: list[Claim]) -> int:
        """All in one commit; if one of them cannot be handed over, each on its own, so that it harms only itself."""
        fault.point("after_send")
        try:
            return await self._claims.hand_over(claims)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the cause is one of them, which one shows when each goes alone
            _log.warning("batch of %d deliveries failed: %s", len(claims), error)
        return sum([await self._single(claim) for claim in claims])

    async def _single(self, claim: Claim) -> int:
        try:
            return await self._claims.hand_over([claim])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - said to sender and receiver, tried again, at last quarantined
            wait = RETRY_SECONDS[min(claim.attempt, len(RETRY_SECONDS)) - 1]
            await self._claims.failed(claim, f"{type(error).__name__}: {error}", wait)
            return 0
