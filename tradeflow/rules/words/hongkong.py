"""Charges on Hong Kong import and export declarations (Import and Export (Registration) Regulations, Cap. 60E)."""

import calendar
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.dates import day

_FIRST = Decimal(46_000)
_CHARGE_MAX = Decimal(200)  # since 1 August 2018
_PENALTY_VALUE = Decimal(20_000)
_DAYS = 14  # to lodge a declaration after the movement


def declaration_charge(value: Decimal, form: str) -> Decimal:
    """HKD for one declaration: 0.20 up to 46,000, then 0.125 for each 1,000 or part, rounded up to 0.10, at most 200.

    Food (form 1A) pays 0.20 whatever its value, articles exempt from the charge (1B, 2B) nothing.
    """
    if form in ("1B", "2B"):
        return Decimal(0)
    charge = Decimal("0.20")
    if form != "1A" and value > _FIRST:
        charge += thousands(value - _FIRST) * Decimal("0.125")
    return min(charge.quantize(Decimal("0.1"), ROUND_CEILING), _CHARGE_MAX)


def thousands(value: Decimal) -> Decimal:
    """How many thousands or parts of one."""
    return (value / 1000).quantize(Decimal(1), ROUND_CEILING)


def late_penalty(value: Decimal, movement: date, lodged: date) -> int:
    """HKD for lodging after 14 days: within a month and 14 days, two months and 14 days, or later; twice as much above 20,000."""
    rate = 2 if value > _PENALTY_VALUE else 1
    if (lodged - movement).days <= _DAYS:
        return 0
    if (lodged - _months(movement, 1)).days <= _DAYS:
        return 20 * rate
    return (40 if (lodged - _months(movement, 2)).days <= _DAYS else 100) * rate


def _months(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@word("hk_declaration_charge")
def hk_declaration_charge(place: Place, charge: Path, value: Path, form: Path) -> Faults:
    """The declaration charge is what Cap. 60E asks for the total value and the form."""
    stated, total, kind = charge.of(place), value.of(place), form.of(place)
    if kind is None or {stated["currency"], total["currency"]} != {"HKD"}:
        return
    due = {"value": declaration_charge(total["value"], kind), "currency": "HKD"}
    if stated["value"] != due["value"]:
        yield Fault(
            charge,
            stated,
            due,
            say(
                "The charge on %(total)s, form %(kind)s, is %(due)s, not %(stated)s.",
                total=shown(total),
                kind=kind,
                due=shown(due),
                stated=shown(stated),
            ),
            value,
        )


@word("hk_clothing_levy")
def hk_clothing_levy(place: Place, levy: Path, value: Path) -> Faults:
    """The Clothing Industry Training levy is HKD 0.30 for each 1,000 of the value, or part of it."""
    stated, total = levy.of(place), value.of(place)
    if total is None or {stated["currency"], total["currency"]} != {"HKD"}:
        return
    due = {"value": thousands(total["value"]) * Decimal("0.30"), "currency": "HKD"}
    if stated["value"] != due["value"]:
        yield Fault(
            levy,
            stated,
            due,
            say("The levy on %(total)s is %(due)s, not %(stated)s.", total=shown(total), due=shown(due), stated=shown(stated)),
            value,
        )


@word("hk_late_penalty")
def hk_late_penalty(place: Place, movement: Path, lodged: Path, value: Path) -> Faults:
    """A declaration lodged more than 14 days after the movement bears a penalty."""
    moved, sent, total = movement.of(place), lodged.of(place), value.of(place)
    if total is None or total["currency"] != "HKD":
        return
    penalty = late_penalty(total["value"], moved, day(sent))
    if penalty:
        due = {"value": Decimal(penalty), "currency": "HKD"}
        yield Fault(
            lodged,
            day(sent),
            moved + timedelta(days=_DAYS),
            say("The penalty for lodging on %(sent)s is %(due)s.", sent=shown(day(sent)), due=shown(due)),
            movement,
        )
