"""Documents and states that several guards are asked about."""

from datetime import date, timedelta
from decimal import Decimal

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import bill, given
from tradeflow.model.trade import TimerState

D = Decimal
LINES = [
    {
        "line_no": 1,
        "description": "LED table lamps",
        "hs_code": "940521",
        "quantity": {"value": D(4200), "unit": "C62"},
        "unit_price": {"value": D("24.5"), "currency": "USD"},
    }
]
TERMS = {"terms.incoterm": "CIF", "payment.method": "LC_SIGHT", "currency": "USD", "latest_shipment": date(2025, 3, 15), "lines": LINES}
ORDER = document("purchase_order", TERMS, by="importer", number="PO-1")
CREDIT_FIELDS = {
    "number": "LC-1", "amount.value": D(1000), "amount.currency": "USD", "expiry_date": date(2025, 4, 15), "latest_shipment": date(2025, 3, 15),
    "presentation_days": 21, "receiver_bic": "HTBKHKHHXXX", "confirmation": "MAY ADD", "issuing_bank": {"bic": "MAASNL2RXXX"},
}  # fmt: skip
CREDIT = document("letter_of_credit", CREDIT_FIELDS, by="issuing_bank", number="LC-1")
BL_FIELDS = {"on_board_date": date(2025, 3, 10), "port_of_discharge": {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"}}
BL = document("bill_of_lading", BL_FIELDS, by="sea_carrier", number="B1")
BOOKING_FIELDS = {
    "booking_no": "BK-1",
    "legs": [
        {"mode": "1", "means_name": "BLUE ORIENT", "voyage": "025W", "from": {"unlocode": "HKHKG"}, "to": {"unlocode": "NLRTM"}, "etd": NOW}
    ],
    "cutoffs": [{"code": "DCO", "at": NOW}, {"code": "FCO", "at": NOW}],
}
BOOKING = document("booking_confirmation", BOOKING_FIELDS, by="sea_carrier", number="BK-1")
AIR_BOOKING = document(
    "booking_confirmation", {"booking_no": "888-10002366", "status": "CONFIRMED"}, by="air_carrier", number="888-10002366"
)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)


def order(number="SO-1", **changes):
    return document("sales_order", {**TERMS, **{k.replace("__", "."): v for k, v in changes.items()}}, number=number)


def amend(no, **fields):
    return document("lc_amendment", {"amendment_no": no, "cancellation_request": False, **fields}, by="issuing_bank", number=f"AM-{no}")


def passed_on(no, **fields):
    """The same amendment as the advising bank sends it to the beneficiary."""
    return document("lc_amendment", {"amendment_no": no, "cancellation_request": False, **fields}, by="advising_bank", number=f"ADV-{no}")


def status(name, classifier="ACT", **fields):
    return document("transport_status", {"event": name, "classifier": classifier, **fields}, by="container_terminal", number="TS-1")


def transfer(action="TRANSFER", by="exporter", **fields):
    return document("title_transfer", {"bill.number": "B1", "action": action, **fields}, by=by, number="TT-1")


def timer(due):
    return {"settlement.p8_exam_issuing": TimerState("settlement.presentation", "exam_period_lapsed", NOW, due, "five days")}


def credit_with(*documents, **fields):
    rows = [{"document_type": kind, "originals": 1} for kind in documents]
    return document("letter_of_credit", {**CREDIT_FIELDS, "documents_required": rows, **fields}, by="issuing_bank", number="LC-1")


def paid(amount):
    return document("payment_advice", {"kind": "PAID", "amount.value": D(amount)}, by="issuing_bank")


NOTICE = {"discrepancies": [{"text": "late"}], "disposal": "HOLD", "refuses": True}
ROTTERDAM, HAMBURG = {"unlocode": "NLRTM", "name": "Rotterdam", "country": "NL"}, {"unlocode": "DEHAM", "name": "Hamburg", "country": "DE"}
ANSWER = {"answers.type": "purchase_order", "answers.number": "PO-1"}
PIN = document("empty_container_order", {"order_no": "E-1", "pin": "77", "valid_until": LATER}, by="sea_carrier", number="E-1")
STOCK = document("container_inventory_report", {"summary": [{"size_type": "45G1", "condition": "SOUND", "units": 2}]}, by="container_depot")
FREIGHT = document("freight_invoice", {"release_condition": True, "total.value": D(100)}, by="sea_carrier", number="F-1")
POLICY_FIELDS = {
    "kind": "FLOATING_POLICY",
    "aggregate_sum.value": D(100),
    "limit_per_sending.value": D(60),
    "period": {"start": EARLIER, "end": LATER},
}
POLICY = document("open_insurance_policy", POLICY_FIELDS, by="insurer", number="P-1")
RELEASE = document("release_order", {"containers": [{"number": "BLEU2004176"}], "valid_until": LATER}, by="sea_carrier", number="R-1")
DELIVERY = document("delivery_order", {"valid_until": LATER}, by="sea_carrier", number="DO-1")
FIRST_NOTICE = document("detention_notice_1", {"respond_by": EARLIER.date()}, by="sea_carrier", number="N-1")
LICENCE = document("licence", {"multi_use": True, "quantity_balance.value": D(5000)}, by="licensing_authority", number="L-1")
INVOICE = document("commercial_invoice", {"lines": LINES}, number="I-1")
SURRENDER = document("surrender_notice", {"bill.number": "B1", "release_to.name": "Importer"}, number="S-1")
DECLARED = document("insurance_declaration", {"declaration_no": 36}, number="D-36")
TITLED = given(titles=(bill(),))
PENDING_SET = given(titles=(bill(holder="sea_carrier-co", status="PENDING_SURRENDER_FOR_AMENDMENT"),))
