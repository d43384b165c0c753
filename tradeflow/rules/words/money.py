"""Amounts and their currencies."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.money import minor_units as digits_of
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_CENT = Decimal("0.01")


def _payable(value: Mapping[str, Any], *_: Any) -> bool:
    digits = digits_of(value["currency"])
    size: Decimal = value["value"]
    return (digits == 2 and size.same_quantum(_CENT)) or size == round(size, digits)


@word("minor_units", holds=_payable)
def minor_units(place: Place, amount: Path, prices: tuple[str, ...] = ()) -> Faults:
    """An amount has no more digits after the point than its currency (ISO 4217); members named as prices per unit may have more."""
    value = amount.of(place)
    if place.name not in prices:
        digits = digits_of(value["currency"])
        yield Fault(
            amount,
            value,
            digits,
            say(
                "%(value)s: %(currency)s has %(digits)s digits after the point.",
                value=shown(value),
                currency=value["currency"],
                digits=digits,
            ),
        )


@word("one_currency")
def one_currency(place: Place, currency: Path, amounts: tuple[Each, ...]) -> Faults:
    """Every amount is in the currency the document (or another amount) states."""
    stated = currency.of(place)
    stated = stated["currency"] if isinstance(stated, dict) else stated
    for each in amounts:
        if all(amount["currency"] == stated for amount in each.values(place)):
            continue
        for pointer, amount in each.of(place):
            if amount["currency"] != stated:
                yield Fault(
                    each, amount, stated, say("%(amount)s is not in %(stated)s.", amount=shown(amount), stated=stated), currency, pointer
                )
