"""The sweeper: finds due work that nobody announced. Alone, without any doorbell, it finishes everything."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tradeflow.errors import Problem, Unavailable
from tradeflow.store.claims import Claims
from tradeflow.store.counters import tidy
from tradeflow.store.due import DueTimer, claim_timers, timer_failed
from tradeflow.store.partitions import make_partitions
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain

_log = logging.getLogger(__name__)
Fire = Callable[[DueTimer], Awaitable[object]]
PARTITIONS_EVERY = 1_000  # rounds
CLAIMS_MAX = 100  # a round: a timer that arms itself anew in the past must not hold up deliveries for ever


class Sweeper:
    """One round a call: timers that came due, deliveries left lying, the dead buried, room for the next months."""

    def __init__(self, store: Store, claims: Claims, drain: Drain, fire: Fire) -> None:
        self._store, self._claims, self._drain, self._fire = store, claims, drain, fire
        self._rounds = 0

    async def round(self) -> int:
        """Do all that is due. Returns how many timers fired and deliveries went out. Raises Unavailable."""
        if self._rounds % PARTITIONS_EVERY == 0:
            await make_partitions(self._store)
            await tidy(self._store)
        self._rounds += 1
        fired = await self._timers()
        for delivery_id in await self._claims.bury():
            _log.error("delivery %s is in quarantine: its workers died or hung", delivery_id)
        return fired + await self._drain.run()

    async def _timers(self) -> int:
        fired = 0
        for _ in range(CLAIMS_MAX):
            due = await claim_timers(self._store)
            if not due:
                break
            for timer in due:
                fired += await self._fire_one(timer)
        return fired

    async def _fire_one(self, timer: DueTimer) -> int:
        try:
            await self._fire(timer)
        except Unavailable:
            raise
        except Problem as problem:
            await self._failed(timer, str(problem))
        except Exception as error:  # noqa: BLE001 - one timer that cannot fire must not stop the others
            _log.exception("timer %s of trade %s", timer.key, timer.trade_id)
            await self._failed(timer, f"{type(error).__name__}: {error}")
        else:
            return 1
        return 0

    async def _failed(self, timer: DueTimer, why: str) -> None:
        _log.warning("timer %s of trade %s could not fire: %s", timer.key, timer.trade_id, why)
        await timer_failed(self._store, timer, why)

    async def forever(self, every_seconds: float) -> None:
        """Rounds until cancelled; whatever goes wrong in one, the next one comes."""
        while True:
            try:
                await self.round()
            except Unavailable as error:
                _log.warning("sweep waits: %s", error)
            except Exception:  # noqa: BLE001 - a sweeper that ends silently would leave all work undone
                _log.exception("sweep failed; the next one comes in %g s", every_seconds)
            await asyncio.sleep(every_seconds)
