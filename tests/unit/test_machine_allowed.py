"""What would be accepted now: short, true, and quick."""

from tests import budget
from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import ROLES, bill, given
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Context, Lodge, Open
from tradeflow.machine.decide import decide
from tradeflow.machine.load import digest, from_content, machine
from tradeflow.machine.needs import documents_for
from tradeflow.machine.words import words
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, TradeState


def entry(state, role, name, region=""):
    return next(a for a in allowed(machine(), state, {role}) if name in (a.message, a.event) and region in ("", a.region))


def test_the_buyer_begins_with_an_order():
    found = entry(given().state(), "importer", "purchase_order")
    assert (found.region, found.instance, found.by, found.function, found.to) == (
        "contract.main",
        "contract",
        ["importer"],
        ["9"],
        ["ordered"],
    )
    assert [(g.guard, g.holds) for g in found.guards] == [("po_valid", None)]


def test_alternatives_are_one_entry_with_every_state_they_may_lead_to():
    found = entry(given({"contract.main": "ordered"}).state(), "exporter", "order_response")
    assert found.to == ["agreed", "offered", "rejected"]
    assert {g.guard for g in found.guards} == {"response_accepted", "response_conditional", "response_rejected"}


def test_what_the_state_alone_decides_is_said():
    packing = entry(given().state(), "exporter", "packing_list")
    agreed = next(g for g in packing.guards if g.guard == "contract_agreed")
    assert (agreed.holds, agreed.because) == (False, "contract.main is negotiating")
    after = entry(given({"contract.main": "agreed"}).state(), "exporter", "packing_list")
    assert {g.guard: g.holds for g in after.guards}["contract_agreed"] is True


def test_an_alternative_the_state_rules_out_is_left_out():
    state = given({"transport.title": "issued"}, titles=(bill(form="STRAIGHT"),)).state()
    found = entry(state, "exporter", "title_transfer", "transport.title")
    assert "endorsable" not in {g.guard for g in found.guards}
    assert "surrender_pending" in found.to
    assert "endorsed" not in found.to


def test_only_the_holder_is_offered_a_transfer():
    state = given({"transport.title": "issued"}, titles=(bill(),)).state()
    holder = {g.guard: g.holds for g in entry(state, "exporter", "title_transfer", "transport.title").guards}
    other = {g.guard: g.holds for g in entry(state, "importer", "title_transfer", "transport.title").guards}
    assert (holder["actor_is_holder"], other["actor_is_holder"]) == (True, False)


def test_a_process_that_waits_for_another_says_so():
    found = entry(given(terms={"incoterm": "CIF"}).state(), "exporter", "insurance_application", "insurance.cover")
    waits = next(g for g in found.guards if g.guard == "after_contract")
    assert (waits.holds, waits.because) == (None, "contract.main is negotiating")
    after = entry(given({"contract.main": "agreed"}).state(), "exporter", "insurance_application", "insurance.cover")
    assert "after_contract" not in {g.guard for g in after.guards}


def test_events_are_for_those_who_decide():
    state = given({"settlement.presentation": "at_issuing"}).state()
    assert entry(state, "issuing_bank", "examination_complying").to == ["must_honour"]
    assert not any(a.event == "examination_complying" for a in allowed(machine(), state, {"advising_bank", "exporter"}))
    assert entry(state, "platform", "exam_period_lapsed").by == ["platform"]


def test_terminal_regions_offer_nothing():
    state = given({"contract.main": "lapsed"}).state()
    assert not any(a.region == "contract.main" for a in allowed(machine(), state, set(ROLES)))


def test_what_is_allowed_is_accepted_as_far_as_sender_and_state_go():
    """Nobody is told to send what would be out of order or is for somebody else."""
    trade = given({"contract.main": "agreed", "lc.credit": "advised", "transport.booking": "confirmed", "goods.main": "ready"})
    state = trade.state()
    for role in ROLES:
        for found in allowed(machine(), state, {role}):
            if found.message and "9" in found.function and found.message != "application_response":
                to = catalogue().message(found.message).to_roles[:1]
                new = document(found.message, {}, by=role, to=to, instance=found.region)
                answer = decide(machine(), state, Lodge(new, Envelope.of(new)), Context(NOW))
                if isinstance(answer, Refusal):
                    assert answer.code not in {"OUT_OF_ORDER", "WRONG_SENDER", "TERMINAL_STATE"}, (role, found.message, answer.detail)


def test_it_is_quick():
    state = given().state()
    allowed(machine(), state, set(ROLES))
    assert budget.yardsticks(lambda: allowed(machine(), state, set(ROLES))) < 0.05


def test_a_refusal_offers_only_what_the_state_does_not_rule_out():
    refusal = given().when(document("packing_list", {})).refused("DEPENDENCY_OPEN")
    assert refusal.allowed
    assert all(g.holds is not False for a in refusal.allowed for g in a.guards)


def test_a_trade_is_opened_by_its_buyer_or_seller_with_known_roles():
    cast = [Participant("a", "exporter"), Participant("b", "importer")]
    opened = decide(machine(), TradeState(""), Open("T-000001", {"incoterm": "CIF"}, cast, "a"), Context(NOW))
    assert isinstance(opened, Decision)
    assert opened.changes[0].machine == machine().hash
    for participants, party, code in (
        ([*cast, Participant("c", "trucker")], "c", "WRONG_SENDER"),
        (cast, "z", "WRONG_SENDER"),
        ([*cast, Participant("c", "pirate")], "a", "WRONG_RECIPIENT"),
    ):
        refused = decide(machine(), TradeState(""), Open("T-000001", {}, participants, party), Context(NOW))
        assert isinstance(refused, Refusal)
        assert refused.code == code


def test_a_machine_compiled_again_from_its_content_is_the_same():
    shuffled = dict(reversed(machine().content.items())) | {"guards": dict(reversed(machine().content["guards"].items()))}
    again = from_content(shuffled)
    assert again.hash == machine().hash == digest(machine().content)
    assert list(again.processes) == list(machine().processes)
    assert [t.id for t in again.processes["lc"].regions["credit"].transitions] == [
        t.id for t in machine().processes["lc"].regions["credit"].transitions
    ]


def test_compiling_everything_is_quick():
    from tradeflow.bundle import content_roots
    from tradeflow.machine.load import read

    assert budget.yardsticks(lambda: from_content(read(content_roots()))) < 1.5


def test_needs_follow_guards_effects_and_signals():
    assert documents_for(machine(), "title_transfer") == set()
    assert "booking_confirmation" in documents_for(machine(), "booking_confirmation"), "armed cut-offs"
    assert {"purchase_order", "sales_order"} <= documents_for(machine(), "order_response"), "start(..) when payment_is_lc"
    assert "letter_of_credit" in documents_for(machine(), "payment_advice"), "behind the signal drawing_honoured"
    assert "lc_amendment" in documents_for(machine(), "p3_latest_shipment"), "a reminder that is armed again"
    assert documents_for(machine(), "nothing") == set()
    known = set(catalogue().ids())
    assert all(documents_for(machine(), trigger) <= known for trigger in machine().on)


def test_every_word_says_what_it_means():
    assert len(words()) > 50
    for word in words().values():
        assert word.text.endswith((".", ")")), word.name
        assert set(word.reads) <= set(catalogue().ids()), word.name
