"""Containers: what they carry, what they are made for, and how many stand in a depot."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.measures import cubic_metres, kilograms
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

# Cubic metres by the first two characters of the size/type code (tradeflow rule catalogue 1.7 M-CNT-03; L5 from carriers' tables).
_CAPACITY = {"22": Decimal(33), "42": Decimal(67), "45": Decimal(76), "L5": Decimal(86)}
_MAX_GROSS_KG = Decimal(30480)  # ISO 668:2005; newer CSC plates allow more and say so
# Length, height and width, type and subtype of ISO 6346:2022 annexes D and E, with the group codes (GP, RE ...) of older papers.
_SIZE_TYPE = re.compile(
    r"[1-4ABCDEFGHKLMNPR][0245689CDEFLMNP]"
    r"(G[0-3]|V[024]|B[0-6]|S[0-2]|R[0-3]|H[0-6]|U[0-6]|P[0-8]|T[0-9]|K[0-8]|N[0-8]|A0"
    r"|GP|VH|BU|BK|SN|RE|RT|RS|HR|HI|UT|PL|PF|PC|PS|TN|TD|TG|AS)"
)


@word("size_type_known")
def size_type_known(place: Place, size_type: Path) -> Faults:
    """A container type is a size and type code of ISO 6346."""
    value = str(size_type.of(place))
    if _SIZE_TYPE.fullmatch(value) is None:
        yield Fault(size_type, value, "for example 22G1, 45G1 or 45R1", say("%(value)s is no such code.", value=value))


@word("load_within")
def load_within(place: Place, cargo: Path, tare: Path, max_gross: Path) -> Faults:
    """Cargo and tare together weigh no more than the CSC plate allows, or 30,480 kg where the plate is not given."""
    load, own, plate = kilograms(cargo.of(place)), tare.of(place), max_gross.of(place)
    weight = kilograms(own) if own is not None else None
    limit = kilograms(plate) if plate is not None else _MAX_GROSS_KG
    if load is None or weight is None or limit is None or load + weight <= limit:
        return
    because = say(
        "%(load)s kg of cargo and %(weight)s kg tare are %(load2)s kg, more than %(limit)s kg.",
        load=shown(load),
        weight=shown(weight),
        load2=shown(load + weight),
        limit=shown(limit),
    )
    yield Fault(cargo, cargo.of(place), limit - weight, because, max_gross)


@word("heavier_than")
def heavier_than(place: Place, mass: Path, other: Path) -> Faults:
    """A mass is more than another."""
    value, least = mass.of(place), other.of(place)
    pair = comparable(value, least)
    if pair and pair[0] <= pair[1]:
        yield Fault(mass, value, least, say("%(value)s is not more than %(least)s.", value=shown(value), least=shown(least)), other)


@word("volume_fits")
def volume_fits(place: Place, volume: Path, size_type: Path) -> Faults:
    """Cargo does not fill more than the container holds; sizes without a known capacity decide nothing."""
    stated, kind = volume.of(place), str(size_type.of(place))
    filled, room = cubic_metres(stated), _CAPACITY.get(kind[:2])
    if filled is not None and room is not None and filled > room:
        yield Fault(
            volume,
            stated,
            room,
            say("%(stated)s do not fit into a %(kind)s of %(room)s cubic metres.", stated=shown(stated), kind=kind, room=room),
            size_type,
        )


@word("reefer_settings")
def reefer_settings(place: Place, size_type: Path, reefer: Path) -> Faults:
    """A refrigerated type (22R1, 45R1 ...) has settings, and nothing else has."""
    kind, settings = str(size_type.of(place)), reefer.of(place)
    refrigerated = kind[2:3] == "R"
    if refrigerated and settings is None:
        yield Fault(reefer, None, "settings", say("%(kind)s is a refrigerated container and no temperature is set.", kind=kind), size_type)
    if settings is not None and not refrigerated:
        yield Fault(reefer, settings, None, say("%(kind)s is not a refrigerated container.", kind=kind), size_type)


@word("holds_its_items")
def holds_its_items(
    place: Place, stated: Path, number: Path, item_containers: Each, item_values: Each, within: Decimal = Decimal(0)
) -> Faults:
    """What a container is said to carry is the sum over the items that name it."""
    carried, box = stated.of(place), number.of(place)
    values = {_element(pointer): value for pointer, value in item_values.of(place)}
    parts = [values.get(_element(pointer)) for pointer, named in item_containers.of(place) if named == box]
    pairs = [comparable(part, carried) for part in parts]
    if not pairs or any(pair is None for pair in pairs):
        return
    held = sum((pair[0] for pair in pairs if pair), Decimal(0))
    said = next(pair[1] for pair in pairs if pair)
    if abs(held - said) > within:
        yield Fault(
            stated,
            carried,
            held,
            say("%(box)s is said to carry %(carried)s; its items are %(held)s.", box=box, carried=shown(carried), held=shown(held)),
            item_values,
        )


@word("used_by_items")
def used_by_items(place: Place, numbers: Each, items: Each) -> Faults:
    """Every container listed carries something; nothing is decided where the items name no container, or one that is not listed."""
    named, listed = {value for _, value in items.of(place)}, list(numbers.of(place))
    decidable = named and named <= {number for _, number in listed}
    for pointer, number in listed if decidable else ():
        if number not in named:
            yield Fault(numbers, number, sorted(named), say("No item is in %(number)s.", number=number), items, pointer)


@word("stock_counted")
def stock_counted(place: Place, stated: Path, size_type: Path, condition: Path, listed_types: Each, listed_conditions: Each) -> Faults:
    """A count by type and condition is how many such units are listed, where units are listed at all."""
    types = {_element(pointer): value for pointer, value in listed_types.of(place)}
    conditions = {_element(pointer): value for pointer, value in listed_conditions.of(place)}
    counted = Counter((kind, conditions.get(at)) for at, kind in types.items())
    kind, state = size_type.of(place), condition.of(place)
    if types and counted[kind, state] != stated.of(place):
        because = say(
            "The summary counts %(of)s x %(kind)s %(state)s; %(counted)s are listed.",
            of=stated.of(place),
            kind=kind,
            state=state,
            counted=counted[kind, state],
        )
        yield Fault(stated, stated.of(place), counted[kind, state], because, listed_types)


@word("not_more_than_units")
def not_more_than_units(place: Place, units: Path, numbers: Each) -> Faults:
    """Not more containers are named than are ordered."""
    ordered: Any = units.of(place)
    named = [value for _, value in numbers.of(place)]
    if len(named) > ordered:
        yield Fault(
            units,
            ordered,
            len(named),
            say("%(ordered)s are ordered, %(named)s are named: %(named2)s.", ordered=ordered, named=len(named), named2=shown(named)),
            numbers,
        )


def _element(pointer: str) -> str:
    """The list element a JSON Pointer leads into: "/items/3/packages/count" -> "/items/3"."""
    parts = pointer.split("/")
    last = max((n for n, part in enumerate(parts) if part.isdigit()), default=len(parts) - 1)
    return "/".join(parts[: last + 1])
