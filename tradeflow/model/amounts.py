"""How much a document is about: the largest amount in it, currency by currency."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any


def largest(tree: Any) -> dict[str, Decimal]:
    """The largest amount of each currency that stands anywhere in a document ({"value": …, "currency": …})."""
    found: dict[str, Decimal] = {}
    for value, currency in _amounts(tree):
        found[currency] = max(value, found.get(currency, value))
    return found


def exceeds(tree: Any, limit: Decimal, currency: str) -> str:
    """Why a document is beyond a limit, or "". An amount in another currency cannot be compared, so it is beyond."""
    for other, value in sorted(largest(tree).items()):
        if other != currency:
            return f"{other} {value} cannot be compared with {currency} {limit}"
        if value > limit:
            return f"{currency} {value} is more than {currency} {limit}"
    return ""


def _amounts(node: Any) -> Iterator[tuple[Decimal, str]]:
    if isinstance(node, dict):
        value, currency = node.get("value"), node.get("currency")
        if isinstance(value, Decimal) and isinstance(currency, str):
            yield abs(value), currency
        for child in node.values():
            yield from _amounts(child)
    elif isinstance(node, list):
        for child in node:
            yield from _amounts(child)
