"""Timers that came due."""

from dataclasses import dataclass
from datetime import datetime

from tradeflow.store.uow import Store

_DUE = "SELECT trade_id, timer_key, region, event, due_at FROM timer WHERE due_at <= tf_now() ORDER BY due_at, trade_id, timer_key LIMIT 500"


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time is over by the hub's clock. It stays due until the command it causes disarms it."""

    trade_id: str
    key: str
    region: str
    event: str
    due_at: datetime


async def due_timers(store: Store) -> list[DueTimer]:
    """The timers that should have fired by now, the oldest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(_DUE)
    return [DueTimer(r["trade_id"], r["timer_key"], r["region"], r["event"], r["due_at"]) for r in rows]
