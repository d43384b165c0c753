"""Sums, products, counts, percentages: of amounts, measures, quantities and whole numbers."""

from decimal import Decimal
from typing import Any

from tradeflow.draft.words import Now, Values, word
from tradeflow.model.money import round_half_up


@word("sum")
def sum_of(now: Now, values: Values) -> Any:
    """All values added up, if they are in one currency or unit."""
    return _total([v for one in values for v in one])


@word("difference", sources=(2, 99))
def less(now: Now, values: Values) -> Any:
    """The first value less all others."""
    first, rest = _total(values[0]), [v for one in values[1:] for v in one]
    taken = _total(rest) if rest else None
    if first is None or taken is None:
        return first if not rest else None
    if not isinstance(first, dict):
        return first - taken
    return {**first, "value": first["value"] - taken["value"]} if _unit(first) == _unit(taken) else None


@word("quantity x unit price", sources=(2, 4))
def line_total(now: Now, values: Values) -> Any:
    """Quantity / price base x unit price - discount, rounded half up once."""
    quantity, price, base, discount = ([*values, [], []])[:4]
    if not quantity or not price:
        return None
    per = base[0]["value"] if base else Decimal(1)
    off = discount[0]["value"] if discount else Decimal(0)
    amount = quantity[0]["value"] / per * price[0]["value"] - off
    return {"value": round_half_up(amount, price[0]["currency"]), "currency": price[0]["currency"]}


@word("percent of another value", sources=(1, 1))
def percent_of(now: Now, values: Values, percent: int) -> Any:
    """So many percent of an amount, rounded half up."""
    if not values[0]:
        return None
    base = values[0][0]
    return {"value": round_half_up(base["value"] * percent / 100, base["currency"]), "currency": base["currency"]}


@word("count")
def count_of(now: Now, values: Values) -> Any:
    """How many there are."""
    return sum(len(one) for one in values) or None


@word("the whole, as there is one only", sources=(2, 2))
def if_one(now: Now, values: Values) -> Any:
    """The value, where the list beside it has one element only."""
    return values[0][0] if values[0] and values[1] and len(values[1][0]) == 1 else None


@word("next number", sources=(1, 1))
def following(now: Now, values: Values) -> Any:
    """One more than the highest so far; 1 where there is none."""
    return max((int(v) for v in values[0]), default=0) + 1


@word("whole numbers 1, 2, 3 ...", sources=(1, 1))
def numbered(now: Now, values: Values) -> Any:
    """All numbers from 1 up to the number given."""
    return list(range(1, int(values[0][0]) + 1)) if values[0] else None


def _unit(value: dict[str, Any]) -> Any:
    return value.get("currency") or value.get("unit")


def _total(values: list[Any]) -> Any:
    if not values:
        return None
    if not isinstance(values[0], dict):
        return sum(values)
    units = {_unit(v) for v in values}
    if len(units) != 1:
        return None
    return {**values[0], "value": sum((v["value"] for v in values), Decimal(0))}
