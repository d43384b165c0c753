"""Texts put together from what is known."""

from decimal import Decimal
from typing import Any

from tradeflow.draft.words import Now, Values, word

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_ONES, _TENS = _SMALL.split(), ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_CURRENCIES = {
    "USD": "US dollars",
    "EUR": "euro",
    "HKD": "Hong Kong dollars",
    "GBP": "pounds sterling",
    "CNY": "yuan renminbi",
    "JPY": "yen",
}


@word("put together", sources=(0, 99))
def text(now: Now, values: Values, form: str, upper: bool = False) -> Any:
    """The form with {0}, {1} ... replaced by the first value of each source; nothing where one of them is missing."""
    if any(not one for one in values):
        return None
    made = form.format(*(shown(one[0]) for one in values))
    return made.upper() if upper else made


@word("in capitals", sources=(1, 1))
def capitals(now: Now, values: Values) -> Any:
    """A text as SWIFT carries it."""
    return str(values[0][0]).upper() if values[0] else None


@word("joined", sources=(1, 99))
def joined(now: Now, values: Values, between: str = ", ") -> Any:
    """All values, one after the other."""
    found = [shown(v) for one in values for v in one]
    return between.join(dict.fromkeys(found)) or None


@word("all of them")
def listed(now: Now, values: Values) -> Any:
    """A list of all values, each once."""
    found = [v for one in values for v in one]
    return [v for i, v in enumerate(found) if v not in found[:i]] or None


@word("amount in words", sources=(1, 1))
def amount_in_words(now: Now, values: Values) -> Any:
    """US dollars one hundred and two thousand nine hundred only."""
    if not values[0]:
        return None
    amount = values[0][0]
    whole, cents = int(amount["value"]), int(amount["value"] % 1 * 100)
    tail = f" and {cents:02d}/100" if cents else " only"
    return f"{_CURRENCIES.get(amount['currency'], amount['currency'])} {in_words(whole)}{tail}"


@word("number in words", sources=(1, 1))
def count_in_words(now: Now, values: Values, form: str) -> Any:
    """SEVEN HUNDRED (700) CARTONS ONLY: the form with {0} the words and {1} the figure."""
    if not values[0]:
        return None
    return form.format(in_words(int(values[0][0])), int(values[0][0])).upper()


@word("the country it belongs to", sources=(1, 1))
def country(now: Now, values: Values) -> Any:
    """The country of a place or party; of a text, its first two letters (UN/LOCODE)."""
    if not values[0]:
        return None
    found = values[0][0]
    if isinstance(found, dict):
        return found.get("country") or (found.get("address") or {}).get("country")
    return str(found)[:2]


def in_words(number: int) -> str:
    """A whole number in English."""
    for size, name in ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand")):
        if number >= size:
            head, rest = divmod(number, size)
            link = " and " if 0 < rest < 100 else " "
            return f"{in_words(head)} {name}" + (link + in_words(rest) if rest else "")
    if number >= 100:
        head, rest = divmod(number, 100)
        return f"{_ONES[head]} hundred" + (f" and {in_words(rest)}" if rest else "")
    if number >= 20:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]


def shown(value: Any) -> str:
    """A value inside a text: amounts and measures with their unit, a place or a party by its name."""
    if isinstance(value, dict):
        if "value" in value:
            unit = value.get("currency") or value.get("unit")
            number = f"{value['value']:,.2f}" if "currency" in value else f"{value['value']:,f}"
            return f"{unit} {number}" if "currency" in value else f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"
        return str(value.get("name") or value.get("number") or "")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
