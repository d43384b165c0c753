"""Dispatch: who is asked, what fires, and which refusal a party gets."""

from decimal import Decimal

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import bill, broken, event, given
from tradeflow.machine.answers import Refusal
from tradeflow.machine.changes import DocumentAdded, InstanceStarted, KeysAdded, Moved, SignalDropped, TaskDone, TaskOpened
from tradeflow.machine.commands import Raise
from tradeflow.model.finding import Finding, Severity

AGREED = {"contract.main": "agreed", "trade.case": "contracted"}
EIR = {"direction": "GATE_IN_FULL", "container.number": "BLEU2004176", "at": NOW}


def order(**more):
    return document("purchase_order", {"terms.incoterm": "CIF", "lines": []}, by="importer", to=("exporter",), **more)


def test_a_transition_moves_its_region_files_the_document_and_tells_the_other_side():
    outcome = given().when(order(number="PO-1")).fires("p1.t01").ends_in(contract__main="ordered")
    assert [c.entry.number for c in outcome.of(DocumentAdded)] == ["PO-1"]
    assert [(n.role, n.regions) for n in outcome.answer.notices] == [("exporter", ["contract.main"])]
    assert outcome.after.regions["contract.main"].last_sender == "importer"
    assert "contract.p1_validity" in outcome.after.timers


def test_the_first_candidate_whose_guards_all_hold_fires():
    answer = {"response.code": "CA", "answers.type": "purchase_order", "answers.number": "PO-1"}
    outcome = given({"contract.main": "ordered"}, order(number="PO-1")).when(document("order_response", answer))
    outcome.fires("p1.t08").ends_in(contract__main="offered")


def test_out_of_order_names_the_state_and_quotes_the_declared_reason():
    refusal = given(AGREED).when(order()).refused("OUT_OF_ORDER", "contract.main is agreed", "purchase_order_change")
    assert refusal.status == 409
    assert "contract.main" in refusal.candidates


def test_a_declared_impossibility_may_have_a_code_of_its_own():
    given({"transport.document": "issued"}).when(document("bill_of_lading", {}, by="sea_carrier", to=("exporter",))).refused(
        "TITLE_CONFLICT", "second set"
    )


def test_terminal_regions_are_gone():
    given({"transport.title": "telex_released"}, titles=(bill(status="SURRENDERED_FOR_DELIVERY", holder=""),)).when(
        document("title_transfer", {"bill.number": "B1", "action": "ENDORSE"}, instance="transport.title")
    ).refused("TERMINAL_STATE", "the bill is dead")


def test_wrong_sender_in_this_state_names_who_it_is_for():
    given({"contract.main": "offered"}).when(document("order_cancellation", {}, by="importer", to=("exporter",))).refused(
        "WRONG_SENDER", "exporter", "not by importer"
    )


def test_the_error_closest_to_firing_is_told():
    """goods.main is out of order, settlement.presentation is over: the guard that failed in open account says more than both."""
    states = {"goods.main": "dispatched", "settlement.presentation": "closed", "settlement.open_account": "awaiting_documents"}
    given(states).when(document("commercial_invoice", {})).refused("GUARD_FAILED", "settlement.open_account")


def test_of_several_candidates_the_one_with_most_guards_held_explains_the_refusal():
    load = {"event": "LOAD", "classifier": "ACT", "container_no": "BLEU2004176"}
    given({"transport.equipment": "gated_in", "transport.movement": "manifested"}).when(
        document("transport_status", load, by="container_terminal", to=("sea_carrier",))
    ).refused("VGM_MISSING", "no VGM declared", "vgm_declaration for BLEU2004176")


def test_an_amendment_accepted_in_part_is_refused_by_a_code_of_its_own():
    """UCP 600 art. 10(e): neither of the two answers; the finding of M-LC-11 comes with the refusal."""
    pending = document("lc_amendment", {"amendment_no": 1, "cancellation_request": False}, by="issuing_bank", number="AM-1")
    answer = document("lc_amendment_response", {"amendment_no": 1, "decision": "PARTIAL"}, to=("advising_bank",))
    finding = Finding("M-LC-11", Severity.CONFLICT, "/decision", "in part")
    states = {"lc.credit": "advised", "lc.amendment": "awaiting_beneficiary"}
    refusal = given(states, pending).when(answer, findings=[finding]).refused("AMENDMENT_PARTIAL", "decision = REJECT")
    assert [f.rule for f in refusal.findings] == ["M-LC-11"]


def test_the_region_that_decides_on_a_message_is_not_overruled_by_one_that_only_records_it():
    states = {"transport.title": "issued", "settlement.presentation": "awaiting_documents"}
    transfer = {"bill.number": "B1", "action": "TRANSFER", "previous_link_hash": "link-0", "originals_delivered": [1, 2, 3]}
    given(states, titles=(bill(holder="importer-co"),)).when(document("title_transfer", transfer, to=("advising_bank",))).refused(
        "NOT_HOLDER", "importer-co"
    )
    given({**states, "transport.title": "accomplished"}, titles=(bill(),)).when(
        document("title_transfer", transfer, to=("advising_bank",))
    ).refused("TERMINAL_STATE")
    given(states, titles=(bill(),)).when(document("title_transfer", transfer, to=("advising_bank",))).fires("p7.t03", "p8.s35")


def test_findings_behind_a_guard_come_with_the_refusal():
    refusal = given().when(order(), findings=[broken("M-PO-03")]).refused("GUARD_FAILED", "M-PO-03 is broken")
    assert [f.rule for f in refusal.findings] == ["M-PO-03"]


def test_warnings_do_not_block():
    given().when(order(), findings=[Finding("M-PO-03", Severity.WARNING, "/x", "hm")]).fires("p1.t01")


def test_cross_rules_are_asked_for_by_the_guard_that_needs_them():
    conflict = Finding("X-07", Severity.CONFLICT, "/lines/0", "more than ordered")
    packing = document("packing_list", {})
    given(AGREED).when(packing).fires("p4.t01")
    given(AGREED).when(packing, cross=[conflict]).refused("GUARD_FAILED", "more than ordered")


def test_a_guard_may_carry_an_error_code_of_its_own():
    given().when(document("commercial_invoice", {})).refused("DEPENDENCY_OPEN", "contract.main is negotiating")


def test_a_message_moves_several_regions_at_once():
    licence = {"valid_from": NOW.date(), "valid_until": NOW.date(), "number": "L1"}
    states = {"regulatory.licence": "granted", "transport.booking": "confirmed"}
    given(states).when(document("licence", licence, to=("sea_carrier",))).fires("p6.l13", "p7.b16", "p7.b14")


def test_signals_run_after_the_message_in_order_and_what_nobody_expects_is_recorded():
    states = {"transport.equipment": "vgm_verified", "goods.main": "preparing"}
    outcome = given(states).when(document("equipment_interchange_receipt", EIR, by="container_terminal", to=("trucker",)))
    outcome.fires("p7.e12", "p7.m03").ends_in(transport__movement="received", goods__main="preparing")
    assert [(c.region, c.event) for c in outcome.of(SignalDropped)] == [("goods.main", "cargo_handed_over")]


def test_signals_from_a_suffix_stay_in_its_instances():
    states = {"transport#fwd.equipment": "gated_in", "transport#fwd.movement": "manifested", "transport#fwd.booking": "confirmed"}
    vgm = document("vgm_declaration", {"container.number": "BLEU2004176"}, number="V1")
    load = {"event": "LOAD", "classifier": "ACT", "container_no": "BLEU2004176"}
    outcome = given({**states, "transport.booking": "confirmed"}, vgm).when(
        document("transport_status", load, by="container_terminal", to=("sea_carrier",), instance="transport#fwd.equipment")
    )
    outcome.fires("p7.e14", "p7.b15").ends_in(transport___fwd__booking="fulfilled", transport__booking="confirmed")


def test_the_trade_is_deaf_to_the_forwarders_own_consignment():
    states = {"trade.case": "contracted", "transport#fwd.movement": "manifested", "transport.movement": "received"}
    vessel = {"departed_at": NOW, "eta": NOW, "containers": ["BLEU2004176"]}
    outcome = given(states, containers={"BLEU2004176": "load"}).when(
        document("departure_notice", vessel, by="sea_carrier", instance="transport#fwd")
    )
    outcome.ends_in(transport___fwd__movement="departed", trade__case="contracted")


def test_a_hard_dependency_holds_back_the_first_message_of_the_later_process():
    cover = {"cover_requested": "SINGLE"}
    application = document("insurance_application", cover, to=("insurer",))
    terms = {"incoterm": "CIF", "insurance_by": "SELLER"}
    given(terms=terms).when(application).refused("DEPENDENCY_OPEN", "contract comes before insurance")
    given(AGREED, terms=terms).when(application).fires("p2.c01")


def test_a_completed_trade_takes_only_what_closes_its_money():
    closed = given({"trade.case": "completed", "contract.main": "agreed", "payment#premium.payable": "paid"})
    closed.when(document("packing_list", {})).refused("TERMINAL_STATE", "trade.case is completed", "payment_receipt")
    receipt = document("payment_receipt", {"balance.value": Decimal(0)}, by="insurer", to=("exporter",), instance="payment#premium")
    closed.when(receipt).fires("p10.t13")
    given({"trade.case": "aborted", "contract.main": "agreed"}).when(document("packing_list", {})).fires("p4.t01")


def test_sender_must_hold_the_role_and_the_role_must_send_this_message():
    given(roles=("importer", "sea_carrier")).when(document("sales_order", {}, to=("importer",))).refused("WRONG_SENDER", "no participant")
    given().when(document("sales_order", {}, by="trucker", to=("importer",))).refused("WRONG_SENDER", "is sent by exporter")


def test_recipients_must_take_part_in_a_role_the_message_goes_to():
    given().when(document("purchase_order", {}, by="importer", to=("trucker",))).refused("WRONG_RECIPIENT", "not to trucker")
    given(roles=("importer",)).when(order()).refused("WRONG_RECIPIENT", "exporter-co is not exporter")


def test_what_is_refused_at_admission_carries_its_finding():
    """M-GEN-04 and M-GEN-05 are judged before any rule row, and are told like one: place, both values, what to do."""
    first = document("purchase_order", {"x": 1}, by="importer", to=("exporter",), number="PO-1")
    again = document("purchase_order", {"x": 2}, by="importer", to=("exporter",), number="PO-1", version=3, function="5")
    refused = {
        ("M-GEN-04", "/message/sender/role", "trucker"): given().when(document("sales_order", {}, by="trucker", to=("importer",))),
        ("M-GEN-04", "/message/recipients/0/role", "trucker"): given().when(document("sales_order", {}, to=("trucker",))),
        ("M-GEN-05", "/document/version", 3): given({"contract.main": "ordered"}, first).when(again),
        ("M-GEN-05", "/message/function", "9"): given({"contract.main": "ordered"}, first).when(first),
    }
    for (rule, pointer, found), outcome in refused.items():
        (finding,) = outcome.answer.findings
        assert (finding.rule, finding.pointer, finding.found, finding.severity) == (rule, pointer, found, "error")
        assert finding.expected and finding.hint and finding.source.endswith(rule) and finding.message.endswith(".")


def test_every_refusal_says_what_this_party_could_send_instead():
    refusal = given(AGREED).when(order()).answer
    assert isinstance(refusal, Refusal)
    assert ("contract.main", "purchase_order_change") in {(a.region, a.message) for a in refusal.allowed}
    assert all("importer" in a.by for a in refusal.allowed)


@pytest.mark.parametrize(
    ("function", "version", "same", "code"),
    [
        ("9", 1, True, "STALE_VERSION"),
        ("5", 3, False, "STALE_VERSION"),
        ("5", 1, False, "STALE_VERSION"),
        ("5", 2, False, ""),
        ("4", 1, False, "STALE_VERSION"),
        ("31", 1, False, "STALE_VERSION"),
        ("7", 2, True, "STALE_VERSION"),
        ("1", 2, False, "STALE_VERSION"),
    ],
)
def test_number_version_and_function_have_to_fit_what_is_stored(function, version, same, code):
    first = document("purchase_order", {"x": 1}, by="importer", to=("exporter",), number="PO-1")
    again = document(
        "purchase_order", {"x": 1 if same else 2}, by="importer", to=("exporter",), number="PO-1", version=version, function=function
    )
    outcome = given({"contract.main": "ordered"}, first).when(again)
    if code:
        outcome.refused(code, "PO-1")
    else:
        assert outcome.fires("p1.t04").after.documents["purchase_order:PO-1"].version == 2


def test_a_new_number_begins_at_version_one_and_a_change_needs_something_to_change():
    given().when(order(version=2)).refused("STALE_VERSION", "its version is 1")
    given({"contract.main": "ordered"}).when(order(function="5", version=2)).refused("STALE_VERSION", "function 9 first")


def test_a_cancellation_is_no_new_version():
    booking = document("booking_request", {}, to=("sea_carrier",), number="BR-1")
    cancel = document("booking_request", {}, to=("sea_carrier",), number="BR-1", function="1")
    outcome = given({"transport.booking": "requested"}, booking).when(cancel).fires("p7.b13", "p7.e07", "p10.t03")
    assert not outcome.of(DocumentAdded)


def test_an_instance_that_is_named_begins_when_something_fires_in_it():
    declaration = document("trade_declaration", {}, by="customs_broker", to=("customs",), instance="declaration#import", number="D1")
    outcome = given().when(declaration).fires("p9.t02").ends_in(declaration___import__main="lodged", declaration__main="pending")
    assert [(c.instance, c.regions) for c in outcome.of(InstanceStarted)] == [("declaration#import", {"main": "pending"})]
    assert outcome.after.documents["trade_declaration:D1"].instance == "declaration#import"


def test_an_instance_in_which_nothing_can_fire_does_not_begin():
    response = document("customs_response", {"result": "ACCEPTED"}, by="customs", to=("exporter",), instance="declaration#import")
    given().when(response).refused("OUT_OF_ORDER", "declaration#import.main is pending")


@pytest.mark.parametrize("name", ["nothing", "nothing#1", "declaration.nothing", "declaration#"])
def test_an_instance_of_no_process_is_not_found(name):
    given().when(document("trade_declaration", {}, to=("customs",), instance=name)).refused("CORRELATION_NOT_FOUND", name)


def test_business_keys_choose_among_several_instances():
    states = {"declaration.main": "lodged", "declaration#import.main": "lodged"}
    keys = {"declaration": ["D-1"], "declaration#import": ["D-2"]}
    answer = {"result": "REJECTED", "answers.number": "D-2"}
    response = document("customs_response", answer, by="customs", to=("exporter",))
    given(states, keys=keys).when(response).fires("p9.t05").ends_in(declaration___import__main="rejected", declaration__main="lodged")


def test_without_keys_the_only_instance_that_can_take_it_does():
    states = {"declaration.main": "accepted", "declaration#import.main": "lodged"}
    response = document("customs_response", {"result": "REJECTED"}, by="customs", to=("exporter",))
    given(states).when(response).fires("p9.t05").ends_in(declaration___import__main="rejected")


def test_several_that_can_take_it_are_ambiguous():
    states = {"declaration.main": "lodged", "declaration#import.main": "lodged"}
    response = document("customs_response", {"result": "REJECTED"}, by="customs", to=("exporter",))
    refusal = given(states).when(response).refused("CORRELATION_AMBIGUOUS", "process_instance")
    assert refusal.candidates == ["declaration", "declaration#import"]


def test_a_reply_goes_to_the_instance_that_saw_the_message():
    states = {"payment#a.payable": "invoiced", "payment#b.payable": "invoiced"}
    last = {"payment#a.payable": ("m-a", "insurer"), "payment#b.payable": ("m-b", "insurer")}
    answer = document("application_response", {"answers_message_id": "m-b", "response.code": "AP"}, to=("insurer",))
    given(states, last=last).when(answer).fires("p10.t04").ends_in(payment___b__payable="approved", payment___a__payable="invoiced")


def test_an_answer_is_offered_only_to_the_region_whose_last_message_it_answers():
    states = {"contract.main": "change_pending", "goods.main": "packed"}
    last = {"contract.main": ("m-1", "importer"), "goods.main": ("m-2", "exporter")}
    answer = {"answers_message_id": "m-2", "response.code": "RE"}
    given(states, last=last).when(document("application_response", answer, by="importer", to=("exporter",))).fires("p4.t06")
    nowhere = document("application_response", {**answer, "answers_message_id": "m-3"}, by="importer", to=("exporter",))
    given(states, last=last).when(nowhere).refused("CORRELATION_NOT_FOUND", "answers nothing")


def test_an_answer_to_an_unknown_document_says_so():
    notice = document("licence_decision_notice", {"decision": "GRANTED", "application.type": "licence_application", "application.number": "A-9"},
                      by="licensing_authority")  # fmt: skip
    given().when(notice).refused("CORRELATION_NOT_FOUND", "A-9")


def test_previous_returns_to_the_state_before():
    title = bill(holder="sea_carrier-co", presenter="importer-co", status="PENDING_SURRENDER_FOR_DELIVERY")
    base = given({"transport.title": "endorsed"}, titles=(title,))
    state = base.state()
    state.regions["transport.title"].state, state.regions["transport.title"].previous = "surrender_pending", "endorsed"
    reject = document("title_transfer", {"bill.number": "B1", "action": "SREJ"}, by="sea_carrier", to=("importer",))
    outcome = _decide(base, state, reject)
    outcome.fires("p7.t10").ends_in(transport__title="endorsed")
    assert outcome.after.titles["bill_of_lading:B1"].holder == "importer-co"


def _decide(base, state, message):
    from tests.unit.cases.given import Outcome
    from tradeflow.machine.commands import Context, Lodge
    from tradeflow.machine.decide import decide
    from tradeflow.model.envelope import Envelope

    return Outcome(state, decide(base.tables, state, Lodge(message, Envelope.of(message)), Context(NOW)), NOW)


def test_keys_are_learned_once():
    outcome = given().when(
        document("booking_request", {"contract_ref": "x", "order": {"type": "purchase_order", "number": "PO-1"}}, to=("sea_carrier",))
    )
    assert [c.keys for c in outcome.of(KeysAdded)] == [["booking_request-1", "PO-1"]]


def test_tasks_open_with_require_and_close_on_arrival():
    vessel = {"departed_at": NOW, "eta": NOW, "containers": ["BLEU2004176"]}
    departed = given({"transport.movement": "manifested"}, containers={"BLEU2004176": "load"}).when(
        document("departure_notice", vessel, by="sea_carrier")
    )
    assert {c.message for c in departed.of(TaskOpened)} == {"pre_alert_package", "advance_shipping_notice"}
    state = departed.after
    notice = document("advance_shipping_notice", {})
    outcome = _decide(given(), state, notice).fires("p7.m11")
    assert [c.message for c in outcome.of(TaskDone)] == ["advance_shipping_notice"]


def test_what_a_party_reports_fires_its_transition_and_keeps_the_note():
    outcome = given({"settlement.presentation": "at_nominated"}).when(
        event("examination_complying", role="advising_bank", note="no finding")
    )
    outcome.fires("p8.s06").ends_in(settlement__presentation="complying_nominated")


def test_only_those_who_decide_may_report():
    at_issuing = {"settlement.presentation": "at_issuing"}
    given(at_issuing).when(event("examination_complying", role="advising_bank")).refused("WRONG_SENDER", "issuing_bank")
    given(at_issuing).when(event("examination_complying", role="issuing_bank")).fires("p8.s17")
    given(at_issuing).when(event("trade_closed", "transport.movement", role="exporter")).refused("OUT_OF_ORDER")
    given({"transport.movement": "delivered"}).when(event("trade_closed", "transport.movement", role="exporter")).refused(
        "WRONG_SENDER", "the platform"
    )
    given().when(Raise("no_house", "", "stranger-co", "exporter")).refused("WRONG_SENDER", "stranger-co is not exporter")


def test_an_event_that_fits_several_regions_needs_its_name():
    states = {"declaration.main": "pending", "declaration#import.main": "pending"}
    refusal = given(states).when(event("declaration_exempt", role="exporter")).refused("CORRELATION_AMBIGUOUS", "name one as region")
    assert refusal.candidates == ["declaration#import.main", "declaration.main"]
    given(states).when(event("declaration_exempt", "declaration#import.main", "exporter")).fires("p9.t18")


def test_unknown_events_and_regions_are_not_found():
    given().when(event("nonsense")).refused("CORRELATION_NOT_FOUND", "nonsense")
    given().when(event("no_house", "transport.nowhere")).refused("CORRELATION_NOT_FOUND", "transport.nowhere")
    given().when(event("declaration_exempt", "contract.main")).refused("OUT_OF_ORDER", "knows no event")


def test_a_reported_event_whose_guard_fails_is_refused_with_the_reason():
    given({"trade.case": "delivered", "trade.money": "unsecured", "goods.main": "packed"}).when(event("all_closed", "trade.case")).refused(
        "GUARD_FAILED", "goods.main is packed"
    )


def test_the_hubs_own_events_never_fail():
    outcome = given().when(Raise("trade_closed", "transport.movement"))
    assert [(c.region, c.event) for c in outcome.of(SignalDropped)] == [("transport.movement", "trade_closed")]
    assert outcome.answer.fired == []


def test_an_event_may_begin_an_instance():
    given().when(event("payable_created", "payment#goods.payable")).fires("p10.t03").ends_in(payment___goods__payable="invoiced")


def test_every_move_names_the_message_and_the_sender():
    moved = given().when(order(id="m-7")).of(Moved)[0]
    assert (moved.message_id, moved.sender, moved.trigger, moved.source, moved.target) == (
        "m-7",
        "importer",
        "purchase_order",
        "negotiating",
        "ordered",
    )
