"""Lines of goods in two documents: which line is which, and what must be the same or enough in both."""

from collections.abc import Container, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.model.document import each as each_in
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import comparable, loose, number, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_NAMES = ("buyer_item", "seller_item", "gtin")
Line = Mapping[str, Any]


def same_goods(line: Line, others: list[Line], taken: Container[int] = ()) -> Line | None:
    """The line of another document for the same goods: by an article number both give, else by description, else the only line there is.

    Lines whose id() is `taken` stand for another line already.
    """
    free = [other for other in others if id(other) not in taken]
    for name in _NAMES:
        for other in free:
            if name in line and loose(line[name]) == loose(other.get(name)):
                return other
    alike = [other for other in free if loose(line["description"]) == loose(other["description"])]
    if alike:
        return alike[0]
    told_apart = any(name in line and name in other for name in _NAMES for other in others)
    return free[0] if len(others) == 1 and free and not told_apart else None


@word("same_lines")
def same_lines(place: Place, lines: Each, others: Each, members: tuple[str, ...], some: bool = False) -> Faults:
    """Two documents have the same goods and of each the same members, whatever the order of lines; a price base not given is 1.

    Where `some` lines are enough the first document may leave lines of the second out.
    """
    mine, theirs = list(lines.of(place)), [line for _, line in others.of(place)]
    if not mine or not theirs:
        return
    met: set[int] = set()  # a line stands for one line: the same goods named twice are not the same order
    for pointer, line in mine:
        other = same_goods(line, theirs, met)
        if other is None:
            yield Fault(
                lines,
                line["description"],
                None,
                say("%(description)s is not in the other document.", description=shown(line["description"])),
                others,
                pointer,
            )
            continue
        met.add(id(other))
        for member in members:
            value, expected = line.get(member), other.get(member)
            if value is not None and expected is not None and not _alike(member, line, other):
                because = say(
                    "Line %(line_no)s, %(member)s: %(value)s is not %(expected)s.",
                    line_no=line["line_no"],
                    member=member,
                    value=shown(value),
                    expected=shown(expected),
                )
                yield Fault(lines, value, expected, because, others, f"{pointer}/{member}")
    for line in theirs:
        if id(line) not in met and not some:
            yield Fault(
                lines,
                None,
                line["description"],
                say("%(description)s is missing.", description=shown(line["description"])),
                others,
                mine[0][0],
            )


def _alike(member: str, line: Line, other: Line) -> bool:
    value, expected = line[member], other[member]
    if member == "unit_price":
        if value["currency"] != expected["currency"]:
            return False
        return bool(value["value"] * _base(other) == expected["value"] * _base(line))
    if isinstance(value, Mapping):
        pair = comparable(value, expected)
        return pair is not None and pair[0] == pair[1]
    return bool(loose(value) == loose(expected))


def _base(line: Line) -> Decimal:
    return number(line["price_base"]) if "price_base" in line else Decimal(1)


@word("quantities_agree")
def quantities_agree(place: Place, lines: Each, contents: Each) -> Faults:
    """What is packed of each line number adds up to the quantity of that line."""
    packed: dict[int, list[Any]] = {}
    for _, content in contents.of(place):
        packed.setdefault(content["line_no"], []).append(content["quantity"])
    for pointer, line in lines.of(place):
        stated, found = line["quantity"], packed.pop(line["line_no"], [])
        unit = sized(stated)[1]
        if any(sized(quantity)[1] != unit for quantity in found):
            continue
        total = sum((sized(quantity)[0] for quantity in found), Decimal(0))
        if total != sized(stated)[0]:
            because = say(
                "Line %(line_no)s: %(stated)s, but %(total)s are packed.", line_no=line["line_no"], stated=shown(stated), total=shown(total)
            )
            yield Fault(lines, stated, total, because, contents, f"{pointer}/quantity")
    for number_ in packed:
        yield Fault(lines, None, number_, say("Packages contain line %(number)s, which is not there.", number=number_), contents, "/lines")


@word("shipped_within_order")
def shipped_within_order(place: Place, lines: Each, ordered: Each, tolerance: Path, every: str = "", whole: bool = False) -> Faults:
    """Of each order line not more was shipped (`whole`: not less) than ordered, within the tolerance; over all documents `every`."""
    percent = number(tolerance.of(place) or 0)
    docs = place.context.docs
    shipped: dict[int, Decimal] = {}
    for line in _lines_of(docs.of(every) if docs and every else [], [line for _, line in lines.of(place)]):
        key = line.get("order_line", line["line_no"])
        shipped[key] = shipped.get(key, Decimal(0)) + sized(line["quantity"])[0]
    at = next((pointer for pointer, _ in lines.of(place)), "/lines/0")
    for _, line in ordered.of(place):
        wanted, found = sized(line["quantity"])[0], shipped.get(line["line_no"], Decimal(0))
        limit = wanted * (100 - percent if whole else 100 + percent) / 100
        if found < limit if whole else found > limit:
            because = say(
                "Line %(line_no)s: %(found)s of %(quantity)s ordered, tolerance %(percent)s %%.",
                line_no=line["line_no"],
                found=shown(found),
                quantity=shown(line["quantity"]),
                percent=shown(percent),
            )
            yield Fault(lines, found, limit, because, ordered, f"{at}/quantity")


def _lines_of(documents: list[Any], otherwise: list[Line]) -> Iterator[Line]:
    if not documents:
        yield from otherwise
    for document in documents:
        yield from (line for _, line in each_in(document.data, "lines[]"))


@word("manifested")
def manifested(place: Place, lines: Each, number: Path, packages: Path, gross_weight: Path, shipper: Path) -> Faults:
    """A manifest has a line for a transport document, with its packages, gross weight and shipper."""
    wanted = number.of(place)
    found = [(pointer, line) for pointer, line in lines.of(place) if line["transport_document"]["number"] == wanted]
    if not found:
        yield Fault(lines, None, wanted, say("%(wanted)s is on no line.", wanted=wanted), number, lines.path.pointer(place))
    for pointer, line in found:
        for member, value, path in (
            ("packages/count", line["packages"]["count"], packages),
            ("gross_weight", line["gross_weight"], gross_weight),
            ("consignor/name", line["consignor"]["name"], shipper),
        ):
            expected = path.of(place)
            pair = comparable(value, expected) if not isinstance(value, str) else None
            if expected is not None and loose(value) != loose(expected) and (pair is None or pair[0] != pair[1]):
                yield Fault(
                    lines,
                    value,
                    expected,
                    say("%(value)s is not %(expected)s.", value=shown(value), expected=shown(expected)),
                    path,
                    f"{pointer}/{member}",
                )
