"""Timers that came due."""

from dataclasses import dataclass
from datetime import datetime

from tradeflow.store.uow import Store

# By claiming it, a sweeper has a timer to itself for a while that doubles with every try, up to ten minutes. The command the timer causes
# disarms it; what cannot fire is tried again without holding up the others.
_CLAIM = """
WITH mine AS (
    SELECT trade_id, timer_key FROM timer WHERE due_at <= tf_now() AND next_attempt_at <= now()
    ORDER BY due_at, trade_id, timer_key LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE timer t SET attempts = t.attempts + 1,
    next_attempt_at = now() + least(interval '5 seconds' * 2 ^ least(t.attempts, 10), interval '10 minutes')
FROM mine WHERE t.trade_id = mine.trade_id AND t.timer_key = mine.timer_key
RETURNING t.trade_id, t.timer_key, t.region, t.event, t.due_at
"""
_FAILED = "UPDATE timer SET last_error = $4 WHERE trade_id = $1 AND timer_key = $2 AND due_at = $3"


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time is over by the hub's clock. It stays until the command it causes disarms it."""

    trade_id: str
    key: str
    region: str
    event: str
    due_at: datetime


async def claim_timers(store: Store, limit: int = 100) -> list[DueTimer]:
    """Timers that should have fired by now and that no other sweeper has, the oldest first."""
    async with store.transaction() as connection:
        rows = await connection.fetch(_CLAIM, limit)
    due = [DueTimer(r["trade_id"], r["timer_key"], r["region"], r["event"], r["due_at"]) for r in rows]
    return sorted(due, key=lambda timer: (timer.due_at, timer.trade_id, timer.key))


async def timer_failed(store: Store, timer: DueTimer, error: str) -> None:
    """Say why a timer could not fire."""
    async with store.transaction() as connection:
        await connection.execute(_FAILED, timer.trade_id, timer.key, timer.due_at, error[:500])
