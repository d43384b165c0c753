"""What would be accepted now, from whom, and under which conditions."""

from collections.abc import Set

from tradeflow.machine.answers import Allowed
from tradeflow.machine.load import Machine
from tradeflow.model.trade import TradeState


def allowed(machine: Machine, state: TradeState, roles: Set[str]) -> list[Allowed]:
    """Every message these roles may send, and every event they may raise, that some live region takes now."""
    raise NotImplementedError
