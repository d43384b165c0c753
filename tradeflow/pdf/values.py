"""Values as they stand on paper. Whatever a shared type holds is printed: what has no place of its own follows with its label."""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import pycountry
from babel import dates, numbers

from tradeflow.codec.shape import Node
from tradeflow.language.catalogues import DEFAULT, N_
from tradeflow.model.catalogue import catalogue
from tradeflow.model.content import load
from tradeflow.model.money import minor_units
from tradeflow.pdf.reader import language, named, said, territory, width, with_value


class Withheld:
    """Stands where a value is that this reader may not see."""


WITHHELD: Final = Withheld()
WITHHELD_TEXT: Final = N_("[withheld]")
SEPARATOR: Final = " · "
CONTACT_CHARACTERS_MAX = 42  # of one line in a box of half a page
_EITHER = re.compile(r"(.+?) \(true\) or (.+?)( \(false\))?( type)?")
EITHER = (N_("Full"), N_("Empty"), N_("Shipped"), N_("Received for shipment"), N_("Yes"), N_("No"))
METHODS = (N_("Manual"), N_("Facsimile"), N_("Perforated"), N_("Stamp"), N_("Symbol"), N_("Electronic"))  # of a signature
_CODE = re.compile(r"[A-Z][A-Z0-9_]{3,}")


@functools.cache
def words(list_: str) -> Mapping[str, str]:
    """What paper says for the codes of an open list."""
    found: dict[str, str] = {}
    for root in catalogue().roots:
        file = root / "documents" / "_common" / "print" / "words.toml"
        if file.exists():
            found |= load(file).data.get(list_, {})
    return found


def number(value: Decimal | int, digits: int | None = None) -> str:
    """4200 as "4,200", as the reader writes it; with `digits` after the point at least."""
    after = 0 if isinstance(value, int) else max(-int(value.as_tuple().exponent), digits or 0, 0)
    if language() == DEFAULT:
        return f"{value:,.{after}f}"
    return numbers.format_decimal(value, "#,##0." + "0" * after if after else "#,##0", locale=language())


def day(value: date) -> str:
    """Days as nobody can misread them: 10 Mar 2025."""
    if language() != DEFAULT:
        return dates.format_date(value, "medium", language())
    return (
        f"{value.day} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[value.month - 1]} {value.year}"
    )


def moment(value: datetime) -> str:
    """A moment with its place on the clock: 10 Mar 2025 22:40 UTC+08:00."""
    offset = value.strftime("%z")
    zone = "" if not offset else " UTC" if offset == "+0000" else f" UTC{offset[:3]}:{offset[3:5]}"
    return f"{day(value.date())} {value.strftime('%H:%M:%S' if value.second else '%H:%M')}{zone}"


@functools.cache
def country(code: str) -> str:
    """The short name of a country by its ISO code, in English."""
    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", found.name)) if found else code


def coded(node: Node, value: str) -> str:
    """A code in words, with the code where the words do not contain it."""
    if node.codelist is None:
        return said(value.replace("_", " ")) if language() != DEFAULT and _CODE.fullmatch(value) else value
    name = node.codelist.name
    if name == "country":
        return (territory(value, language()) if language() != DEFAULT else "") or country(value)
    if name == "document_type":
        return said(catalogue().message(value).name if value in catalogue().ids() else words(name).get(value, value))
    meaning = node.codelist.values.get(value) or words(name).get(value, "")
    if meaning:  # "Prepaid (PP)" says it; "(PRE)" behind it would be a riddle
        return said(meaning) if meaning.endswith(")") else f"{said(meaning)} ({value})"
    return said(value.replace("_", " ")) if value in node.codelist.values else value


def label(node: Node) -> str:
    """What stands above a value."""
    return named(plain_label(node.label))


def plain_label(text: str) -> str:
    """ "Full (true) or empty" tells the meaning of true to who writes it, and a reader nothing."""
    return text.replace(" (true)", "").replace(" (false)", "")


def _either(node: Node, value: bool) -> str:
    found = _EITHER.fullmatch(node.label)
    return said(("Yes" if value else "No") if found is None else found[1 if value else 2].capitalize())


def scalar(node: Node, value: Any) -> str:
    """One scalar as text; texts keep their lines."""
    if isinstance(value, Withheld):
        return said(WITHHELD_TEXT)
    if isinstance(value, bool):
        return _either(node, value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (Decimal, int)):
        return number(value) + (" %" if node.scalar == "percent" else "")
    if node.codelist:
        return coded(node, str(value))
    if node.scalar != "code":
        return str(value)
    return said(catalogue().message(value).name) if value in catalogue().ids() else coded(node, str(value))


def lines(node: Node, value: Any) -> list[str]:
    """A value (one element, where the node repeats) as the lines of a box; the first is its name."""
    if isinstance(value, Withheld):
        return [said(WITHHELD_TEXT)]
    if not isinstance(value, Mapping):
        return scalar(node, value).split("\n")
    rest = dict(value)
    write = _WRITERS.get(node.type)
    members = {member.name: member for member in node.members}
    written = [line for line in (write(rest, members) if write else []) if line]
    left = [(label(members[name]), inline(members[name], rest[name])) for name in members if name in rest]
    return written + [text if name == label(node) else with_value(name, text) for name, text in left]


def inline(node: Node, value: Any) -> str:
    """A value in one line, all elements of a list."""
    if isinstance(value, list):
        return "; ".join(inline(node, one) for one in value)
    if not node.members:
        return " ".join(scalar(node, value).split("\n"))
    return ", ".join(" ".join(line.split("\n")) for line in lines(node, value))


Rest = dict[str, Any]
Members = Mapping[str, Node]


def _take(rest: Rest, members: Members, name: str) -> str:
    return inline(members[name], rest.pop(name)) if name in rest else ""


def _amount(rest: Rest, _: Members) -> list[str]:
    if WITHHELD in rest.values():
        return []
    currency, value = rest.pop("currency"), rest.pop("value")
    return [f"{currency} {number(value, minor_units(currency))}"]


def _quantity(rest: Rest, _: Members) -> list[str]:
    if WITHHELD in rest.values():
        return []
    unit, value = rest.pop("unit"), rest.pop("value")
    return [f"{number(value)} {said(words('unit').get(unit, unit))}"]


def _address(rest: Rest, members: Members) -> list[str]:
    written = list(map(str, rest.pop("lines", []))) if not isinstance(rest.get("lines"), Withheld) else []
    above = " ".join(written).casefold()
    street, box = _take(rest, members, "street"), _take(rest, members, "po_box")
    town = [_take(rest, members, "postcode"), _take(rest, members, "city")]
    region, land = _take(rest, members, "region"), _take(rest, members, "country")
    place = ", ".join(dict.fromkeys(part for part in (" ".join(filter(None, town)), region, land) if part))
    known = bool(written) and all(part.casefold() in above for part in town if part)
    box = said("PO box %(number)s", number=box) if box else ""
    return [*written, street, box, land if known and land.casefold() not in above else "" if known else place]


def _contact(rest: Rest, members: Members) -> list[str]:
    who = SEPARATOR.join(filter(None, (_take(rest, members, name) for name in ("name", "phone"))))
    email = _take(rest, members, "email")
    whole = SEPARATOR.join(filter(None, (who, email)))
    return [whole] if width(whole) <= CONTACT_CHARACTERS_MAX else [who, email]


def _nested(rest: Rest, members: Members, name: str) -> list[str]:
    return lines(members[name], rest.pop(name)) if name in rest else []


def _party(rest: Rest, members: Members) -> list[str]:
    name, scheme = _take(rest, members, "name"), _take(rest, members, "tax_id_scheme")
    address, contact = _nested(rest, members, "address"), _nested(rest, members, "contact")
    tax, lei, account = (_take(rest, members, one) for one in ("tax_id", "lei", "account_code"))
    ids = [f"{scheme or said('Tax id')} {tax}" if tax else "", f"LEI {lei}" if lei else "", _account_no(account)]
    rest.pop("party_id", None)  # the hub's own name for the party; the embedded data has it
    return [name, *address, *contact, SEPARATOR.join(filter(None, ids))]


def _bank(rest: Rest, members: Members) -> list[str]:
    name, branch, bic = (_take(rest, members, one) for one in ("name", "branch", "bic"))
    address, reference = _nested(rest, members, "address"), _take(rest, members, "reference")
    return [name, branch, f"BIC {bic}" if bic else "", *address, said("Ref. %(number)s", number=reference) if reference else ""]


def _account_no(number: str) -> str:
    return said("Account %(number)s", number=number) if number else ""


def _account(rest: Rest, members: Members) -> list[str]:
    holder, iban, account, currency = (_take(rest, members, one) for one in ("holder", "iban", "number", "currency"))
    which = SEPARATOR.join(filter(None, (f"IBAN {iban}" if iban else "", _account_no(account), currency)))
    return [holder, which, *_nested(rest, members, "bank")]


def _location(rest: Rest, members: Members) -> list[str]:
    name, land = _take(rest, members, "name"), _take(rest, members, "country")
    code = ", ".join(filter(None, (_take(rest, members, "unlocode"), _take(rest, members, "iata"))))
    place = name if not land or land.casefold() in name.casefold() else f"{name}, {land}"
    return [f"{place} ({code})" if code else place]


def _reference(rest: Rest, members: Members) -> list[str]:
    kind, no, version = (_take(rest, members, one) for one in ("type", "number", "version"))
    dated, issuer = _take(rest, members, "date"), _take(rest, members, "issuer")
    what = said("%(document)s version %(n)s", document=f"{kind} {no}", n=version) if version else f"{kind} {no}"
    what = said("%(document)s of %(day)s", document=what, day=dated) if dated else what
    return [what + (f", {issuer}" if issuer else "")]


def _terms(rest: Rest, members: Members) -> list[str]:
    rule, place, version = (_take(rest, members, one) for one in ("incoterm", "place", "version"))
    return [" ".join(filter(None, (rule, place))) + (f", {version}" if version else "")]


def _payment(rest: Rest, members: Members) -> list[str]:
    return [_take(rest, members, "text")]


def _package(rest: Rest, members: Members) -> list[str]:
    count, code = _take(rest, members, "count"), rest.pop("type", "")
    kind = said(WITHHELD_TEXT) if isinstance(code, Withheld) else said(words("package_type").get(code, code))
    numbers, marks = _take(rest, members, "numbers"), _take(rest, members, "marks")
    sizes = [_take(rest, members, one) for one in ("length", "width", "height")]
    measures = [name for name in ("gross_weight", "net_weight", "volume") if name in rest]
    weighed = [with_value(label(members[one]), _take(rest, members, one)) for one in measures]
    numbered = said("No. %(number)s", number=numbers) if numbers else ""
    return [f"{count} {kind}", numbered, marks, " × ".join(filter(None, sizes)), SEPARATOR.join(weighed)]


def _period(rest: Rest, members: Members) -> list[str]:
    start, end = _take(rest, members, "start"), _take(rest, members, "end")
    return [said("%(start)s to %(end)s", start=start, end=end) if start and end else start or end]


def _signature(rest: Rest, members: Members) -> list[str]:
    who, capacity, principal = (_take(rest, members, one) for one in ("signatory", "capacity", "on_behalf_of"))
    method = rest.pop("method", "")
    method = said(WITHHELD_TEXT if isinstance(method, Withheld) else method.capitalize() if method.isupper() else method)
    place, dated = (_take(rest, members, one) for one in ("place", "date"))
    capacity = capacity.capitalize() if capacity.isupper() else capacity
    acts = said("%(capacity)s for %(principal)s", capacity=capacity, principal=principal) if principal else capacity
    return [who, acts, ", ".join(filter(None, (place, dated))), method]


def _clause(rest: Rest, members: Members) -> list[str]:
    return [_take(rest, members, "text")]


def compact(node: Node) -> bool:
    """Whether a shared type has a form of its own on paper, so that it takes one place among other facts."""
    return node.type in _WRITERS


_WRITERS: Mapping[str, Callable[[Rest, Members], list[str]]] = {
    "Amount": _amount,
    "Quantity": _quantity,
    "Measure": _quantity,
    "Address": _address,
    "Contact": _contact,
    "Party": _party,
    "Bank": _bank,
    "BankAccount": _account,
    "Location": _location,
    "DocumentReference": _reference,
    "TradeTerms": _terms,
    "PaymentTerms": _payment,
    "Package": _package,
    "Period": _period,
    "Signature": _signature,
    "Clause": _clause,
}
