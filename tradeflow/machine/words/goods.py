"""Words about controlled goods: the lists in workflows/_common/goods.toml, licences and notifications."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.machine.case import ORDERS, Case
from tradeflow.machine.words import Verdict, at_fault, misstated, word
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding

LODGED_LICENCE = ("lodged", "used")
LODGED_NOTIFICATION = ("lodged", "delivered", "acknowledged")


@word(reads=(*ORDERS, "proforma_invoice", "commercial_invoice"))
def goods_listed(case: Case, listing: str) -> Verdict:
    """The HS code of at least one line of the order (else of the invoice) is on a list of workflows/_common/goods.toml."""
    return _listed(case, listing, _codes(case.latest(*ORDERS, "proforma_invoice") or case.latest("commercial_invoice")))


@word(reads=("licence", "trade_notification", *ORDERS))
def manifest_licensed(case: Case) -> Verdict:
    """Every controlled line of the manifest names its licence or notification, or the carrier holds one for this trade."""
    lines = case.value("lines") or []
    rows = case.machine.goods.get("controlled", ())
    order = list(_codes(case.latest(*ORDERS)))
    missing = [
        say("line %(get)s", get=line.get("seq"))
        for line in lines
        if not line.get("licence_refs") and any(_hit(rows, code) for code in ([line["hs_code"]] if "hs_code" in line else order))
    ]
    held = _held(case)
    if not missing or held:
        return Verdict(True, say("the carrier holds %(held)s", held=held) if missing else "no controlled article without a licence number")
    return Verdict(
        False,
        say("%(missing)s: controlled article without licence or notification", missing=", ".join(missing)),
        "lodge the licence with the carrier first",
    )


def _held(case: Case) -> str:
    if any(state in LODGED_LICENCE for state in case.states_of("regulatory.licence").values()):
        return "the licence"
    if any(state in LODGED_NOTIFICATION for state in case.states_of("regulatory.notification").values()):
        return "the notification"
    return ""


def _codes(document: Document | None) -> Iterator[str]:
    if document is not None:
        for _, line in document.each("lines[]"):
            if code := line.get("hs_code") or line.get("national_code"):
                yield str(code)


def _hit(rows: Any, code: str) -> Any:
    return next((row for row in rows if code.startswith(row["hs"])), None)


def _listed(case: Case, listing: str, codes: Iterator[str]) -> Verdict:
    rows, seen = case.machine.goods.get(listing, ()), []
    for code in codes:
        seen.append(code)
        if row := _hit(rows, code):
            return Verdict(True, say("%(code)s is on the list: %(text)s", code=code, text=row["text"]))
    says = say("%(seen)s not on the list of %(listing)s goods", seen=", ".join(seen), listing=listing) if seen else "no HS code is known"
    return Verdict(False, says, say("the list of %(listing)s goods is in workflows/_common/goods.toml", listing=listing))


@word(reads=("booking_confirmation",))
def valid_on_movement(case: Case) -> Verdict:
    """The document (valid_from, valid_until) is valid on the planned day of departure, else today."""
    booking = case.latest("booking_confirmation")
    planned = next((leg["etd"] for leg in (booking.get("legs") or () if booking else ()) if "etd" in leg), case.now)
    day, start, end = planned.date(), case.value("valid_from"), case.value("valid_until")
    holds = start is not None and end is not None and start <= day <= end
    path, stated = ("valid_until", end) if end is None or end < day else ("valid_from", start)
    wrong = () if holds else (misstated("M-LPC-02", path, stated, day),)
    return Verdict(
        holds,
        say("movement %(day)s, valid %(start)s to %(end)s", day=day, start=start, end=end),
        "a licence valid on the day of movement",
        wrong,
    )


@word(reads=("licence", "commercial_invoice", "packing_list"))
def licence_spent(case: Case, spent: bool) -> Verdict:
    """The licence is used up by this movement (single use, or nothing left of its balance), or, spent = false, it is not."""
    licence = case.latest("licence")
    if licence is None:
        return Verdict(False, "there is no licence in this trade", "lodge the licence first")
    left = licence_balance(case, licence)
    used_up = not licence.get("multi_use") or (left is not None and left <= 0)
    says = "single use" if not licence.get("multi_use") else say("balance %(left)s", left=left if left is not None else "not stated")
    if used_up is spent:
        return Verdict(True, say("licence %(number)s: %(says)s", number=licence.number, says=says))
    return Verdict(
        False, say("licence %(number)s: %(says)s", number=licence.number, says=says), findings=(_granted_for(case, licence, spent),)
    )


def _granted_for(case: Case, licence: Document, spent: bool) -> Finding:
    """What the licence would have to grant for this movement to use it up, or to leave something of it."""
    if not licence.get("multi_use"):
        return at_fault("M-LPC-04", licence, "multi_use", False, True)
    stated, left = licence.get("quantity_balance.value"), licence_balance(case, licence)
    if stated is None or left is None:
        return at_fault("M-LPC-04", licence, "quantity_balance", None, "a value")
    return at_fault("M-LPC-04", licence, "quantity_balance.value", stated, stated - left + (0 if spent else _moved(case)))


def licence_balance(case: Case, licence: Document) -> Decimal | None:
    """What is left of a licence after the goods of this trade moved, in its own unit; None if it states no balance."""
    stated = case.attribute("licence.balance") or licence.get("quantity_balance.value")
    if stated is None:
        return None
    return Decimal(stated) - _moved(case)


def _moved(case: Case) -> Decimal:
    invoice = case.latest("commercial_invoice")
    return sum((v for _, v in invoice.each("lines[].quantity.value")), Decimal(0)) if invoice else Decimal(0)
