"""Values as a person reads them in a finding, and as its `found` and `expected` carry them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradeflow.model.money import minor_units


def shown(value: Any) -> str:
    """A value in words: "USD 102,900.00", "9,800 KGM", "2025-01-06", "nothing"."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Decimal, int)):
        return f"{value:,}" if not isinstance(value, Decimal) else f"{value.normalize():,f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _shown_object(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(element) for element in value) or "nothing"
    return f'"{value}"' if value == "" or " " in str(value) else str(value)


def _shown_object(value: Mapping[str, Any]) -> str:
    if "currency" in value and "value" in value:
        digits = max(minor_units(value["currency"]), -int(value["value"].as_tuple().exponent))
        return f"{value['currency']} {value['value']:,.{digits}f}"
    if "unit" in value and "value" in value:
        return f"{shown(value['value'])} {value['unit']}"
    return str(value.get("name") or value.get("number") or ", ".join(f"{name} {shown(part)}" for name, part in value.items()))


def plain(value: Any) -> Any:
    """A value as JSON carries it: decimals as plain strings, dates in ISO 8601."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(element) for element in value]
    return value
