"""Numbers within bounds, whatever they count."""

from decimal import Decimal
from typing import Any

from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, like, number
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


def _within(value: Any, _: Path, least: Decimal | None, most: Decimal | None, above: Decimal | None) -> bool:
    size = number(value)
    return (least is None or size >= least) and (most is None or size <= most) and (above is None or size > above)


@word("between", holds=_within)
def between(place: Place, path: Path, least: Decimal | None = None, most: Decimal | None = None, above: Decimal | None = None) -> Faults:
    """The number lies within the bounds given: at least `least`, at most `most`, more than `above`."""
    value = path.of(place)
    given = (("at least", least), ("at most", most), ("more than", above))
    bounds = " and ".join(f"{words} {bound}" for words, bound in given if bound is not None)
    yield Fault(path, value, bounds, f"{shown(value)} is not {bounds}.")


@word("at_most")
def at_most(place: Place, path: Path, limit: Path, percent: Decimal = Decimal(100)) -> Faults:
    """The number (amount, measure) is not more than so many percent of another in the same currency or dimension."""
    value, bound = path.of(place), limit.of(place)
    pair = comparable(value, bound)
    if pair and pair[0] > pair[1] * percent / 100:
        share = "" if percent == 100 else f"{shown(percent)} % of "
        yield Fault(path, value, bound, f"{shown(value)} is more than {share}{shown(bound)}.", limit)


@word("at_least_percent_of")
def at_least_percent_of(place: Place, path: Path, base: Path, percent: Decimal = Decimal(100)) -> Faults:
    """The number (amount, measure) is at least so many percent of another in the same currency or dimension."""
    value, whole = path.of(place), base.of(place)
    pair = comparable(value, whole)
    if pair and pair[0] < pair[1] * percent / 100:
        least = like(whole, pair[1] * percent / 100)
        share = "" if percent == 100 else f"{shown(percent)} % of "
        yield Fault(path, value, least, f"{shown(value)} is less than {share}{shown(whole)} ({shown(least)}).", base)


@word("starts_with")
def starts_with(place: Place, path: Path, prefix: Path) -> Faults:
    """The code starts with another where both are given."""
    value, start = path.of(place), prefix.of(place)
    if start is not None and not str(value).startswith(str(start)):
        yield Fault(path, value, f"{start}...", f"{value} does not start with {start}.", prefix)
