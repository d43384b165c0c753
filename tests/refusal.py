"""Refused, and never anything else."""

from collections.abc import Callable
from typing import ParamSpec

import pytest

from tradeflow.errors import BadInput

P = ParamSpec("P")


def refused(read: Callable[P, object], *sent: P.args, **how: P.kwargs) -> BadInput:
    """The refusal of what was sent."""
    with pytest.raises(BadInput) as refusal:
        read(*sent, **how)
    return refusal.value
