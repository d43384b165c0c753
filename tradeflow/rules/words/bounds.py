"""Numbers within bounds, whatever they count."""

from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
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
    yield Fault(path, value, _bounds(least, most, above), _outside(shown(value), least, most, above))


def _bounds(least: Decimal | None, most: Decimal | None, above: Decimal | None) -> str:
    given = (("at least", least), ("at most", most), ("more than", above))
    return " and ".join(f"{words} {bound}" for words, bound in given if bound is not None)


def _outside(value: str, least: Decimal | None, most: Decimal | None, above: Decimal | None) -> str:
    if above is not None and most is not None:
        return say("%(value)s is not at most %(most)s and more than %(above)s.", value=value, most=most, above=above)
    if above is not None:
        return say("%(value)s is not more than %(least)s.", value=value, least=above)
    if least is not None and most is not None:
        return say("%(value)s is not at least %(least)s and at most %(most)s.", value=value, least=least, most=most)
    if least is not None:
        return say("%(value)s is not at least %(least)s.", value=value, least=least)
    return say("%(value)s is not at most %(most)s.", value=value, most=most)


@word("at_most")
def at_most(place: Place, path: Path, limit: Path, percent: Decimal = Decimal(100)) -> Faults:
    """The number (amount, measure) is not more than so many percent of another in the same currency or dimension."""
    value, bound = path.of(place), limit.of(place)
    pair = comparable(value, bound)
    if pair and pair[0] > pair[1] * percent / 100:
        said = {"value": shown(value), "bound": shown(bound)}
        because = say("%(value)s is more than %(bound)s.", **said)
        if percent != 100:
            because = say("%(value)s is more than %(percent)s %% of %(bound)s.", percent=shown(percent), **said)
        yield Fault(path, value, bound, because, limit)


@word("at_least_percent_of")
def at_least_percent_of(place: Place, path: Path, base: Path, percent: Decimal = Decimal(100)) -> Faults:
    """The number (amount, measure) is at least so many percent of another in the same currency or dimension."""
    value, whole = path.of(place), base.of(place)
    pair = comparable(value, whole)
    if pair and pair[0] < pair[1] * percent / 100:
        least = like(whole, pair[1] * percent / 100)
        said = {"value": shown(value), "whole": shown(whole), "least": shown(least)}
        because = say("%(value)s is less than %(whole)s (%(least)s).", **said)
        if percent != 100:
            because = say("%(value)s is less than %(percent)s %% of %(whole)s (%(least)s).", percent=shown(percent), **said)
        yield Fault(path, value, least, because, base)


@word("starts_with")
def starts_with(place: Place, path: Path, prefix: Path) -> Faults:
    """The code starts with another where both are given."""
    value, start = path.of(place), prefix.of(place)
    if start is not None and not str(value).startswith(str(start)):
        yield Fault(path, value, f"{start}...", say("%(value)s does not start with %(start)s.", value=value, start=start), prefix)
