"""Handing over against documents: what a bill, a house bill and the orders of delivery say of the same cargo."""

from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.document import each as each_in
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, loose, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word
from tradeflow.rules.words.dates import day


@word("cumulated_at_most")
def cumulated_at_most(place: Place, parts: Each, limit: Path, alike: Path, every: str, unless: str = "") -> Faults:
    """Over all documents of a type that name the same bill, a number adds up to no more than that bill has."""
    docs, shared = place.context.docs, alike.of(place)
    path, same, most = (given.text.partition(":")[2] for given in (parts, alike, limit))
    bill = next((d for d in (docs.documents if docs else ()) if d.number == shared and d.get(most) is not None), None)
    if docs is None or bill is None:
        return
    counted = [d for d in docs.of(every) if d.get(same) == shared and not (unless and d.get(unless))]
    top, unit = sized(bill.get(most))
    sizes = [sized(value) for document in counted for _, value in each_in(document.data, path)]
    if any(other != unit for _, other in sizes):
        return
    total = sum((size for size, _ in sizes), Decimal(0))
    if total > top:
        listed = say("%(counted)s documents for %(shared)s", counted=len(counted), shared=shared) if len(counted) > 1 else str(shared)
        pointer = next((pointer for pointer, _ in parts.of(place)), "")
        yield Fault(
            parts,
            total,
            top,
            say(
                "%(listed)s add up to %(total)s; %(label)s is %(top)s.",
                listed=listed,
                total=shown(total),
                label=limit.label,
                top=shown(top),
            ),
            limit,
            pointer,
        )


@word("container_of_one_house")
def container_of_one_house(place: Place, containers: Each, every: str) -> Faults:
    """A container loaded for one shipper (FCL) is in one document of a type only; one loaded for several (LCL) may be in several."""
    docs, mine = place.context.docs, place.context.documents
    others = [d for d in (docs.of(every) if docs else ()) if all(d.number != own.number for own in mine.values())]
    for pointer, box in containers.of(place):
        if box.get("load_type") != "FCL":
            continue
        for other in others:
            if any(number == box["number"] for _, number in each_in(other.data, "containers[].number")):
                because = say("%(number)s is loaded FCL and is in %(number2)s too.", number=box["number"], number2=other.number)
                yield Fault(containers, box["number"], None, because, pointer=f"{pointer}/number")


@word("carried_over")
def carried_over(place: Place, charges: Each, of: Each, terms: str) -> Faults:
    """Charges that another document leaves to be collected stand here with the same amount."""
    due = {charge["code"]: charge["amount"] for _, charge in of.of(place) if charge.get("terms") == terms and "code" in charge}
    here: dict[str, tuple[str, Any]] = {}
    for pointer, charge in charges.of(place):
        if "code" in charge:
            here[charge["code"]] = (f"{pointer}/amount", charge["amount"])
    start = charges.path.pointer(place)
    for code, amount in due.items():
        pointer, found = here.get(code, (start, None))
        if found is None or comparable(found, amount) != (amount["value"], amount["value"]):
            yield Fault(
                charges,
                found,
                amount,
                say(
                    "%(code)s: %(found)s is announced, %(amount)s is to be collected.", code=code, found=shown(found), amount=shown(amount)
                ),
                of,
                pointer,
            )


@word("mass_of_container")
def mass_of_container(
    place: Place, mass: Path, number: Path, tare: Path, dunnage: Path, containers: Each, within_percent: Decimal
) -> Faults:
    """A verified gross mass is tare, cargo and dunnage of that container on the bill, within so many percent."""
    stated, own, box = mass.of(place), tare.of(place), number.of(place)
    for pointer, listed in containers.of(place):
        cargo, empty = listed.get("cargo_gross_weight"), own or listed.get("tare")
        if listed["number"] != box or cargo is None or empty is None:
            continue
        parts = [sized(part)[0] for part in (empty, cargo, dunnage.of(place)) if part is not None]
        due, verified = sum(parts, Decimal(0)), sized(stated)[0]
        if abs(verified - due) * 100 > due * within_percent:
            because = say(
                "%(stated)s is more than %(within_percent)s %% off %(parts)s = %(due)s KGM.",
                stated=shown(stated),
                within_percent=shown(within_percent),
                parts=" + ".join(map(shown, parts)),
                due=shown(due),
            )
            yield Fault(mass, stated, due, because, containers, other=f"{pointer}/cargo_gross_weight")


@word("not_while_credit_asks")
def not_while_credit_asks(place: Place, surrendered: Path, expires: Path, asked: Each, types: tuple[str, ...]) -> Faults:
    """A bill is not surrendered before a credit that asks for one has expired."""
    when, end = surrendered.of(place), expires.of(place)
    if end is not None and day(when) <= day(end) and any(kind in types for kind in asked.values(place)):
        yield Fault(surrendered, when, end, say("The credit asks for the bill and runs until %(end)s.", end=shown(end)), expires)


@word("within_cutoff")
def within_cutoff(place: Place, moment: Path, codes: Each, times: Each, code: str) -> Faults:
    """A moment is not after the cut-off of this code; a booking that states none sets none."""
    at = {pointer.rpartition("/")[0]: time for pointer, time in times.of(place)}
    for pointer, name in codes.of(place):
        limit = at.get(pointer.rpartition("/")[0])
        if name == code and limit is not None and moment.of(place) > limit:
            because = say("%(of)s is after the cut-off %(code)s %(limit)s.", of=shown(moment.of(place)), code=code, limit=shown(limit))
            yield Fault(moment, moment.of(place), limit, because, times)


@word("includes_all", even_if_absent=True)
def includes_all(place: Place, values: Each, all_of: tuple[str, ...]) -> Faults:
    """Among the values is every one of those named."""
    given = values.values(place)
    missing = [value for value in all_of if value not in given]
    if missing:
        start = values.text.partition("[")[0].replace(".", "/")
        yield Fault(values, given, list(all_of), say("%(missing)s is missing.", missing=shown(missing)), pointer=f"/{start}")


@word("addressed_once_known")
def addressed_once_known(place: Place, roles: Each, all_of: tuple[str, ...], type: Path) -> Faults:
    """A message goes to each of these roles; asked once a document of the type it follows is in the trade, whichever it names."""
    state = place.context.state
    if state is not None and not any(entry.type == type.of(place) for entry in state.standing):
        return
    yield from includes_all(place, roles, all_of)


@word("not_returned")
def not_returned(place: Place, number: Path) -> Faults:
    """The container has not been returned empty, as far as the trade knows."""
    state, box = place.context.state, number.of(place)
    if state is not None and state.containers.get(box) == "return":
        yield Fault(number, box, None, say("%(box)s was returned empty.", box=box))


@word("same_party")
def same_party(place: Place, party: Path, other: Path, or_other: Path | None = None) -> Faults:
    """Two parties are the same: by party id where both have one, else by name."""
    mine = party.of(place)
    named = [theirs for path in (other, or_other) if path and (theirs := path.of(place)) is not None]
    if named and not any(_same(mine, theirs) for theirs in named):
        yield Fault(
            party,
            mine["name"],
            [theirs["name"] for theirs in named],
            say("%(mine)s is not %(named)s.", mine=shown(mine), named=shown(named)),
            other,
        )


def _same(one: Any, two: Any) -> bool:
    ids = one.get("party_id"), two.get("party_id")
    return bool(ids[0] == ids[1]) if None not in ids else bool(loose(one["name"]) == loose(two["name"]))
