"""Invoices, credit notes and what is still open; amounts of chosen entries."""

from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.model.document import DocumentSet
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.quantities import like, sized
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

_NONE = Decimal(0)
_TOTALS = {"freight_invoice": "total", "insurer_invoice": "total", "commercial_invoice": "totals.total"}


@word("sum_of_chosen")
def sum_of_chosen(place: Place, total: Path, entries: Each, amount: str, member: str, values: tuple[str, ...]) -> Faults:
    """A total is the sum of an amount over the entries whose member has one of these values, where all are in its currency."""
    stated = total.of(place)
    size, unit = sized(stated)
    chosen = [sized(entry[amount]) for _, entry in entries.of(place) if entry.get(member) in values and amount in entry]
    if any(other != unit for _, other in chosen):
        return
    expected = sum((value for value, _ in chosen), _NONE)
    if size != expected:
        due = like(stated, expected)
        yield Fault(
            total,
            stated,
            due,
            say("%(stated)s is not %(due)s, the sum of %(chosen)s entries.", stated=shown(stated), due=shown(due), chosen=len(chosen)),
            entries,
        )


@word("within_open_balance")
def within_open_balance(place: Place, amount: Path, invoice: Path) -> Faults:
    """A credit is in the currency of the invoice it names and not more than is open on it, other credits and receipts deducted."""
    docs, number, credited = place.context.docs or DocumentSet(), invoice.of(place), amount.of(place)
    billed = next((d for d in docs.documents if d.type in _TOTALS and d.number == number), None)
    if billed is None:
        return
    total = billed.get(_TOTALS[billed.type])
    if total["currency"] != credited["currency"]:
        because = say("%(credited)s is credited, the invoice is in %(currency)s.", credited=shown(credited), currency=total["currency"])
        yield Fault(
            amount,
            credited["currency"],
            total["currency"],
            because,
            other=f"{billed.type} {number}#/{_TOTALS[billed.type].replace('.', '/')}",
        )
        return
    rest = total["value"] - _settled(docs, number, place.context.document.number)
    if credited["value"] > rest:
        due = {**total, "value": rest}
        because = say(
            "%(credited)s is more than %(due)s, which is open on %(number)s.", credited=shown(credited), due=shown(due), number=number
        )
        yield Fault(amount, credited, due, because, other=f"{billed.type} {number}#/{_TOTALS[billed.type].replace('.', '/')}")


def _settled(docs: DocumentSet, invoice: str, apart_from: str) -> Decimal:
    notes = [d for d in docs.of("credit_note") if d.get("invoice.number") == invoice and d.number != apart_from]
    receipts = [d for d in docs.of("payment_receipt") if invoice in [n for _, n in d.each("settles[].number")]]
    return sum((d.get("amount.value") for d in (*notes, *receipts)), _NONE)


@word("charged_as_quoted")
def charged_as_quoted(place: Place, charges: Each, quoted: Each) -> Faults:
    """Of each charge code that was quoted in the same currency as much is charged as was quoted."""
    asked, offered = _by_code(charges, place), _by_code(quoted, place)
    for key in sorted(asked.keys() & offered.keys()):
        (pointer, found), (_, expected) = asked[key], offered[key]
        if found != expected:
            code, currency = key
            because = say(
                "%(code)s: %(currency)s %(found)s is charged, %(currency)s %(expected)s was quoted.",
                code=code,
                currency=currency,
                found=found,
                expected=expected,
            )
            yield Fault(charges, found, expected, because, quoted, f"{pointer}/amount")


def _by_code(charges: Each, place: Place) -> dict[tuple[str, str], tuple[str, Decimal]]:
    """By code and currency the place of the first charge and the sum of all."""
    found: dict[tuple[str, str], tuple[str, Decimal]] = {}
    for pointer, charge in charges.of(place):
        if "code" in charge:
            key = charge["code"], charge["amount"]["currency"]
            first, total = found.get(key, (pointer, _NONE))
            found[key] = first, total + charge["amount"]["value"]
    return found


@word("equals_if_listed")
def equals_if_listed(place: Place, path: Path, to: Path, listed: Each, any_of: tuple[str, ...]) -> Faults:
    """The value equals another where a list names one of certain codes."""
    value, other = path.of(place), to.of(place)
    named = [code for _, code in listed.of(place) if code in any_of]
    if named and other is not None and value != other:
        yield Fault(
            path,
            value,
            other,
            say("%(named)s is listed, and %(value)s is not %(other)s.", named=shown(named[0]), value=shown(value), other=shown(other)),
            to,
        )
