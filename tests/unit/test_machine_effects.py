"""What transitions do besides moving: payables, containers, attributes, tasks, presented documents, notices, starts."""

from decimal import Decimal

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import event, given
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.changes import ContainerMoved, KeysAdded, PayableClosed, PayableCreated, RegionStarted
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.decide import decide
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope

D = Decimal
POLICY = document("insurance_policy", {}, by="insurer", to=("exporter",), number="PDM-1")


def test_a_charge_opens_a_payable_with_an_instance_that_knows_its_document():
    outcome = given({"insurance.cover": "applied"}).when(POLICY).fires("p2.c07", "p10.t03").ends_in(payment___premium__payable="invoiced")
    assert [(c.payable.kind, c.payable.instance, c.payable.open) for c in outcome.of(PayableCreated)] == [
        ("INSURANCE_PREMIUM", "payment#premium", True)
    ]
    assert ("payment#premium", ["PDM-1"]) in [(c.instance, c.keys) for c in outcome.of(KeysAdded)]


def test_a_second_charge_of_the_same_kind_joins_the_open_payable():
    states = {"insurance.cover": "bound", "payment#premium.payable": "invoiced"}
    outcome = given(states, payables={"payment#premium": "INSURANCE_PREMIUM"}).when(POLICY).fires("p2.c07")
    assert not outcome.of(PayableCreated)
    assert "PDM-1" in outcome.after.keys["payment#premium"]


def test_once_paid_a_new_charge_is_a_new_payable():
    states = {"insurance.cover": "bound", "payment#premium.payable": "settled"}
    outcome = given(states, payables={"payment#premium": "INSURANCE_PREMIUM"}).when(POLICY).fires("p2.c07", "p10.t03")
    outcome.ends_in(payment___premium__payable="settled")
    assert [c.payable.instance for c in outcome.of(PayableCreated)] == ["payment#premium-2"]


def test_an_invoice_finds_the_payable_its_policy_opened():
    invoice = document(
        "insurer_invoice", {"policy": {"type": "insurance_policy", "number": "PDM-1"}}, by="insurer", to=("exporter",), number="DN-1"
    )
    states = {"payment#premium.payable": "invoiced", "payment#det.payable": "invoiced"}
    trade = given(states, payables={"payment#premium": "INSURANCE_PREMIUM"}, keys={"payment#premium": ["PDM-1"]})
    outcome = trade.when(invoice).fires("p10.t01")
    assert "DN-1" in outcome.after.keys["payment#premium"]


def test_an_invoice_nobody_announced_is_a_payable_of_its_own():
    invoice = document("freight_invoice", {"total.value": D(0)}, by="trucker", to=("exporter",), instance="payment#haulage")
    outcome = given().when(invoice).fires("p10.t02").ends_in(payment___haulage__payable="invoiced")
    assert outcome.after.payables["payment#haulage"].kind == "FREIGHT"


def test_a_settled_payable_is_closed():
    receipt = document("payment_receipt", {"balance.value": D(0)}, by="insurer", to=("exporter",), instance="payment#premium")
    outcome = given({"payment#premium.payable": "paid"}, payables={"payment#premium": "INSURANCE_PREMIUM"}).when(receipt).fires("p10.t13")
    assert [c.instance for c in outcome.of(PayableClosed)] == ["payment#premium"]
    assert outcome.after.payables["payment#premium"].open is False


def test_paying_the_goods_pays_the_trade():
    advice = document("payment_advice", {"kind": "PAID"}, by="importer_bank", to=("importer",), instance="payment#goods")
    states = {"payment#goods.payable": "instructed", "settlement.open_account": "acknowledged", "trade.money": "presented"}
    given(states, payables={"payment#goods": "GOODS"}).when(advice).fires("p10.t11", "p8.a07", "p0.m05").ends_in(trade__money="paid")


def test_containers_are_where_the_message_says():
    release = {"containers": [{"number": "C1"}, {"number": "C2"}], "revoked": False, "delivery_order.number": "DO-1"}
    delivery = document("delivery_order", {}, by="sea_carrier", number="DO-1")
    trade = given({"transport.release": "do_issued"}, delivery, attributes={"customs.released": True})
    outcome = trade.when(document("release_order", release, by="sea_carrier", to=("container_terminal",))).fires("p7.r10")
    assert [(c.container, c.verb) for c in outcome.of(ContainerMoved)] == [("C1", "release"), ("C2", "release")]
    assert outcome.after.containers == {"C1": "release", "C2": "release"}


def test_facts_are_computed():
    response = document("order_response", {"response.code": "AP", "answers.type": "purchase_order_change", "answers.number": "CH-1"})
    change = document("purchase_order_change", {}, by="importer", number="CH-1")
    changed = given({"contract.main": "change_pending", "trade.case": "contracted"}, change).when(response)
    assert changed.after.attributes["contract.version"] == 2
    amendment = document("lc_amendment", {"amendment_no": 3, "cancellation_request": False}, by="issuing_bank", number="AM-3")
    accept = document("lc_amendment_response", {"amendment_no": 3, "decision": "ACCEPT"}, to=("advising_bank",))
    states = {"lc.amendment": "awaiting_beneficiary", "lc.credit": "advised"}
    assert given(states, amendment).when(accept).fires("p3.a08", "p3.t12").after.attributes["lc.terms"] == [3]
    credit = document("letter_of_credit", {"amount.value": D(1000), "partial_shipments": "ALLOWED"}, by="issuing_bank")
    paid = document(
        "payment_advice", {"kind": "PAID", "amount.value": D(400)}, by="issuing_bank", to=("advising_bank",), instance="settlement"
    )
    states = {"settlement.presentation": "must_honour", "lc.credit": "advised", "trade.money": "presented"}
    drawn = given(states, credit).when(paid).fires("p8.s28", "p3.t13", "p0.m05", "p10.t03")
    assert drawn.after.attributes["lc.utilised"] == "400"
    twice = given(states, credit, attributes={"lc.utilised": "400"}).when(paid)
    assert twice.after.attributes["lc.utilised"] == "800"


def test_balances_shrink():
    policy = document("open_insurance_policy", {"kind": "FLOATING_POLICY", "aggregate_sum.value": D(100)}, by="insurer")
    declared = document("insurance_declaration", {"insured_value.value": D(30), "declaration_no": 1}, to=("insurer",))
    outcome = given({"insurance.open_cover": "active"}, policy).when(declared).fires("p2.c08", "p2.o05", "p10.t03")
    assert outcome.after.attributes["open_policy.balance"] == "70"
    licence = document("licence", {"multi_use": True, "quantity_balance.value": D(10)}, by="licensing_authority")
    invoice = document("commercial_invoice", {"lines": [{"quantity": {"value": D(4)}}]})
    manifest = document("manifest", {}, by="sea_carrier", to=("customs",))
    states = {"transport.movement": "departed", "regulatory.licence": "lodged"}
    moved = given(states, licence, invoice).when(manifest).fires("p7.m13", "p6.l15")
    assert moved.after.attributes["licence.balance"] == "6"


def test_facts_about_the_goods_belong_to_the_trade_whoever_found_them():
    hold = document("customs_response", {"result": "HELD"}, by="customs", to=("importer",), instance="declaration#import")
    outcome = given({"declaration#import.main": "lodged"}).when(hold).fires("p9.t08")
    assert outcome.after.attributes == {"hold.customs": True}
    licence = document("lc_amendment", {"amendment_no": 1}, by="issuing_bank", number="AM-1")
    accept = document("lc_amendment_response", {"amendment_no": 1, "decision": "ACCEPT"}, to=("advising_bank",), instance="lc#2")
    second = given({"lc#2.amendment": "awaiting_beneficiary", "lc#2.credit": "advised"}, licence).when(accept).fires("p3.a08", "p3.t12")
    assert second.after.attributes == {"lc#2/lc.terms": [1]}


def test_a_document_sent_by_reference_is_presented_and_no_new_version():
    invoice = document("commercial_invoice", {"x": 1}, number="I-1")
    again = document("commercial_invoice", {"x": 1}, number="I-1", function="31", to=("advising_bank",))
    outcome = given({"settlement.presentation": "awaiting_documents", "goods.main": "ready"}, invoice).when(again).fires("p8.s02")
    entry = outcome.after.documents["commercial_invoice:I-1"]
    assert entry.presented
    assert entry.sha256 == invoice.sha256
    replaced = document("commercial_invoice", {"x": 2}, number="I-1", function="5", version=2)
    given({"goods.main": "ready"}, invoice, presented=("commercial_invoice:I-1",)).when(replaced).refused("GUARD_FAILED", "a bank holds")


def test_an_invoice_lodged_under_a_credit_is_not_presented_before_it_is_sent_to_the_bank():
    states = {"settlement.presentation": "awaiting_documents", "goods.main": "packed"}
    packed = document("packing_list", {}, number="P-1")
    for to in (("importer",), ("importer", "advising_bank")):
        invoice = document("commercial_invoice", {"x": 1}, number="I-1", to=to)
        outcome = given(states, packed).when(invoice).fires("p4.t03", "p8.s02", "p5.t02")
        assert not outcome.after.documents["commercial_invoice:I-1"].presented
    replaced = document("commercial_invoice", {"x": 2}, number="I-1", function="5", version=2)
    given(states | {"goods.main": "ready"}, packed, invoice).when(replaced).fires("p4.t05")


def test_a_new_version_is_not_presented():
    invoice = document("commercial_invoice", {"x": 1}, number="I-1")
    replaced = document("commercial_invoice", {"x": 2}, number="I-1", function="5", version=2)
    outcome = given({"goods.main": "ready"}, invoice).when(replaced).fires("p4.t05")
    assert outcome.after.documents["commercial_invoice:I-1"].version == 2


@pytest.mark.parametrize(
    ("states", "lodged", "instance"),
    [
        ({"transport.document": "issued"}, "bill_of_lading", ""),
        ({"transport.booking": "confirmed"}, "booking_request", ""),
        ({"regulatory#licence/L.licence": "applied"}, "licence_application", "regulatory#licence/L"),
    ],
)
def test_a_document_that_is_taken_back_is_on_file_and_not_in_force(states, lodged, instance):
    told = {
        "by": "sea_carrier" if lodged == "bill_of_lading" else "exporter",
        "to": catalogue().message(lodged).to_roles[:1],
        "number": "D-1",
        "instance": instance,
    }
    there = document(lodged, {"x": 1}, **told)
    outcome = given(states, there).when(document(lodged, {"x": 1}, function="1", **told))
    assert isinstance(outcome.answer, Decision), outcome.answer
    entry = outcome.after.documents[f"{lodged}:D-1"]
    assert entry.withdrawn
    assert entry.version == 1
    assert outcome.after.standing == []


def test_what_was_taken_back_is_not_sent_again():
    bill = document("bill_of_lading", {"x": 1}, by="sea_carrier", number="B-1")
    void = given({"transport.document": "issued", "settlement.presentation": "awaiting_documents"}, bill).when(
        document("bill_of_lading", {"x": 1}, by="sea_carrier", number="B-1", function="1")
    )
    again = Lodge(
        new := document("bill_of_lading", {"x": 1}, by="exporter", to=("advising_bank",), number="B-1", function="31"), Envelope.of(new)
    )
    answer = decide(machine(), void.after, again, Context(NOW))
    assert isinstance(answer, Refusal)
    assert (answer.code, "was withdrawn" in answer.detail) == ("STALE_VERSION", True)


def test_start_marks_work_as_under_way_when_its_guard_holds():
    order = document("purchase_order", {"terms.incoterm": "CIF", "payment.method": "LC_SIGHT", "lines": []}, by="importer", number="PO-1")
    accept = document("order_response", {"response.code": "AP", "answers.type": "purchase_order", "answers.number": "PO-1"})
    outcome = given({"contract.main": "ordered"}, order).when(accept).fires("p1.t07", "p0.t01")
    assert {c.region for c in outcome.of(RegionStarted)} == {"lc.credit", "insurance.cover", "goods.main", "settlement.presentation"}
    assert not outcome.after.regions["inspection.main"].started


def test_payment_terms_choose_the_way_of_settlement():
    order = document("purchase_order", {"payment.method": "OPEN_ACCOUNT", "lines": []}, by="importer", number="PO-1")
    accept = document("order_response", {"response.code": "AP", "answers.type": "purchase_order", "answers.number": "PO-1"})
    outcome = given({"contract.main": "ordered"}, order).when(accept)
    outcome.ends_in(settlement__open_account="awaiting_documents", settlement__collection="inactive", lc__credit="not_applicable")


def test_only_roles_somebody_plays_are_told():
    order = document("purchase_order", {}, by="importer", to=("exporter",))
    told = given(roles=("importer", "exporter")).when(order).answer.notices
    assert [(n.role, n.regions) for n in told] == [("exporter", ["contract.main"])]
    assert "purchase_order" in told[0].text
    departed = document("departure_notice", {"departed_at": NOW, "eta": NOW}, by="sea_carrier", to=("exporter",))
    assert departed.type == "departure_notice"
    dispute = given({"trade.case": "shipped"}, roles=("exporter",)).when(event("dispute_opened", role="exporter")).fires("p0.t12")
    assert [n.role for n in dispute.answer.notices] == ["exporter"]
