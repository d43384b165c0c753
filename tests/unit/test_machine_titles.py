"""Control of a bill: one holder at every moment, an order party, a chain that cannot fork."""

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import bill, event, given
from tradeflow.machine.changes import TitlePassed
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.model.document import DocumentSet
from tradeflow.model.envelope import Envelope

BILL = "bill_of_lading:B1"
ISSUED = {"transport.title": "issued"}


def issue(**fields):
    data = {"originals": 3, "electronic": False, "consignment_form": "TO_ORDER", **{k.replace("__", "."): v for k, v in fields.items()}}
    return document("bill_of_lading", data, by="sea_carrier", to=("exporter",), number="B1")


def transfer(action, by="exporter", to="importer", link="link-0", originals=(1, 2, 3), number="TT-1", **fields):
    data = {
        "bill.number": "B1",
        "bill.type": "bill_of_lading",
        "action": action,
        "previous_link_hash": link,
        "originals_delivered": list(originals),
    }
    return document("title_transfer", {**data, **{k.replace("__", "."): v for k, v in fields.items()}}, by=by, to=(to,), number=number)


def after(outcome):
    return outcome.after.titles[BILL]


def test_issue_puts_the_full_set_into_the_shippers_hands():
    title = after(given({"transport.document": "draft_approved"}).when(issue()).fires("p7.d09", "p7.t01"))
    assert (title.holder, title.order_party, title.originals, title.medium, title.status) == (
        "exporter-co",
        "exporter-co",
        3,
        "PAPER",
        "ISSUED",
    )
    assert (title.issuer, title.instance, title.chain) == ("sea_carrier-co", "transport", 0)
    assert title.last_link == issue().payload_sha256, "the first link is the bill itself"


@pytest.mark.parametrize(
    ("fields", "holder", "order_party", "medium"),
    [
        ({"consignment_form": "STRAIGHT", "consignee__party_id": "importer-co"}, "exporter-co", "importer-co", "PAPER"),
        ({"consignment_form": "STRAIGHT"}, "exporter-co", "importer-co", "PAPER"),
        ({"consignment_form": "BEARER"}, "exporter-co", "", "PAPER"),
        ({"consignment_form": "TO_ORDER_OF_BANK", "order_party__party_id": "issuing_bank-co"}, "exporter-co", "issuing_bank-co", "PAPER"),
        ({"consignment_form": "TO_ORDER_OF_NAMED", "order_party__name": "Somebody Ltd"}, "exporter-co", "Somebody Ltd", "PAPER"),
        ({"shipper__party_id": "freight_forwarder-co"}, "exporter-co", "freight_forwarder-co", "PAPER"),
        ({"control__holder__party_id": "advising_bank-co", "electronic": True}, "advising_bank-co", "advising_bank-co", "ELECTRONIC"),
        ({"control__holder__party_id": "stranger"}, "exporter-co", "exporter-co", "PAPER"),
    ],
)
def test_who_holds_a_new_bill_and_to_whose_order_it_is(fields, holder, order_party, medium):
    title = after(given({"transport.document": "draft_approved"}).when(issue(**fields)))
    assert (title.holder, title.order_party, title.medium) == (holder, order_party, medium)


def test_a_blank_endorsement_frees_the_order_and_leaves_possession():
    outcome = given(ISSUED, titles=(bill(),)).when(transfer("BLANK_ENDORSE")).fires("p7.t04").ends_in(transport__title="endorsed")
    title = after(outcome)
    assert (title.holder, title.order_party, title.chain) == ("exporter-co", "", 1)
    assert title.last_link == transfer("BLANK_ENDORSE").payload_sha256


def test_a_special_endorsement_names_the_order_party_and_hands_over_the_bill():
    title = after(given(ISSUED, titles=(bill(),)).when(transfer("ENDORSE_TO_ORDER", recipient__party_id="confirming_bank-co")))
    assert (title.holder, title.order_party, title.restricted) == ("confirming_bank-co", "confirming_bank-co", False)


def test_the_endorsee_may_be_another_than_the_one_who_receives_it():
    fields = {"recipient__party_id": "remitting_bank-co", "endorsement__endorsee__party_id": "collecting_bank-co"}
    title = after(given(ISSUED, titles=(bill(),)).when(transfer("ENDORSE_TO_ORDER", **fields)))
    assert (title.holder, title.order_party) == ("remitting_bank-co", "collecting_bank-co")


def test_a_restrictive_endorsement_is_the_last():
    title = after(given(ISSUED, titles=(bill(),)).when(transfer("ENDORSE")))
    assert title.restricted
    given({"transport.title": "endorsed"}, titles=(title,)).when(transfer("ENDORSE", by="importer", link=title.last_link)).refused(
        "NOT_NEGOTIABLE"
    )


def test_delivery_of_all_originals_moves_possession_of_fewer_does_not():
    moved = after(given(ISSUED, titles=(bill(),)).when(transfer("TRANSFER", recipient__party_id="advising_bank-co")))
    assert (moved.holder, moved.order_party) == ("advising_bank-co", "exporter-co")
    kept = after(given(ISSUED, titles=(bill(),)).when(transfer("TRANSFER", originals=(1, 2))))
    assert kept.holder == "exporter-co"


def test_nobody_but_the_holder_acts_and_a_fork_is_refused():
    given(ISSUED, titles=(bill(),)).when(transfer("TRANSFER", by="importer")).refused("NOT_HOLDER", "exporter-co")
    given(ISSUED, titles=(bill(order_party="issuing_bank-co"),)).when(transfer("ENDORSE")).refused("NOT_ORDER_PARTY", "issuing_bank-co")
    given(ISSUED, titles=(bill(form="STRAIGHT"),)).when(transfer("ENDORSE")).refused("NOT_NEGOTIABLE", "straight")
    given(ISSUED, titles=(bill(),)).when(transfer("TRANSFER", link="link-9")).refused("TITLE_CONFLICT", "link-0")
    given(ISSUED, titles=(bill(),)).when(transfer("SURRENDER_FOR_AMENDMENT", to="sea_carrier", originals=(1,))).refused(
        "ORIGINALS_INCOMPLETE", "1 of 3"
    )


def test_surrender_for_delivery_and_the_carriers_answer():
    surrendered = given(ISSUED, titles=(bill(order_party=""),)).when(transfer("SURRENDER_FOR_DELIVERY", to="sea_carrier", originals=(1,)))
    title = after(surrendered.fires("p7.t08"))
    assert (title.holder, title.presenter, title.status) == ("sea_carrier-co", "exporter-co", "PENDING_SURRENDER_FOR_DELIVERY")
    states = {"transport.title": "surrender_pending", "transport.release": "notified"}
    accepted = given(states, titles=(title,)).when(transfer("SACC", by="sea_carrier")).fires("p7.t09", "p7.r02")
    assert (after(accepted).holder, after(accepted).status) == ("", "SURRENDERED_FOR_DELIVERY")
    assert accepted.after.attributes == {"guarantee.open": False, "release_basis": "ORIGINAL_BL"}
    rejected = given({"transport.title": "surrender_pending"}, titles=(title,)).when(transfer("SREJ", by="sea_carrier")).fires("p7.t10")
    assert (after(rejected).holder, after(rejected).status) == ("exporter-co", "ISSUED")
    given({"transport.title": "surrender_pending"}, titles=(title,)).when(transfer("SACC", by="freight_forwarder")).refused(
        "GUARD_FAILED", "sea_carrier-co"
    )


def test_telex_release_kills_the_bill():
    notice = document(
        "surrender_notice", {"bill.number": "B1", "originals_surrendered": 3, "release_to.name": "I"}, to=("sea_carrier",), number="S-1"
    )
    at_origin = given(ISSUED, titles=(bill(),)).when(notice).fires("p7.t05")
    assert after(at_origin).holder == "sea_carrier-co"
    fields = {"bill.number": "B1", "surrender.number": "S-1", "release_to.name": "I", "full_set_received": True, "authentication": "key"}
    release = document("telex_release", fields, by="sea_carrier", to=("destination_agent",))
    states = {"transport.title": "surrendered_at_origin", "transport.release": "notified"}
    dead = given(states, notice, titles=(after(at_origin),)).when(release).fires("p7.t07", "p7.r03")
    assert after(dead).status == "SURRENDERED_FOR_DELIVERY"
    refused = document("application_response", {"answers_message_id": "m-1", "response.code": "RE"}, by="sea_carrier", to=("exporter",))
    last = {"transport.title": ("m-1", "exporter")}
    back = given({"transport.title": "surrendered_at_origin"}, titles=(after(at_origin),), last=last).when(refused).fires("p7.t06")
    assert (after(back).holder, after(back).status) == ("exporter-co", "ISSUED")


def test_fewer_originals_and_open_credits_stop_a_surrender_at_origin():
    few = document("surrender_notice", {"bill.number": "B1", "originals_surrendered": 2}, to=("sea_carrier",))
    given(ISSUED, titles=(bill(),)).when(few).refused("ORIGINALS_INCOMPLETE")
    all_three = document("surrender_notice", {"bill.number": "B1", "originals_surrendered": 3}, to=("sea_carrier",))
    given({**ISSUED, "lc.credit": "advised"}, titles=(bill(),)).when(all_three).refused("LC_UNDER_PRESENTATION")
    owing = document("surrender_notice", {"bill.number": "B1", "originals_surrendered": 3, "freight_settled": False}, to=("sea_carrier",))
    given(ISSUED, titles=(bill(),)).when(owing).refused("CHARGES_OUTSTANDING")


def test_a_replacement_bill_ends_the_old_one_and_begins_a_new_chain():
    old = bill(holder="sea_carrier-co", presenter="exporter-co", status="PENDING_SURRENDER_FOR_AMENDMENT", chain=3)
    fields = {"originals": 3, "consignment_form": "TO_ORDER", "references": [{"type": "bill_of_lading", "number": "B1"}]}
    first = document("bill_of_lading", fields, by="sea_carrier", to=("exporter",), number="B2")
    new = document("bill_of_lading", fields, by="sea_carrier", to=("exporter",), number="B2", version=2, function="5")
    outcome = given({"transport.title": "amendment_pending"}, first, titles=(old,)).when(new).fires("p7.t12")
    titles = outcome.after.titles
    assert (titles[BILL].holder, titles[BILL].status) == ("", "SURRENDERED_FOR_AMENDMENT")
    assert (titles["bill_of_lading:B2"].holder, titles["bill_of_lading:B2"].chain) == ("exporter-co", 0)


def test_an_amended_bill_of_the_same_number_goes_back_to_who_handed_it_in():
    old = bill(holder="sea_carrier-co", presenter="importer-co", status="PENDING_SURRENDER_FOR_AMENDMENT", chain=3)
    again = document("bill_of_lading", {"originals": 3}, by="sea_carrier", to=("exporter",), number="B1", version=2, function="5")
    outcome = given({"transport.title": "amendment_pending"}, issue(), titles=(old,)).when(again).fires("p7.t12")
    assert [t.title.holder for t in outcome.of(TitlePassed)] == ["importer-co"]


def test_a_void_bill_has_no_holder():
    old = bill(holder="sea_carrier-co", status="PENDING_SURRENDER_FOR_AMENDMENT")
    title = after(given({"transport.title": "amendment_pending"}, titles=(old,)).when(transfer("VOID", by="sea_carrier")).fires("p7.t13"))
    assert (title.holder, title.status) == ("", "VOIDED")


def test_a_waybill_is_no_title():
    waybill = document("sea_waybill", {"consignment_form": "STRAIGHT"}, by="sea_carrier", to=("exporter",))
    outcome = (
        given({"transport.document": "draft_approved"}).when(waybill).fires("p7.d10", "p7.t02").ends_in(transport__title="non_negotiable")
    )
    assert outcome.after.titles == {}
    given({"transport.title": "non_negotiable"}).when(transfer("ENDORSE")).refused("TERMINAL_STATE", "a waybill is no document of title")


def test_the_bill_travels_with_the_set_a_bank_sends_on():
    held = bill(holder="advising_bank-co", order_party="")
    letter = document("lc_collection_letter", {"basis": "LC_COMPLYING"}, by="advising_bank", to=("issuing_bank",))
    sent = given({"settlement.presentation": "complying_nominated"}, titles=(held,)).when(letter).fires("p8.s10")
    assert after(sent).holder == "issuing_bank-co"
    elsewhere = given({"settlement.presentation": "complying_nominated"}, titles=(bill(),)).when(letter)
    assert not elsewhere.of(TitlePassed), "a bill the bank does not hold stays where it is"


def test_an_electronic_bill_does_not_travel_with_a_letter():
    held = bill(holder="advising_bank-co", order_party="", medium="ELECTRONIC", originals=1)
    letter = document("lc_collection_letter", {"basis": "LC_COMPLYING"}, by="advising_bank", to=("issuing_bank",))
    sent = given({"settlement.presentation": "complying_nominated"}, titles=(held,)).when(letter).fires("p8.s10")
    assert not sent.of(TitlePassed), "only a transfer of the record passes control of it"


def test_documents_returned_go_back_to_who_presented_them():
    letter = document("lc_collection_letter", {}, number="L-1")
    trade = given(
        {"settlement.presentation": "refused"}, letter, titles=(bill(holder="issuing_bank-co"),), presented=("lc_collection_letter:L-1",)
    )
    outcome = trade.when(event("documents_returned", role="issuing_bank")).fires("p8.s25")
    assert after(outcome).holder == "exporter-co"
    assert not outcome.after.documents["lc_collection_letter:L-1"].presented


def test_a_lost_original_puts_a_hold_on_the_goods():
    outcome = given(ISSUED).when(event("original_lost", role="exporter")).fires("p7.t15")
    assert outcome.after.attributes["hold.carrier"] is True
    order = document("release_order", {"revoked": False}, by="sea_carrier", to=("container_terminal",))
    given({"transport.release": "do_issued"}, attributes={"hold.carrier": True}).when(order).refused("HOLD_ACTIVE", "hold.carrier")


def test_at_every_step_there_is_one_holder_and_the_chain_grows_by_one():
    """A walk of a bill through five hands."""
    trade = given({**ISSUED, "transport.release": "notified"}, titles=(bill(),))
    state = trade.state()
    hands = [
        ("exporter", "ENDORSE_TO_ORDER", "advising_bank"), ("advising_bank", "ENDORSE_TO_ORDER", "issuing_bank"), ("issuing_bank", "BLANK_ENDORSE", "importer"),
        ("issuing_bank", "TRANSFER", "importer"), ("importer", "SURRENDER_FOR_DELIVERY", "sea_carrier"),
    ]  # fmt: skip
    for n, (by, action, to) in enumerate(hands, 1):
        link = state.titles[BILL].last_link
        message = transfer(action, by=by, to=to, link=link, number=f"TT-{n}", recipient__party_id=f"{to}-co")
        answer = decide(trade.tables, state, Lodge(message, Envelope.of(message)), Context(NOW, DocumentSet()))
        state = fold(state, answer.changes, NOW)
        assert state.titles[BILL].chain == n
        assert state.titles[BILL].last_link == message.payload_sha256
        again = decide(
            trade.tables,
            state,
            Lodge(transfer(action, by=by, to=to, link=link, number=f"TT-{n}-again"), Envelope.of(message)),
            Context(NOW),
        )
        assert hasattr(again, "code"), "the same link cannot be used twice"
    assert state.titles[BILL].holder == "sea_carrier-co"


def test_naming_another_process_does_not_get_around_the_region_that_decides():
    """A bank files the transfer that names its settlement, but only transport.title knows who holds the bill."""
    states = {"transport.title": "issued", "settlement.presentation": "awaiting_documents"}
    stranger = document(
        "title_transfer", {"bill.number": "B1", "action": "TRANSFER"}, by="advising_bank", to=("issuing_bank",), instance="settlement"
    )
    given(states, titles=(bill(),)).when(stranger).refused("NOT_HOLDER")
    holder = document(
        "title_transfer",
        {"bill.number": "B1", "action": "TRANSFER", "previous_link_hash": "link-0"},
        to=("advising_bank",),
        instance="settlement",
    )
    given(states, titles=(bill(),)).when(holder).fires("p8.s35", "p7.t03")
