"""Keeps boards up to date: looks at what moved since it looked last, and works out what its readers see of it."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

from tradeflow.app.access import OPERATOR
from tradeflow.app.board import Boards
from tradeflow.errors import Unavailable
from tradeflow.store import board
from tradeflow.store.uow import Store

_log = logging.getLogger(__name__)
BATCH = 200
LOOK_SECONDS = 1.0
AGAIN = timedelta(seconds=15)  # a commit may be seen after a later one: what moved just now is looked at twice
BEGINNING = (datetime(2000, 1, 1, tzinfo=UTC), "")


class BoardKeeper:
    """One round a call. Works for parties that somebody signs in for; where there are none, it reads one small table and rests."""

    def __init__(self, store: Store, boards: Boards) -> None:
        self._store, self._boards = store, boards
        self._after, self._readers = BEGINNING, frozenset[str]()

    async def round(self) -> int:
        """Look at a batch of what moved. Returns how many trades were looked at. Raises Unavailable."""
        readers = frozenset(await board.readers(self._store))
        if readers != self._readers:  # whoever is new has no view of anything yet
            self._readers, self._after = readers, BEGINNING
        if not readers:
            return 0
        moved = await board.moved(self._store, self._after, BATCH)
        if moved:
            trades = [(trade_id, version) for trade_id, _, version in moved]
            for trade_id, parties in await board.stale(self._store, trades, set(readers) - {OPERATOR}, {OPERATOR} & readers):
                await self._one(trade_id, parties)
            self._after = (moved[-1][1], moved[-1][0])
        if len(moved) < BATCH:
            self._after = min(self._after, (datetime.now(UTC) - AGAIN, "")) if self._after > BEGINNING else self._after
        return len(moved)

    async def _one(self, trade_id: str, parties: list[str]) -> None:
        began = time.monotonic()
        try:
            await self._boards.refresh(trade_id, parties)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - one trade that cannot be shown must not keep the others off the board
            _log.exception("trade %s cannot be put on the board", trade_id)
        await asyncio.sleep(time.monotonic() - began)  # half the time at most: the hub's own work comes first

    async def forever(self) -> None:
        """Rounds until cancelled."""
        while True:
            try:
                if await self.round() == BATCH:
                    continue
            except Unavailable as error:
                _log.warning("boards wait: %s", error)
            except Exception:  # noqa: BLE001 - a keeper that ends silently would leave boards behind for good
                _log.exception("boards failed; the next round comes")
            await asyncio.sleep(LOOK_SECONDS)
