"""pass_title(x): how control of a bill changes hands (T-03..T-13, T-25..T-32).

exporter        issue: to the first holder named in the bill, else to the exporter; after a rejected surrender: back to the presenter
recipient       delivery: possession passes with all originals; of fewer it does not (T-11). The order party stays.
endorsee        endorsement: to order of the endorsee, who takes the bill; in blank: to whoever holds it, possession stays
presenter       back to who surrendered it, or to who presented the documents
issuing_bank, collecting_bank   a bank sends on the set it holds: the paper bills in its hands travel with it; control of an electronic
                bill passes by a transfer of its record alone
carrier, none   surrendered to the carrier; spent, void or never a title
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from tradeflow.machine.case import BILLS, SPENT, Case
from tradeflow.model.document import Document
from tradeflow.model.trade import TitleState

PENDING = {
    "SURRENDER_FOR_DELIVERY": "PENDING_SURRENDER_FOR_DELIVERY",
    "SURRENDER_FOR_AMENDMENT": "PENDING_SURRENDER_FOR_AMENDMENT",
    "SWITCH_TO_PAPER": "PENDING_SURRENDER_FOR_AMENDMENT",
}
DONE = {"VOID": "VOIDED"}


def pass_title(case: Case, to: str) -> Iterator[TitleState]:
    """The titles that change, as they are afterwards."""
    document = case.document
    if to == "exporter" and document is not None and document.type in BILLS:
        yield _issued(case, document)
    elif to == "presenter" and document is not None and document.type in BILLS:
        yield from _replaced(case, document)
    elif case.region.id != "title":
        yield from _with_the_set(case, to)
    elif (title := case.title()) is not None:
        yield _linked(case, moved(case, title, to))


def _issued(case: Case, bill: Document) -> TitleState:
    form = str(bill.get("consignment_form") or "")
    electronic = bool(bill.get("electronic"))
    return TitleState(
        document=f"{bill.type}:{bill.number}",
        holder=_first_holder(case, bill),
        order_party=_order_party(case, bill, form),
        originals=int(bill.get("originals") or (1 if electronic else 0)),
        medium="ELECTRONIC" if electronic else "PAPER",
        last_action="ISSUE",
        last_link=bill.payload_sha256,
        instance=case.instance,
        issuer=case.envelope.sender if case.envelope else "",
        form=form,
    )


def _first_holder(case: Case, bill: Document) -> str:
    named = bill.get("control.holder.party_id")
    if named and case.state.roles_of(named):
        return str(named)
    return case.envelope.recipients[0][0] if case.envelope else _party(case, "exporter")


def _order_party(case: Case, bill: Document, form: str) -> str:
    if form == "BEARER":
        return ""
    if form == "STRAIGHT":
        return str(bill.get("consignee.party_id") or _party(case, "importer"))
    if form in ("TO_ORDER_OF_BANK", "TO_ORDER_OF_NAMED"):
        return str(bill.get("order_party.party_id") or bill.get("order_party.name") or "")
    return str(bill.get("shipper.party_id") or _first_holder(case, bill))


def _replaced(case: Case, bill: Document) -> Iterator[TitleState]:
    live = [t for t in case.state.titles.values() if t.instance == case.instance and t.status not in SPENT]
    fresh = _issued(case, bill)
    for old in live[-1:]:
        fresh = replace(fresh, holder=old.presenter or fresh.holder)
        if old.document != fresh.document:
            yield replace(old, holder="", status="SURRENDERED_FOR_AMENDMENT", last_action="SACC")
    yield fresh


def _with_the_set(case: Case, to: str) -> Iterator[TitleState]:
    receiver = _party(case, to) if to != "presenter" else _presenter_of_set(case)
    for title in case.state.titles.values():
        if title.status in SPENT or not title.holder or not receiver or title.medium == "ELECTRONIC":
            continue
        sent_on = case.envelope is not None and title.holder == case.envelope.sender
        if sent_on or (to == "presenter" and title.holder != receiver):
            yield replace(title, holder=receiver)


def moved(case: Case, title: TitleState, to: str) -> TitleState:
    """One title after the message of the case passed it on."""
    action = str(case.value("action") or "")
    if to == "recipient":
        return replace(title, holder=_recipient(case, title) if _full(case, title) else title.holder)
    if to == "endorsee":
        return _endorsed(case, title, action)
    if to == "carrier":
        status = PENDING.get(action, "PENDING_SURRENDER_FOR_DELIVERY")
        return replace(title, holder=title.issuer or _recipient(case, title), presenter=title.holder, status=status)
    if to in ("presenter", "exporter"):
        return replace(title, holder=title.presenter or title.holder, presenter="", status="ISSUED")
    return replace(title, holder="", status=DONE.get(action, "SURRENDERED_FOR_DELIVERY"))


def _endorsed(case: Case, title: TitleState, action: str) -> TitleState:
    if action == "BLANK_ENDORSE":
        return replace(title, order_party="")
    receiver = _recipient(case, title)
    endorsee = str(case.value("endorsement.endorsee.party_id") or receiver)
    return replace(title, order_party=endorsee, holder=receiver if _full(case, title) else title.holder, restricted=action == "ENDORSE")


def _recipient(case: Case, title: TitleState) -> str:
    named = case.value("recipient.party_id")
    if named:
        return str(named)
    return case.envelope.recipients[0][0] if case.envelope and case.envelope.recipients else title.holder


def _full(case: Case, title: TitleState) -> bool:
    delivered: Any = case.value("originals_delivered")
    return title.medium == "ELECTRONIC" or delivered is None or len(delivered) >= title.originals


def _linked(case: Case, title: TitleState) -> TitleState:
    """The next entry of the chain, if a title transfer made it."""
    if case.document is None or case.document.type != "title_transfer":
        return title
    action = str(case.value("action") or "")
    return replace(title, chain=title.chain + 1, last_link=case.document.payload_sha256, last_action=action)


def _presenter_of_set(case: Case) -> str:
    letters = [e for e in case.state.documents.values() if e.type == "lc_collection_letter"]
    first = min(letters, key=lambda e: (e.lodged_at is None, e.lodged_at), default=None)
    return _party(case, first.role if first else "exporter")


def _party(case: Case, role: str) -> str:
    found = case.state.parties_with(role)
    return found[0] if found else ""
