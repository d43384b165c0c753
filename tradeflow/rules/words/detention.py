"""Demurrage and detention: what a container that stays longer than its free time costs, day by day.

The day on which free time ends is free; the first day that is charged is the next one. Tariffs number their days in one of two
ways, which the first step tells apart: from 1, the days after free time; or from the day after the last free one (with five free
days from 6), the days since the clock started. Days are calendar days at the place of the clock, whatever the unit of free time.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.money import round_half_up
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

Step = Mapping[str, Any]


def chargeable_days(expires: datetime, until: date) -> int:
    """How many days are charged up to and including a day; free time that ends at midnight ended with the day before."""
    ends_at_midnight = expires.timetz().replace(tzinfo=None) == time.min
    return max(0, (until - expires.date()).days + (1 if ends_at_midnight else 0))


def free_days_counted(tariff: Sequence[Step], free_days: int) -> int:
    """The number of the last free day in the tariff's own count: 0 where it counts the days after free time."""
    return free_days if tariff and tariff[0]["from_day"] == free_days + 1 else 0


def days_at_rates(tariff: Sequence[Step], free_days: int, charged: int) -> list[tuple[int, Step]]:
    """How many of the days charged fall into each step of the tariff."""
    before = free_days_counted(tariff, free_days)
    found = []
    for step in tariff:
        first = max(step["from_day"] - before, 1)
        last = min(step["to_day"] - before, charged) if "to_day" in step else charged
        if last >= first:
            found.append((last - first + 1, step))
    return found


@word("charged_by_tariff")
def charged_by_tariff(
    place: Place, charges: Each, kind: Path, tariff: Each, days: Path, expires: Path, until: Path, containers: Each
) -> Faults:
    """The charges of a clock are, over the steps of its tariff, days times rate times containers; the day free time ends is free."""
    name, steps = kind.of(place), [step for _, step in tariff.of(place)]
    billed = [charge["amount"] for _, charge in charges.of(place) if charge.get("code") == name]
    if not steps or not billed:
        return
    currencies = {amount["currency"] for amount in billed} | {step["rate"]["currency"] for step in steps}
    pointer = charges.path.pointer(place)
    if len(currencies) > 1:
        yield Fault(
            charges,
            sorted(currencies),
            None,
            say("Tariff and charges are in %(currencies)s.", currencies=shown(sorted(currencies))),
            tariff,
            pointer,
        )
        return
    boxes = sum(1 for _ in containers.of(place))
    stays = days_at_rates(steps, days.of(place) or 0, chargeable_days(expires.of(place), until.of(place)))
    currency = currencies.pop()
    due = round_half_up(sum((count * boxes * step["rate"]["value"] for count, step in stays), Decimal(0)), currency)
    total = sum((amount["value"] for amount in billed), Decimal(0))
    if total != due:
        reckoned = " + ".join(f"{count} x {shown(step['rate'])}" for count, step in stays) or "no day is chargeable"
        found, wanted = ({"value": value, "currency": currency} for value in (total, due))
        said = {"name": name, "found": shown(found), "reckoned": reckoned, "wanted": shown(wanted)}
        because = say("%(name)s %(found)s is charged; %(reckoned)s = %(wanted)s.", **said)
        if boxes > 1:
            because = say("%(name)s %(found)s is charged; %(reckoned)s for each of %(n)s containers = %(wanted)s.", n=boxes, **said)
        yield Fault(charges, found, wanted, because, tariff, pointer)


@word("rate_in_force")
def rate_in_force(place: Place, rate: Path, tariff: Each, days: Path, expires: Path, until: Path) -> Faults:
    """The daily rate is that of the step the last day charged falls into."""
    steps = [step for _, step in tariff.of(place)]
    charged = chargeable_days(expires.of(place), until.of(place))
    stays = days_at_rates(steps, days.of(place) or 0, charged)
    if not stays:
        return
    stated, due = rate.of(place), stays[-1][1]["rate"]
    if stated != due:
        yield Fault(
            rate,
            stated,
            due,
            say(
                "On chargeable day %(charged)s the rate is %(due)s, not %(stated)s.", charged=charged, due=shown(due), stated=shown(stated)
            ),
            tariff,
        )


@word("tariff_without_gaps")
def tariff_without_gaps(place: Place, tariff: Each, days: Path) -> Faults:
    """A tariff starts on the day after free time, in its own count, each step follows the one before, and the last one is open."""
    listed = list(tariff.of(place))
    free_days = days.of(place) or 0
    for pointer, first in listed[:1]:
        if first["from_day"] not in (1, free_days + 1):
            because = say(
                "It starts on day %(from_day)s, and there are %(free_days)s free days.", from_day=first["from_day"], free_days=free_days
            )
            yield Fault(tariff, first["from_day"], [1, free_days + 1], because, days, f"{pointer}/from_day")
    for (_, step), (pointer, following) in pairwise(listed):
        expected = step["to_day"] + 1 if "to_day" in step else None
        if following["from_day"] != expected:
            because = say(
                "A step from day %(from_day)s follows one that ends with day %(get)s.",
                from_day=following["from_day"],
                get=shown(step.get("to_day")),
            )
            yield Fault(tariff, following["from_day"], expected, because, pointer=f"{pointer}/from_day")
    for pointer, last in listed[-1:]:
        if "to_day" in last:
            because = say("Nothing is said about the days after day %(to_day)s.", to_day=last["to_day"])
            yield Fault(tariff, last["to_day"], None, because, pointer=f"{pointer}/to_day")


@word("clock_by_gate")
def clock_by_gate(place: Place, starts: Path, until: Path, containers: Each, every: str) -> Faults:
    """A detention clock starts when the container left the terminal full, or later, and no day after its empty return is charged."""
    docs = place.context.docs
    numbers = set(containers.values(place))
    for receipt in docs.of(every) if docs else ():
        if receipt.get("container.number") not in numbers:
            continue
        passed: datetime = receipt.get("at")
        begins, end = starts.of(place), until.of(place)
        if receipt.get("direction") == "GATE_OUT_FULL" and begins is not None and begins.date() < passed.date():
            because = say(
                "The clock starts %(begins)s; the container left the terminal %(passed)s (%(number)s).",
                begins=shown(begins),
                passed=shown(passed),
                number=receipt.number,
            )
            yield Fault(starts, begins, passed, because)
        if receipt.get("direction") == "GATE_IN_EMPTY" and end is not None and end > passed.date():
            because = say(
                "Days up to %(end)s are charged; the empty was back %(passed)s (%(number)s).",
                end=shown(end),
                passed=shown(passed),
                number=receipt.number,
            )
            yield Fault(until, end, passed.date(), because)
