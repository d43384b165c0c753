"""Which documents a decision may read, so that no more than those are loaded."""

from tradeflow.machine.load import Machine


def documents_for(machine: Machine, trigger: str) -> set[str]:
    """The message types that the guards and effects behind a message type or event may read."""
    raise NotImplementedError
