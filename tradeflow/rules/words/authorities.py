"""Licences, notifications and inspections: the control list, who applies, what a licence covers."""

from decimal import Decimal
from typing import Any

from tradeflow.model.catalogue import catalogue
from tradeflow.model.goods import Control, control, controls
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import loose, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_NONE = Decimal(0)
_EXPORT, _IMPORT = ("EXPORT", "RE_EXPORT"), ("IMPORT",)


def listed(code: Any) -> Control | None:
    """The row of the control list that an HS code falls under, or None."""
    return control(str(code), controls(catalogue().roots))


@word("free_of_control", holds=lambda value, code: listed(value) is None)
def free_of_control(place: Place, code: Path) -> Faults:
    """The HS code is not on the control list; where it is, the finding says under which scheme and what to apply for."""
    value = code.of(place)
    row = listed(value)
    if row is not None:
        yield Fault(code, value, f"{row.scheme} {row.kind}", f"{value} is listed: {row.text}; a {row.kind.lower()} under {row.scheme}.")


@word("scheme_as_listed", holds=lambda value, code, scheme, kind: listed(value) is None)
def scheme_as_listed(place: Place, code: Path, scheme: Path, kind: Path) -> Faults:
    """Scheme and kind of a licence are those under which the control list has the goods."""
    row = listed(code.of(place))
    if row is None:
        return
    for path, expected in ((scheme, row.scheme), (kind, row.kind)):
        value = path.of(place)
        if value != expected:
            yield Fault(path, value, expected, f"{code.of(place)} is listed under {row.scheme} as {row.kind}, not {shown(value)}.", code)


@word("controlled_has_licence", holds=lambda value, code, licences: listed(value) is None)
def controlled_has_licence(place: Place, code: Path, licences: Path) -> Faults:
    """Goods on the control list name their licence, certificate, permit or notification."""
    row = listed(code.of(place))
    if row is not None and not licences.of(place):
        because = f"{code.of(place)} is controlled ({row.text}) and no {row.kind.lower()} is named."
        yield Fault(licences, None, f"{row.scheme} {row.kind}", because, code)


@word("licence_on_lines")
def licence_on_lines(place: Place, number: Path, goods: Each, lines: Each) -> Faults:
    """Every manifest line with goods a licence or notification covers (same HS code) names its number."""
    wanted, codes = number.of(place), {code for _, code in goods.of(place)}
    for pointer, line in lines.of(place):
        named = [reference["number"] for reference in line.get("licence_refs", ())]
        if line.get("hs_code") in codes and loose(wanted) not in {loose(name) for name in named}:
            because = f"Line {line['seq']}, HS {line['hs_code']}, names {shown(named)}, not {wanted}."
            yield Fault(lines, named, wanted, because, number, f"{pointer}/licence_refs")


@word("within_licence")
def within_licence(place: Place, lines: Each, licensed: Each) -> Faults:
    """Of each HS code a licence covers, quantity and value of the lines are not more than licensed; one line at least is covered."""
    every = list(lines.of(place))
    codes = {line.get("hs_code") for _, line in licensed.of(place)}
    covered = [(pointer, line) for pointer, line in every if line.get("hs_code") in codes]
    if every and not covered and all("hs_code" in line for _, line in every):
        stated = sorted({line["hs_code"] for _, line in every})
        because = f"The goods are of HS {shown(stated)}, the licence is for {shown(sorted(map(str, codes)))}."
        yield Fault(lines, stated, sorted(map(str, codes)), because, licensed, every[0][0])
    for code in sorted({line["hs_code"] for _, line in covered}):
        at = next(pointer for pointer, line in covered if line["hs_code"] == code)
        for member in ("quantity", "line_amount"):
            moved = _total([line for _, line in covered if line["hs_code"] == code], member)
            allowed = _total([line for _, line in licensed.of(place) if line.get("hs_code") == code], member)
            for unit in sorted(moved.keys() & allowed.keys()):
                if moved[unit] > allowed[unit]:
                    because = f"HS {code}, {member}: {shown(moved[unit])} {unit}; licensed are {shown(allowed[unit])}."
                    yield Fault(lines, moved[unit], allowed[unit], because, licensed, f"{at}/{member}")


def _total(lines: list[Any], member: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in lines:
        if member in line:
            size, unit = sized(line[member])
            found[unit] = found.get(unit, _NONE) + size
    return found


@word("at_least_sum")
def at_least_sum(place: Place, path: Path, parts: Each) -> Faults:
    """A quantity is at least the sum of others in the same unit; nothing is decided where units differ."""
    yield from _against_sum(place, path, parts, lambda size, total: size >= total, "less")


@word("at_most_sum")
def at_most_sum(place: Place, path: Path, parts: Each) -> Faults:
    """A quantity is not more than the sum of others in the same unit; nothing is decided where units differ."""
    yield from _against_sum(place, path, parts, lambda size, total: size <= total, "more")


def _against_sum(place: Place, path: Path, parts: Each, fits: Any, says: str) -> Faults:
    stated = path.of(place)
    size, unit = sized(stated)
    sizes = [sized(value) for value in parts.values(place)]
    if not sizes or any(other != unit for _, other in sizes):
        return
    total = sum((value for value, _ in sizes), _NONE)
    if not fits(size, total):
        yield Fault(path, stated, total, f"{shown(stated)} is {says} than {shown(total)}.", parts)


@word("cleared_by")
def cleared_by(place: Place, party_id: Path, direction: Path) -> Faults:
    """Export is cleared by the seller except under EXW, import by the buyer except under DDP, each by itself or by an agent."""
    state, party, way = place.context.state, party_id.of(place), direction.of(place)
    term = state.terms.get("incoterm") if state else None
    if state is None or term is None or way not in (*_EXPORT, *_IMPORT):
        return
    seller = term != "EXW" if way in _EXPORT else term == "DDP"
    role, held = "exporter" if seller else "importer", state.roles_of(party)
    if held & {"exporter", "importer"} and role not in held:
        task = "export" if way in _EXPORT else "import"
        yield Fault(party_id, party, role, f"Under {term} the {role} obtains the {task} licence; {party} is {shown(sorted(held))}.")
