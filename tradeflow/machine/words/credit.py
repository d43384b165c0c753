"""Words about a documentary credit: its period, balance and amendments."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tradeflow.language.sentences import say
from tradeflow.machine.calendars import country_of, next_open
from tradeflow.machine.case import TRANSPORT_DOCUMENTS, Case, scalar
from tradeflow.machine.words import Verdict, at_fault, misstated, word
from tradeflow.model.document import Document

CREDIT = ("letter_of_credit", "lc_amendment")
SHIPPED = ("on_board_date", "actual_shipment_notation", "flight.date", "executed_on", "issue_date")


def shipped_on(documents: Iterable[Document]) -> date | None:
    """The date of shipment of the newest transport document among these, or None."""
    for document in documents:
        for path in SHIPPED:
            value = document.get(path)
            if isinstance(value, date):
                return value.date() if isinstance(value, datetime) else value
    return None


@word(reads=(*CREDIT, *TRANSPORT_DOCUMENTS))
def within_presentation_period(case: Case) -> Verdict:
    """Today is within the presentation period after shipment (field 48, else 21 days) and not after expiry.

    A last day on which the bank is closed runs on to its next open day (UCP 600 art. 29(a)). Documents sent on approval
    (basis LC_ON_APPROVAL) are not bound by the period.
    """
    if case.value("basis") == "LC_ON_APPROVAL":
        return Verdict(True, "sent on approval")
    credit = case.latest("letter_of_credit")
    if credit is None:
        return Verdict(False, "no credit is in this trade", "the credit has to be lodged first")
    expiry, days = credit.get("expiry_date"), int(credit.get("presentation_days") or 21)
    shipped, last, why = shipped_on(case.documents(TRANSPORT_DOCUMENTS)), expiry, say("expiry %(expiry)s", expiry=expiry)
    if shipped is not None and shipped + timedelta(days=days) < expiry:
        last, why = shipped + timedelta(days=days), say("%(days)s days after shipment on %(shipped)s", days=days, shipped=shipped)
    country = country_of(credit.get("receiver_bic"))
    last = next_open(last, country)
    today = case.now.astimezone(case.envelope.created_at.tzinfo if case.envelope else None).date()
    return Verdict(
        today <= last,
        say("presented %(today)s, last day %(last)s (%(why)s)", today=today, last=last, why=why),
        "amend the credit, or send the documents on approval (LC_ON_APPROVAL)",
    )


@word(reads=CREDIT)
def balance_left(case: Case, left: bool) -> Verdict:
    """After this drawing something of the credit is left and may be drawn (or, left = false, not)."""
    credit = case.latest("letter_of_credit")
    if credit is None:
        return Verdict(False, "no credit is in this trade", "the credit has to be lodged first")
    before, total = Decimal(case.attribute("lc.utilised") or 0), credit_amount(case, credit)
    drawn = before + drawing(case)
    partial = credit.get("partial_shipments") != "NOT ALLOWED"
    remains = partial and total - drawn > 0
    says = say(
        "%(drawn)s of %(total)s drawn, partial drawings %(words)s", drawn=drawn, total=total, words="allowed" if partial else "not allowed"
    )
    if remains is left:
        return Verdict(True, says)
    if not partial:
        return Verdict(False, says, findings=(at_fault("M-LC-13", credit, "partial_shipments", "NOT ALLOWED", "ALLOWED"),))
    asked = (total - before) / (2 if left else 1)
    return Verdict(False, says, findings=(misstated("M-LC-13", "amount.value", drawing(case), asked),))


def drawing(case: Case) -> Decimal:
    """The amount of the drawing that the payment advice behind this case pays."""
    amount = case.value("amount.value")
    return Decimal(amount) if amount is not None else Decimal(0)


def credit_amount(case: Case, credit: Document) -> Decimal:
    """The amount of the credit in force with its tolerance."""
    amount = Decimal(credit.get("amount.value"))
    return amount * (100 + int(credit.get("tolerance_plus") or 0)) / 100


@word(reads=("lc_amendment",))
def amendment_consecutive(case: Case) -> Verdict:
    """amendment_no is one more than that of the last amendment of this credit that was issued (M-LC-10)."""
    credit = case.value("lc_number")
    earlier = [d for d in case.docs.of("lc_amendment") if d is not case.document and d.get("lc_number") == credit]
    issued = [int(d.get("amendment_no") or 0) for d in earlier]
    expected, stated = max(issued, default=0) + 1, case.value("amendment_no")
    wrong = () if stated == expected else (misstated("M-LC-10", "amendment_no", stated, expected),)
    return Verdict(
        not wrong,
        say("amendment %(stated)s, %(expected)s is next", stated=stated, expected=expected),
        say("amendment_no = %(expected)s", expected=expected),
        wrong,
    )


@word(reads=CREDIT)
def decrease_covered(case: Case) -> Verdict:
    """The amount of the credit less the decrease of this amendment is not below what was drawn (M-LC-19)."""
    credit = case.latest("letter_of_credit")
    if case.value("decrease.value") is None:
        return Verdict(True, "the amount is not lowered")
    if credit is None:
        return Verdict(False, "no credit is in this trade", "the credit has to be lodged first")
    drawn = Decimal(case.attribute("lc.utilised") or 0)
    left = credit_amount(case, credit) - Decimal(case.value("decrease.value"))
    return Verdict(
        left >= drawn,
        say("%(left)s would be left, %(drawn)s was drawn", left=left, drawn=drawn),
        "lower the credit by what is not drawn at most",
    )


@word(reads=("lc_amendment",))
def amendment_waits(case: Case) -> Verdict:
    """The answer is to the last amendment of this credit that was issued, which is the one that waits (M-LC-10)."""
    credit, stated = case.value("lc_number"), case.value("amendment_no")
    issued = [int(d.get("amendment_no") or 0) for d in case.docs.of("lc_amendment") if d.get("lc_number") == credit]
    if not issued:
        return Verdict(False, say("no amendment of %(credit)s is in this trade", credit=credit), "answer an amendment that was issued")
    last = max(issued)
    wrong = () if stated == last else (misstated("M-LC-10", "amendment_no", stated, last),)
    return Verdict(
        not wrong,
        say("amendment %(stated)s is answered, %(last)s waits", stated=stated, last=last),
        say("answer amendment %(last)s", last=last),
        wrong,
    )


@word(reads=("lc_amendment",))
def amendment_cancels(case: Case, yes: bool) -> Verdict:
    """The amendment answered asks to cancel the credit (or, yes = false, changes it)."""
    number, credit = case.value("amendment_no"), case.value("lc_number")
    known = [*case.docs.documents, *([case.document] if case.document else [])]
    amendments = (d for d in reversed(known) if d.type == "lc_amendment" and d.get("lc_number") == credit)
    found = next((d for d in amendments if d.get("amendment_no") == number), None)
    if found is None:
        issued = next((d.get("amendment_no") for d in reversed(known) if d.type == "lc_amendment" and d.get("lc_number") == credit), None)
        wrong = (misstated("M-LC-10", "amendment_no", number, issued),) if issued is not None else ()
        return Verdict(False, say("amendment %(number)s is not in this trade", number=number), "answer an amendment that was issued", wrong)
    cancels = bool(found.get("cancellation_request"))
    wrong = ()
    if cancels is not yes and found is case.document:
        wrong = (misstated("M-LC-09", "cancellation_request", cancels, yes),)
    elif cancels is not yes:
        wrong = (at_fault("M-LC-09", found, "cancellation_request", cancels, yes),)
    return Verdict(
        cancels is yes,
        say("amendment %(number)s %(words)s the credit", number=number, words="cancels" if cancels else "changes"),
        findings=wrong,
    )


@word(reads=(*CREDIT, *TRANSPORT_DOCUMENTS))
def fits_amended_only(case: Case, yes: bool) -> Verdict:
    """The presentation fits the pending amendment but not the credit before it, in amount, expiry or latest shipment (UCP 10(c))."""
    credit, pending = case.latest("letter_of_credit"), case.stored("lc_amendment")
    if credit is None or pending is None or case.in_force(pending):
        return Verdict(not yes, "no amendment is pending")
    shipped, today = shipped_on(case.documents(TRANSPORT_DOCUMENTS)), case.now.date()
    before, after = (_fits(case, credit, p, shipped, today) for p in (None, pending))
    only = after and not before
    if yes and not only and shipped is not None:
        wrong = (
            [at_fault("M-LC-11", credit, "latest_shipment", credit.get("latest_shipment"), shipped - timedelta(days=1))] if before else []
        )
        if not after:
            wrong.append(at_fault("M-LC-11", pending, "new_latest_shipment", pending.get("new_latest_shipment"), shipped))
        return Verdict(False, "fits the credit as it stands" if before else "fits the credit in neither form", findings=tuple(wrong))
    says = say("fits the credit %(words)s", words="only as amended" if only else "as it stands" if before else "in neither form")
    return Verdict(only is yes, says)


def _fits(case: Case, credit: Document, pending: Document | None, shipped: date | None, today: date) -> bool:
    def amended(path: str, original: str) -> Any:
        return (pending.get(path) if pending else None) or credit.get(original)

    amount = credit_amount(case, credit)
    if pending is not None:
        amount += Decimal(pending.get("increase.value") or 0) - Decimal(pending.get("decrease.value") or 0)
    latest, expiry = amended("new_latest_shipment", "latest_shipment"), amended("new_expiry", "expiry_date")
    return drawing(case) <= amount and today <= expiry and (latest is None or shipped is None or shipped <= latest)


@word(reads=("letter_of_credit",))
def confirmation_allowed(case: Case) -> Verdict:
    """The credit lets the bank confirm (field 49 CONFIRM or MAY ADD)."""
    credit = case.latest("letter_of_credit")
    asked = scalar((credit.get("confirmation") if credit else None) or case.value("confirmation"))
    holds = asked in ("CONFIRM", "MAY ADD")
    wrong = (at_fault("M-LC-14", credit, "confirmation", asked or None, "MAY ADD"),) if credit and not holds else ()
    return Verdict(holds, say("field 49 is %(asked)s", asked=asked or "not stated"), "confirmed = false, or have the credit amended", wrong)
