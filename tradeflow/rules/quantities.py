"""Numbers of a document made comparable: amounts in one currency, masses in kilograms, volumes in cubic metres, pieces in pieces."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradeflow.model.measures import cubic_metres, kilograms

_PIECES = frozenset(("C62", "EA", "H87", "PCE"))  # Rec 20 and the customary PCE: one, each, piece


def number(value: Any) -> Decimal:
    """The bare number of an amount, quantity, measure, decimal or integer."""
    if isinstance(value, dict):
        value = value["value"]
    return value if isinstance(value, Decimal) else Decimal(value)


def sized(value: Any) -> tuple[Decimal, str]:
    """A number and what it counts: its currency, KGM or MTQ (converted), C62 for pieces, another unit, or "" for a bare number."""
    if not isinstance(value, Mapping):
        return number(value), ""
    if "currency" in value:
        return value["value"], value["currency"]
    unit = value["unit"]
    if unit in _PIECES:
        return value["value"], "C62"
    mass = kilograms(value)
    if mass is not None:
        return mass, "KGM"
    volume = cubic_metres(value)
    return (value["value"], unit) if volume is None else (volume, "MTQ")


def comparable(first: Any, second: Any) -> tuple[Decimal, Decimal] | None:
    """Both numbers in one currency or unit; None where that cannot be decided (absent, other currency, other dimension)."""
    if first is None or second is None:
        return None
    if isinstance(first, dict) and isinstance(second, dict) and first.get("unit", "") == second.get("unit"):
        return first["value"], second["value"]
    (one, unit), (two, other) = sized(first), sized(second)
    return (one, two) if unit == other else None


def like(stated: Any, size: Decimal) -> Any:
    """A number in the unit it was compared in, in the form of the value it is compared with."""
    if not isinstance(stated, Mapping):
        return size
    unit = sized(stated)[1]
    return {"value": size, "currency": unit} if "currency" in stated else {"value": size, "unit": stated["unit"] if unit == "C62" else unit}


def loose(value: Any) -> Any:
    """Text as people compare it: case, punctuation and spacing aside ("B.V." is "BV"). Other values unchanged."""
    return "".join(re.findall(r"[^\W_]+", value.casefold())) if isinstance(value, str) else value
