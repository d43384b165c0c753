"""Words about the terms of the contract and about quantities."""

from collections.abc import Iterable
from decimal import Decimal

from tradeflow.language.sentences import say
from tradeflow.machine.case import ORDERS, Case, scalar
from tradeflow.machine.words import Verdict, misstated, word
from tradeflow.model.document import Document

ORDER_DOCUMENTS = (*ORDERS, "proforma_invoice")
CREDIT = ("letter_of_credit", "lc_application")


@word(reads=ORDER_DOCUMENTS)
def term_in(case: Case, path: str, values: list[str]) -> Verdict:
    """A term of the contract (order in force, else as the trade was opened) is one of these."""
    found = scalar(case.term(path))
    return Verdict(found in values, say("%(path)s is %(found)s", path=path, found=found or "not agreed"), f"{path} = {' or '.join(values)}")


@word(reads=ORDER_DOCUMENTS)
def term_starts(case: Case, path: str, prefix: str) -> Verdict:
    """A term of the contract starts with this prefix."""
    found = scalar(case.term(path))
    return Verdict(found.startswith(prefix), say("%(path)s is %(found)s", path=path, found=found or "not agreed"), f"{path} = {prefix}…")


@word(reads=ORDER_DOCUMENTS)
def term_given(case: Case, path: str) -> Verdict:
    """The contract says something about this term."""
    found = scalar(case.term(path))
    return Verdict(bool(found), say("%(path)s is %(found)s", path=path, found=found or "not agreed"), say("agree on %(path)s", path=path))


@word(reads=(*ORDER_DOCUMENTS, *CREDIT))
def document_demanded(case: Case, documents: list[str]) -> Verdict:
    """The contract or the credit asks for one of these documents."""
    for source in (case.latest(*ORDERS), case.latest("proforma_invoice"), case.latest(*CREDIT)):
        for row in (source.get("documents_required") or ()) if source else ():
            if row.get("document_type") in documents:
                return Verdict(
                    True,
                    say(
                        "%(type)s %(number)s asks for %(document_type)s",
                        type=source.type,
                        number=source.number,
                        document_type=row["document_type"],
                    )
                    if source
                    else "",
                )
    return Verdict(
        False,
        say("neither contract nor credit asks for %(documents)s", documents=" or ".join(documents)),
        "agree on it in the contract or the credit",
    )


@word(reads=CREDIT)
def credit_demands(case: Case, documents: list[str], demanded: bool) -> Verdict:
    """The credit asks (or, demanded = false, does not ask) for one of these documents."""
    credit = case.latest(*CREDIT)
    rows = credit.get("documents_required") if credit else ()
    hits = [row["document_type"] for row in rows or () if row.get("document_type") in documents]
    says = (
        say("%(type)s %(number)s asks for %(hits)s", type=credit.type, number=credit.number, hits=hits[0])
        if credit and hits
        else say("no credit asks for %(documents)s", documents=" or ".join(documents))
    )
    return Verdict(bool(hits) is demanded, says, "amend the credit")


@word(reads=ORDERS)
def mirrors(case: Case, rules: list[str], equal: bool) -> Verdict:
    """These rules find no difference (or, equal = false, some difference) from the other side's last order document."""
    mine = case.document
    other = next((d for d in reversed(case.docs.documents) if d.type in ORDERS and mine and d.type != mine.type), None)
    if mine is None or other is None:
        return Verdict(False, "there is no document of the other side to compare with", "wait for the other side's order or offer")
    wrong = tuple(case.cross(rules))  # of any severity: a difference is no mistake, it makes a counter-offer
    says = "; ".join(f.message for f in wrong[:3]) if wrong else say("equals %(type)s %(number)s", type=other.type, number=other.number)
    unlock = "repeat the other side's terms to accept them" if equal else "a counter-offer changes at least one term"
    return Verdict(bool(wrong) is not equal, says, unlock, wrong)


@word()
def change_targets_current(case: Case) -> Verdict:
    """The change names the version of the contract that is in force."""
    current = int(case.state.attributes.get("contract.version", 1))
    stated = case.value("changes_order.version")
    wrong = () if stated == current else (misstated("M-GEN-05", "changes_order.version", stated, current),)
    return Verdict(
        not wrong,
        say("version %(stated)s is named, version %(current)s is in force", stated=stated, current=current),
        say("refer to version %(current)s", current=current),
        wrong,
    )


@word(reads=(*ORDERS, "commercial_invoice"))
def quantity_open(case: Case) -> Verdict:
    """Goods are still to be shipped: nothing has left, or the invoices so far cover less than the order."""
    gone = {"departed", "in_transhipment", "arrived", "available", "delivered", "closed", "lost", "disposed"}
    if not gone & set(case.states_of("transport.movement").values()):
        return Verdict(True, "no goods have left")
    order = case.stored("purchase_order", "sales_order")
    ordered = _quantity([order] if order else [])
    shipped = _quantity(case.docs.of("commercial_invoice"))
    return Verdict(
        shipped < ordered, say("%(shipped)s of %(ordered)s units shipped", shipped=shipped, ordered=ordered), "nothing is left to change"
    )


@word(reads=(*ORDERS, "commercial_invoice"))
def quantity_shipped(case: Case) -> Verdict:
    """Goods have left, and the invoices so far cover the order."""
    still = quantity_open(case)
    return Verdict(not still.holds, still.because, "ship what is still open")


def _quantity(documents: Iterable[Document]) -> Decimal:
    return sum((value for d in documents for _, value in d.each("lines[].quantity.value")), Decimal(0))
