"""Everything a party may see of what happens, across its trades: told as each of the reads beside it would tell it now."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.deliveries import Deliveries
from tradeflow.app.holding import shown
from tradeflow.app.sight import Sight
from tradeflow.app.trade_view import event_view
from tradeflow.model.trade import TradeState
from tradeflow.store import feed
from tradeflow.store.circulation import circulation
from tradeflow.store.feed import BEGINNING, Page, Row
from tradeflow.store.uow import Store

Json = dict[str, Any]
PARTS: Final = {  # of an event of a trade, by the kinds of changes that it is about
    "finding": {"finding_raised", "finding_cured", "deviation_accepted"},
    "clock": {"armed", "disarmed"},
}
EVENTS: Final = {"trade", *PARTS}
TOPICS: Final = ("inbox", "trade", *PARTS, "delivery", "held")


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened: its topic, the transaction it belongs to, and what is told of it."""

    topic: str
    xid: int
    item: Json


class Feed:
    """Reads pages of what happened."""

    def __init__(self, store: Store, deliveries: Deliveries) -> None:
        self._store, self._deliveries = store, deliveries

    async def end(self) -> int:
        """The cursor of somebody who wants only what comes."""
        return await feed.end(self._store)

    async def since(self, caller: Caller, after: int, topics: frozenset[str], trade_id: str) -> tuple[list[News], int]:
        """What happened after a cursor, and the cursor after that."""
        sources = [*(["event"] if topics & EVENTS else []), *(topics & {"delivery", "held"})]
        page = await feed.since(self._store.acting(caller.acting), after, sorted(sources), trade_id, caller.acting)
        found = [*await self._events(caller, page, topics), *await self._travels(caller, page), *self._held(page)]
        return sorted(found, key=lambda news: news.xid), page.upto

    async def _events(self, caller: Caller, page: Page, topics: frozenset[str]) -> list[News]:
        found, seen = list[News](), dict[str, tuple[TradeState, Sight] | None]()
        for row in page.rows.get("event", ()):
            trade_id = row["trade_id"]
            if trade_id not in seen:
                seen[trade_id] = await self._sight(caller, trade_id)
            if (known := seen[trade_id]) is not None:
                found += _told(row, event_view(row, *known), topics)
        return found

    async def _sight(self, caller: Caller, trade_id: str) -> tuple[TradeState, Sight] | None:
        row = await self._store.acting(caller.acting).read(trade_id)
        if row is None:
            return None
        around = {} if caller.operator else await circulation(self._store, trade_id)
        return row.state, Sight.of(caller, row.state, around)

    async def _travels(self, caller: Caller, page: Page) -> list[News]:
        rows = page.rows.get("delivery", [])
        items = await self._deliveries.some(caller, feed.ids_of(rows)) if rows else {}
        return [News("delivery", row["xid"], items[row["delivery_id"]]) for row in rows if row["delivery_id"] in items]

    def _held(self, page: Page) -> list[News]:
        return [News("held", row["xid"], shown(feed.held_of(row))) for row in page.rows.get("held", ())]


def _told(row: Row, said: Json, topics: frozenset[str]) -> list[News]:
    """An event whole, and what of it is about findings or clocks, as far as these are asked for."""
    whole = {"trade_id": row["trade_id"], **said}
    found = [News("trade", row["xid"], whole)] if "trade" in topics else []
    changes = [(msgspec.to_builtins(change), change) for change in said["changes"]]
    for part, kinds in PARTS.items():
        about = [change for plain, change in changes if plain.get("change") in kinds]
        if part in topics and about:
            found.append(News(part, row["xid"], {**{k: v for k, v in whole.items() if k != "withheld"}, "changes": about}))
    return found


__all__ = ["BEGINNING", "TOPICS", "Feed", "News"]
