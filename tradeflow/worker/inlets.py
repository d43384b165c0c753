"""Looks for what partners left: in file drops, on their servers. Each channel by itself, so that a slow one holds up only itself."""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import cast

from tradeflow.app.connectors import Connectors
from tradeflow.app.kinds import kinds
from tradeflow.errors import Unavailable
from tradeflow.ports import Arrival, Inlet, Take, Taken
from tradeflow.store.dispatches import Dispatches, Line
from tradeflow.store.uow import Store

FETCH_SECONDS_MAX = 300  # of one look at one channel
_log = logging.getLogger(__name__)


class Inlets:
    """One look at every active channel, again and again. Any number of processes may do it: a file that two of them see has one effect."""

    def __init__(self, store: Store, connectors: Connectors, take: Take) -> None:
        self._channels, self._connectors, self._take = Dispatches(store, 0), connectors, take
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._silent: set[tuple[str, str]] = set()

    async def forever(self, every_seconds: float) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Unavailable as error:
                    _log.warning("inlets wait: %s", error)
                except Exception:  # noqa: BLE001 - whatever goes wrong in one look, the next one comes
                    _log.exception("no look at the inlets; the next one comes in %g s", every_seconds)
                await asyncio.sleep(every_seconds)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def look(self) -> None:
        """Begin a look at every channel that none is running for."""
        for line in await self._channels.active([kind.id for kind in kinds().values() if kind.fetches]):
            if line.key not in self._running:
                task = self._running[line.key] = asyncio.create_task(self._one(line), name=f"fetch {line.party_id} {line.name}")
                task.add_done_callback(lambda _, key=line.key: self._running.pop(key, None))  # type: ignore[misc]

    async def _taken(self, line: Line, arrival: Arrival) -> Taken:
        """What came by a channel comes in what the channel speaks."""
        return await self._take(replace(arrival, format=line.format))

    async def _one(self, line: Line) -> None:
        try:
            inlet = cast("Inlet", await self._connectors.connector(line))
            async with asyncio.timeout(FETCH_SECONDS_MAX):
                await inlet.fetch(partial(self._taken, line))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - one partner's trouble is not the others'
            if line.key not in self._silent:  # once, not at every look
                _log.warning("channel %s of %s cannot be read: %s: %s", line.name, line.party_id, type(error).__name__, error)
            self._silent.add(line.key)
        else:
            self._silent.discard(line.key)
