"""The sweeper: finds due work that nobody announced. Alone, without any doorbell, it finishes everything."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tradeflow.errors import Problem, Unavailable
from tradeflow.store.claims import Claims
from tradeflow.store.due import DueTimer, due_timers
from tradeflow.store.partitions import make_partitions
from tradeflow.store.uow import Store
from tradeflow.worker.drain import Drain

_log = logging.getLogger(__name__)
Fire = Callable[[DueTimer], Awaitable[object]]
PARTITIONS_EVERY = 1_000  # sweeps


class Sweeper:
    """One round a call: timers that came due, deliveries left lying, the dead buried, room for the next months."""

    def __init__(self, store: Store, claims: Claims, drain: Drain, fire: Fire) -> None:
        self._store, self._claims, self._drain, self._fire = store, claims, drain, fire
        self._rounds = 0

    async def round(self) -> int:
        """Do all that is due. Returns how many timers fired and deliveries went out."""
        if self._rounds % PARTITIONS_EVERY == 0:
            await make_partitions(self._store)
        self._rounds += 1
        fired = 0
        for timer in await due_timers(self._store):
            fired += await self._fire_one(timer)
        for delivery_id in await self._claims.bury():
            _log.error("delivery %s is in quarantine", delivery_id)
        return fired + await self._drain.run()

    async def _fire_one(self, timer: DueTimer) -> int:
        try:
            await self._fire(timer)
        except Unavailable:
            raise
        except Problem as problem:
            _log.error("timer %s of trade %s could not fire: %s", timer.key, timer.trade_id, problem)
            return 0
        return 1

    async def forever(self, every_seconds: float) -> None:
        """Rounds until cancelled; a database that is away is waited for."""
        while True:
            try:
                await self.round()
            except Unavailable as error:
                _log.warning("sweep waits: %s", error)
            await asyncio.sleep(every_seconds)
