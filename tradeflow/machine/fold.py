"""state = fold(changes): the only place where a TradeState comes from."""

from collections.abc import Iterable
from datetime import datetime

from tradeflow.machine.changes import AnyChange
from tradeflow.model.trade import TradeState


def fold(state: TradeState, changes: Iterable[AnyChange], at: datetime) -> TradeState:
    """The state after one command's changes; the given state is left as it was. Adds 1 to the version."""
    raise NotImplementedError
