"""Air waybills: routes, chargeable weight, declared values."""

from decimal import ROUND_CEILING, Decimal, InvalidOperation

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import number, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.incoterms import same_place

_CUBIC_CM = 1_000_000  # in a cubic metre
_CUBIC_CM_PER_KG = 6000
_HALF_KILOS = 2  # in a kilogram


@word("route_ends")
def route_ends(place: Place, legs: Each, departure: Path, destination: Path) -> Faults:
    """The first leg starts at the place of departure and the last one ends at the destination."""
    route = list(legs.of(place))
    if not route:
        return
    for (pointer, leg), member, end in ((route[0], "from", departure), (route[-1], "to", destination)):
        wanted = end.of(place)
        if wanted is not None and not same_place(leg[member], wanted):
            because = say(
                "Leg %(seq)s is %(member)s %(leg)s, not %(member)s %(wanted)s.",
                seq=leg["seq"],
                member=member,
                leg=shown(leg[member]),
                wanted=shown(wanted),
            )
            yield Fault(legs, leg[member], wanted, because, end, f"{pointer}/{member}")


@word("chargeable_enough")
def chargeable_enough(place: Place, weights: Each, gross: Path, volume: Path, classes: Each, flat: tuple[str, ...]) -> Faults:
    """The chargeable weights add up to the gross weight and to 1 kg for each 6,000 cm3 at least, each rounded up to the half kilogram.

    A unit load device charged flat (a rate class of `flat`) has a pivot weight of its own and decides nothing.
    """
    charged, due, reckoned = _charged_and_due(place, weights, gross, volume, classes, flat)
    if due is not None and charged < due:
        least = {"value": due, "unit": "KGM"}
        yield Fault(
            weights,
            charged,
            least,
            say("%(charged)s kg are charged; %(reckoned)s makes %(due)s kg.", charged=charged, reckoned=reckoned, due=due),
            volume,
            weights.path.pointer(place),
        )


@word("chargeable_not_above")
def chargeable_not_above(place: Place, weights: Each, gross: Path, volume: Path, classes: Each, flat: tuple[str, ...]) -> Faults:
    """No more is charged than gross weight and volume make: more is right only where a higher weight break is cheaper."""
    charged, due, reckoned = _charged_and_due(place, weights, gross, volume, classes, flat)
    if due is not None and charged > due:
        most = {"value": due, "unit": "KGM"}
        yield Fault(
            weights,
            charged,
            most,
            say("%(charged)s kg are charged; %(reckoned)s makes %(due)s kg.", charged=charged, reckoned=reckoned, due=due),
            volume,
            weights.path.pointer(place),
        )


def _charged_and_due(
    place: Place, weights: Each, gross: Path, volume: Path, classes: Each, flat: tuple[str, ...]
) -> tuple[Decimal, Decimal | None, str]:
    """What is charged, what is due at least (None where it cannot be decided), and what makes it due; all in kilograms."""
    given = [sized(value) for _, value in weights.of(place)]
    weight, unit = sized(gross.of(place)) if gross.of(place) is not None else (Decimal(0), "KGM")
    if unit != "KGM" or any(other != "KGM" for _, other in given) or any(code in flat for _, code in classes.of(place)):
        return Decimal(0), None, ""
    charged = sum((size for size, _ in given), Decimal(0))
    due, reckoned = half_kilo_up(weight), say("gross weight %(of)s", of=shown(gross.of(place)))
    measured = volume.of(place)
    if measured is not None and sized(measured)[1] == "MTQ":
        volumetric = half_kilo_up(sized(measured)[0] * _CUBIC_CM / _CUBIC_CM_PER_KG)
        if volumetric > due:
            due, reckoned = volumetric, say("volume %(measured)s at 6,000 cm3 a kilogram", measured=shown(measured))
    return charged, due, reckoned


def half_kilo_up(weight: Decimal) -> Decimal:
    """A weight in kilograms rounded up to the next half kilogram."""
    return (weight * _HALF_KILOS).to_integral_value(ROUND_CEILING) / _HALF_KILOS


@word("half_kilos")
def half_kilos(place: Place, weight: Path) -> Faults:
    """A weight in kilograms is whole or half kilograms."""
    value = weight.of(place)
    if value["unit"] == "KGM" and half_kilo_up(value["value"]) != value["value"]:
        due = {"value": half_kilo_up(value["value"]), "unit": "KGM"}
        yield Fault(weight, value, due, say("%(value)s is not rounded up to %(due)s.", value=shown(value), due=shown(due)))


@word("declared_at_least")
def declared_at_least(place: Place, text: Path, currency: Path, amount: Path) -> Faults:
    """A value declared as a bare number ("12500.00") is at least an amount in the same currency; words such as NCV decide nothing."""
    stated, least = text.of(place), amount.of(place)
    try:
        size = Decimal(str(stated))
    except InvalidOperation:
        return
    if least is not None and least["currency"] == currency.of(place) and size < number(least):
        yield Fault(
            text,
            stated,
            least,
            say("%(stated)s %(of)s is less than %(least)s.", stated=shown(stated), of=currency.of(place), least=shown(least)),
            amount,
        )


@word("houses_make_master")
def houses_make_master(place: Place, master: Path, pieces: Path, weight: Path, listed: Each, houses: str) -> Faults:
    """Pieces and gross weight of the house documents in the trade add up to those of their master.

    Houses of other trades may travel under the same master: unless every house it lists is here, the sum may be less, never more.
    """
    docs = place.context.docs
    under = [d for d in (docs.of(houses) if docs else []) if d.get("master_ref.number") == master.of(place)]
    if not under:
        return
    all_here = {value for _, value in listed.of(place)} == {d.number for d in under}
    for path, member in ((pieces, "totals.pieces"), (weight, "totals.gross_weight")):
        stated, parts = path.of(place), [sized(d.get(member)) for d in under]
        size, unit = sized(stated)
        if any(other != unit for _, other in parts):
            continue
        total = sum((part for part, _ in parts), Decimal(0))
        if total > size or (all_here and total != size):
            because = say(
                "The %(under)s house documents add up to %(total)s, the master states %(stated)s.",
                under=len(under),
                total=shown(total),
                stated=shown(stated),
            )
            yield Fault(path, stated, total, because)
