"""Sums, products and counts. Where amounts are in another currency than the total the rule cannot decide: no finding."""

from collections.abc import Sequence
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.model.money import round_half_up
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import like, number, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_SHOWN_MAX = 6  # addends spelled out in a finding
_NONE = Decimal(0)
_ONE = Decimal(1)


@word("sum_equals")
def sum_equals(
    place: Place,
    total: Path,
    parts: tuple[Each, ...],
    less: tuple[Each, ...] = (),
    within: Decimal = _NONE,
    within_percent: Decimal = _NONE,
) -> Faults:
    """A total is the sum of its parts, less what is deducted, within so much (kg, m3, currency) or so many percent of it."""
    stated = total.of(place)
    size, unit = sized(stated)
    added, taken = _addends(place, parts, unit), _addends(place, less, unit)
    if not added or taken is None:
        return
    expected = sum(added, _NONE) - sum(taken, _NONE)
    if _apart(size, expected, within, within_percent):
        due = like(stated, expected)
        because = say("%(stated)s is not %(due)s.", stated=shown(stated), due=shown(due))
        if len(added) + len(taken) > 1:
            because = say(
                "%(stated)s is not %(reckoned)s = %(due)s.", stated=shown(stated), reckoned=_reckoned(added, taken), due=shown(due)
            )
        yield Fault(total, stated, due, because, parts[0])


def _reckoned(added: list[Decimal], taken: list[Decimal]) -> str:
    """The sum with its parts, or in words where they are many."""
    if len(added) + len(taken) <= _SHOWN_MAX:
        return " + ".join(map(shown, added)) + "".join(f" - {shown(part)}" for part in taken)
    if not taken:
        return say("the sum of %(n)s values", n=len(added))
    return say("the sum of %(n)s values less %(less)s", n=len(added), less=shown(sum(taken, _NONE)))


@word("product_equals")
def product_equals(
    place: Place,
    result: Path,
    factors: tuple[Path, ...],
    divisor: Path | None = None,
    less: Path | None = None,
    floor: Path | None = None,
    converted_at: Path | None = None,
    within: Decimal = _NONE,
) -> Faults:
    """An amount is the product of its factors (percentages as such), divided and reduced as given, rounded half up once at the end.

    It is not less than `floor`, a minimum in the same currency, where one is given. Amounts in another currency are multiplied by
    the rate at `converted_at`; without one nothing is decided.
    """
    stated = result.of(place)
    currency = stated.get("currency") if isinstance(stated, dict) else None
    expected = _ONE
    for factor in factors:
        value = factor.of(place)
        if value is None:
            return
        if isinstance(value, dict):
            if value.get("currency", currency) != currency:
                rate = converted_at.of(place) if converted_at else None
                if rate is None:
                    return
                expected *= rate
            value = value["value"]
        expected *= value / 100 if factor.kind == "percent" else value
    base = divisor.of(place) if divisor else None
    if base is not None:
        if not number(base):
            return
        expected /= number(base)
    reduction = less.of(place) if less else None
    if reduction is not None:
        if sized(reduction)[1] != sized(stated)[1]:
            return
        expected -= number(reduction)
    size = number(stated)
    if size == expected:
        return
    if currency is not None:
        expected = round_half_up(expected, currency)
    least = floor.of(place) if floor else None
    if least is not None and sized(least)[1] == sized(stated)[1]:
        expected = max(expected, number(least))
    if abs(size - expected) > within:
        reckoned = " x ".join(f"{shown(f.of(place))}{' %' if f.kind == 'percent' else ''}" for f in factors)
        reckoned += f" / {shown(base)}" if base is not None else ""
        reckoned += f" - {shown(reduction)}" if reduction is not None else ""
        reckoned = say("converted %(product)s", product=reckoned) if converted_at else reckoned
        due = {**stated, "value": expected} if isinstance(stated, dict) else expected
        yield Fault(
            result,
            stated,
            due,
            say("%(stated)s is not %(reckoned)s = %(due)s.", stated=shown(stated), reckoned=reckoned, due=shown(due)),
            factors[0],
        )


@word("count_equals")
def count_equals(place: Place, count: Path, of: Each) -> Faults:
    """A stated number is how many entries there are."""
    stated, entries = count.of(place), sum(1 for _ in of.of(place))
    if stated != entries:
        yield Fault(count, stated, entries, say("It states %(stated)s; there are %(entries)s.", stated=shown(stated), entries=entries), of)


@word("packages_add_up")
def packages_add_up(
    place: Place, total: Path, each: Each, counts: Each, within: Decimal = _NONE, within_percent: Decimal = _NONE
) -> Faults:
    """A total is the sum over groups of packages, whether a group states its own figure or that of one of its packages."""
    stated = total.of(place)
    size, unit = sized(stated)
    figures = _addends(place, (each,), unit)
    numbers = [int(count) for _, count in counts.of(place)]
    if not figures or len(figures) != len(numbers):
        return
    of_groups = sum(figures, _NONE)
    of_packages = sum((figure * count for figure, count in zip(figures, numbers, strict=True)), _NONE)
    if all(_apart(size, expected, within, within_percent) for expected in (of_groups, of_packages)):
        due = like(stated, of_groups)
        because = say(
            "%(stated)s is neither the sum of the groups, %(due)s, nor that of all packages, %(like)s.",
            stated=shown(stated),
            due=shown(due),
            like=shown(like(stated, of_packages)),
        )
        yield Fault(total, stated, due, because, each)


def _addends(place: Place, paths: Sequence[Each], unit: str) -> list[Decimal] | None:
    """The numbers at the paths, in the total's currency or unit; None if one cannot be put in it."""
    found: list[Decimal] = []
    for path in paths:
        for value in path.values(place):
            size, other = sized(value)
            if other != unit:
                return None
            found.append(size)
    return found


def _apart(size: Decimal, expected: Decimal, within: Decimal, within_percent: Decimal) -> bool:
    return size != expected and abs(size - expected) > max(within, abs(expected) * within_percent / 100)
