"""Variants of a long test: `make test` plays the first, `make variants` all of them."""

import os
from typing import TypeVar

T = TypeVar("T")
EVERY = bool(os.environ.get("TRADEFLOW_VARIANTS"))


def variants(first: T, *others: T) -> list[T]:
    """What a test is played with: the others prove the same of another trade, message or moment."""
    return [first, *others] if EVERY else [first]
