"""decide(): what a command does to a trade. Pure: the same machine, state, command and context give the same answer."""

from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Command, Context
from tradeflow.machine.load import Machine
from tradeflow.model.trade import TradeState


def decide(machine: Machine, state: TradeState, command: Command, context: Context) -> Decision | Refusal:
    """The changes a command causes, or the reason it is refused. Never raises for what a party may send."""
    raise NotImplementedError
