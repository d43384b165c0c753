"""Licences, notifications and inspections: the control list, who applies, what a licence covers."""

from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
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
        yield Fault(
            code,
            value,
            f"{row.scheme} {row.kind}",
            say(
                "%(value)s is listed: %(text)s; a %(kind)s under %(scheme)s.",
                value=value,
                text=row.text,
                kind=row.kind.lower(),
                scheme=row.scheme,
            ),
        )


@word("scheme_as_listed", holds=lambda value, code, scheme, kind: listed(value) is None)
def scheme_as_listed(place: Place, code: Path, scheme: Path, kind: Path) -> Faults:
    """Scheme and kind of a licence are those under which the control list has the goods."""
    row = listed(code.of(place))
    if row is None:
        return
    for path, expected in ((scheme, row.scheme), (kind, row.kind)):
        value = path.of(place)
        if value != expected:
            yield Fault(
                path,
                value,
                expected,
                say(
                    "%(of)s is listed under %(scheme)s as %(kind)s, not %(value)s.",
                    of=code.of(place),
                    scheme=row.scheme,
                    kind=row.kind,
                    value=shown(value),
                ),
                code,
            )


@word("controlled_has_licence", holds=lambda value, code, licences: listed(value) is None)
def controlled_has_licence(place: Place, code: Path, licences: Path) -> Faults:
    """Goods on the control list name their licence, certificate, permit or notification."""
    row = listed(code.of(place))
    if row is not None and not licences.of(place):
        because = say("%(of)s is controlled (%(text)s) and no %(kind)s is named.", of=code.of(place), text=row.text, kind=row.kind.lower())
        yield Fault(licences, None, f"{row.scheme} {row.kind}", because, code)


@word("licence_on_lines")
def licence_on_lines(place: Place, number: Path, goods: Each, lines: Each) -> Faults:
    """Every manifest line with goods a licence or notification covers (same HS code) names its number."""
    wanted, codes = number.of(place), {code for _, code in goods.of(place)}
    for pointer, line in lines.of(place):
        named = [reference["number"] for reference in line.get("licence_refs", ())]
        if line.get("hs_code") in codes and loose(wanted) not in {loose(name) for name in named}:
            because = say(
                "Line %(seq)s, HS %(hs_code)s, names %(named)s, not %(wanted)s.",
                seq=line["seq"],
                hs_code=line["hs_code"],
                named=shown(named),
                wanted=wanted,
            )
            yield Fault(lines, named, wanted, because, number, f"{pointer}/licence_refs")


@word("within_licence")
def within_licence(place: Place, lines: Each, licensed: Each) -> Faults:
    """Of each HS code a licence covers, quantity and value of the lines are not more than licensed; one line at least is covered."""
    every = list(lines.of(place))
    codes = {line.get("hs_code") for _, line in licensed.of(place)}
    covered = [(pointer, line) for pointer, line in every if line.get("hs_code") in codes]
    if every and not covered and all("hs_code" in line for _, line in every):
        stated = sorted({line["hs_code"] for _, line in every})
        because = say(
            "The goods are of HS %(stated)s, the licence is for %(codes)s.", stated=shown(stated), codes=shown(sorted(map(str, codes)))
        )
        yield Fault(lines, stated, sorted(map(str, codes)), because, licensed, every[0][0])
    for code in sorted({line["hs_code"] for _, line in covered}):
        at = next(pointer for pointer, line in covered if line["hs_code"] == code)
        for member in ("quantity", "line_amount"):
            moved = _total([line for _, line in covered if line["hs_code"] == code], member)
            allowed = _total([line for _, line in licensed.of(place) if line.get("hs_code") == code], member)
            for unit in sorted(moved.keys() & allowed.keys()):
                if moved[unit] > allowed[unit]:
                    because = say(
                        "HS %(code)s, %(member)s: %(moved)s %(unit)s; licensed are %(allowed)s.",
                        code=code,
                        member=member,
                        moved=shown(moved[unit]),
                        unit=unit,
                        allowed=shown(allowed[unit]),
                    )
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
    yield from _against_sum(place, path, parts, less=True)


@word("at_most_sum")
def at_most_sum(place: Place, path: Path, parts: Each) -> Faults:
    """A quantity is not more than the sum of others in the same unit; nothing is decided where units differ."""
    yield from _against_sum(place, path, parts, less=False)


def _against_sum(place: Place, path: Path, parts: Each, less: bool) -> Faults:
    stated = path.of(place)
    size, unit = sized(stated)
    sizes = [sized(value) for value in parts.values(place)]
    if not sizes or any(other != unit for _, other in sizes):
        return
    total = sum((value for value, _ in sizes), _NONE)
    if size < total if less else size > total:
        said = {"stated": shown(stated), "total": shown(total)}
        because = say("%(stated)s is less than %(total)s.", **said) if less else say("%(stated)s is more than %(total)s.", **said)
        yield Fault(path, stated, total, because, parts)


@word("cleared_by")
def cleared_by(place: Place, party_id: Path, direction: Path) -> Faults:
    """Export is cleared by the seller except under EXW, import by the buyer except under DDP, each by itself or by an agent."""
    way = direction.of(place)
    if way in (*_EXPORT, *_IMPORT):
        task = "export" if way in _EXPORT else "import"
        yield from _borne_by(
            place, party_id, task, say("obtains the export licence") if task == "export" else say("obtains the import licence")
        )


@word("pays_inspection")
def pays_inspection(place: Place, party_id: Path, mandated_by: Path, seller: Path, buyer: Path) -> Faults:
    """An inspection the country of export demands is paid by the seller except under EXW, one of import by the buyer except under DDP."""
    country = mandated_by.of(place)
    if country is not None and seller.of(place) != buyer.of(place) and country in (seller.of(place), buyer.of(place)):
        task = "export" if country == seller.of(place) else "import"
        yield from _borne_by(
            place,
            party_id,
            task,
            say("pays the inspection that the country of export demands")
            if task == "export"
            else say("pays the inspection that the country of import demands"),
        )


def _borne_by(place: Place, party_id: Path, task: str, does: str) -> Faults:
    """Faults if the party is the wrong one of seller and buyer for an export or import formality; agents are not judged."""
    state, party = place.context.state, party_id.of(place)
    term = state.terms.get("incoterm") if state else None
    if state is None or term is None:
        return
    seller = term != "EXW" if task == "export" else term == "DDP"
    role, held = "exporter" if seller else "importer", state.roles_of(party)
    if held & {"exporter", "importer"} and role not in held:
        yield Fault(
            party_id,
            party,
            role,
            say(
                "Under %(term)s the %(role)s %(does)s; %(party)s is %(held)s.",
                term=term,
                role=role,
                does=does,
                party=party,
                held=shown(sorted(held)),
            ),
        )


@word("among_listed")
def among_listed(place: Place, values: Each, listed: Each) -> Faults:
    """Every value is one of those listed elsewhere, case, spaces and punctuation aside; nothing is decided where none is listed."""
    known = [value for _, value in listed.of(place)]
    same = {loose(value) for value in known}
    for pointer, value in values.of(place):
        if same and loose(value) not in same:
            yield Fault(
                values, value, known, say("%(value)s is not among %(known)s.", value=shown(value), known=shown(known)), listed, pointer
            )


@word("seals_as_seen")
def seals_as_seen(place: Place, number: Path, seals: Each, containers: Each) -> Faults:
    """A container that is listed elsewhere with seals bears the same seals."""
    seen, bears = number.of(place), [seal["number"] for _, seal in seals.of(place)]
    for _, container in containers.of(place):
        wanted = [seal["number"] for seal in container.get("seals", ())]
        if container["number"] == seen and wanted and bears and {loose(s) for s in wanted} != {loose(s) for s in bears}:
            because = say("%(seen)s bears %(bears)s; %(wanted)s was seen.", seen=seen, bears=shown(bears), wanted=shown(wanted))
            yield Fault(seals, bears, wanted, because, containers, f"{seals.path.pointer(place)}")


@word("declared_alike")
def declared_alike(place: Place, items: Each, others: Each) -> Faults:
    """Two declarations have the same HS codes (six digits), and of each the same quantity where units agree."""
    mine, theirs = _by_heading(items, place), _by_heading(others, place)
    for code in sorted(mine.keys() ^ theirs.keys()):
        here = code in mine
        pointer = mine[code][0] if here else next(iter(mine.values()), ("/items", {}))[0]
        where = "the first only" if here else "the second only"
        yield Fault(
            items,
            code if here else None,
            None if here else code,
            say("HS %(code)s is declared in %(where)s.", code=code, where=where),
            others,
            pointer,
        )
    for code in sorted(mine.keys() & theirs.keys()):
        (pointer, first), (_, second) = mine[code], theirs[code]
        for unit in sorted(first.keys() & second.keys()):
            if first[unit] != second[unit]:
                because = say(
                    "HS %(code)s: %(first)s %(unit)s and %(second)s %(unit)s.",
                    code=code,
                    first=shown(first[unit]),
                    unit=unit,
                    second=shown(second[unit]),
                )
                yield Fault(items, first[unit], second[unit], because, others, f"{pointer}/quantity")


def _by_heading(items: Each, place: Place) -> dict[str, tuple[str, dict[str, Decimal]]]:
    """By the first six digits: where the first item stands, and the items' quantities by unit."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for pointer, item in items.of(place):
        found.setdefault(item["commodity_code"][:6], []).append((pointer, item))
    return {code: (entries[0][0], _total([item for _, item in entries], "quantity")) for code, entries in found.items()}


@word("same_start")
def same_start(place: Place, values: Each, digits: int, path: Path, any_of: tuple[str, ...]) -> Faults:
    """Codes have the same first digits, unless another value is one of those that let them differ."""
    if path.of(place) in any_of:
        return
    every = list(values.of(place))
    for pointer, value in every:
        if value[:digits] != every[0][1][:digits]:
            yield Fault(
                values,
                value,
                every[0][1][:digits],
                say("%(value)s does not start with %(every)s.", value=value, every=every[0][1][:digits]),
                path,
                pointer,
            )
