"""Is what is stored true, and does it say what the process tables make of it?"""

from datetime import datetime

from tradeflow.machine import changes
from tradeflow.machine.fold import fold
from tradeflow.model.trade import TradeState
from tradeflow.store import verify as rows
from tradeflow.store.uow import Store
from tradeflow.store.verify import Verification


async def verify(store: Store) -> Verification:
    """Look at every trade: state = fold of its events, chain unbroken, nothing undelivered and unaccounted for. Changes nothing."""
    return await rows.verify(store, _next)


def _next(state: TradeState, body: bytes, at: datetime) -> TradeState:
    return fold(state, changes.load(body), at)
