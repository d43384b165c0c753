"""What is missing for this shipment: S01 at several points, other kinds of trade, and defects of the rows."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.cases.given import given
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.machine.answers import Decision
from tradeflow.machine.commands import Context, Lodge, Open, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.machine.owed import check_owed, owed
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, TradeState
from tradeflow.scenario.load import load

SCENARIO = bundle_root() / "workflows" / "trade" / "scenarios" / "S01.toml"


def s01(steps):
    """The trade of S01 after so many steps, decided step by step: (state, documents, time)."""
    scenario, tables = load(SCENARIO), machine()
    cast = [Participant(m.party, role) for m in scenario.cast for role in m.roles]
    opener = next(m.party for m in scenario.cast if "exporter" in m.roles)
    now = scenario.step[0].date
    opened = decide(tables, TradeState(""), Open("GLL-2025-0117", dict(scenario.terms), cast, opener), Context(now))
    assert isinstance(opened, Decision)
    state, docs = fold(TradeState(""), opened.changes, now), DocumentSet()
    for step in scenario.step[:steps]:
        party, role = scenario.party(step.by)
        now = step.date
        if step.message:
            file = catalogue().message(step.message).folder / "samples" / "valid" / f"{step.sample or 's01'}.json"
            tree = json.loads(file.read_bytes())
            to = [dict(zip(("party_id", "role"), scenario.party(who), strict=True)) for who in step.to]
            tree["message"] |= {"sender": {"party_id": party, "role": role}, "recipients": to, "function": step.function}
            lodged = canonical.document(step.message, tree)
            command = Lodge(lodged, Envelope.of(lodged))
        else:
            command = Raise(step.event, step.instance, party, role, step.note)
        answer = decide(tables, state, command, Context(now, docs))
        assert isinstance(answer, Decision), (step.message or step.event, answer)
        state = fold(state, answer.changes, now)
        if step.message and step.function == "9":
            docs = docs.with_(lodged)
    return state, docs, now


def missing(state, docs, now):
    return {one.id: one for one in owed(machine(), state, Context(now, docs))}


AT = {
    0: "order confirmation lc_application credit advice invoice booking_by_seller booking_confirmation instruction vgm cover_by_seller bill presentation",
    2: "lc_application credit advice invoice packing_list booking_by_seller booking_confirmation instruction vgm origin cover_by_seller bill presentation",
    9: "instruction vgm origin cover_by_seller bill draft_of_credit presentation",
}


@pytest.mark.parametrize(
    ("steps", "ids"),
    [
        (0, AT[0]),
        (2, AT[2]),
        (9, AT[9]),
        (28, "shipping_notice draft_of_credit presentation export_declaration arrival_notice"),
        (45, "bank_payment arrival_notice title_transfer"),
        (56, "import_declaration release title_transfer"),
        (65, ""),
    ],
)
def test_s01_owes_what_a_shipping_clerk_would_say(steps, ids):
    assert list(missing(*s01(steps))) == ids.split()


def test_deadlines_and_reasons_are_named():
    found = missing(*s01(9))
    assert found["bill"].due_why == "until 2025-03-15 (letter_of_credit MAAS25LC00417)"
    assert found["vgm"].due == datetime(2025, 3, 6, 4, tzinfo=UTC)
    assert "VCO" in found["vgm"].due_why
    assert found["cover_by_seller"].parties == ["pearl-delta"]
    assert "Incoterms 2020 A5" in found["cover_by_seller"].source
    assert "asks for certificate_of_origin" in found["origin"].condition[0]
    assert found["instruction"].possible_now
    assert [step.message for step in missing(*s01(2))["advice"].unlock] == ["lc_application", "letter_of_credit"]
    presented = missing(*s01(28))["presentation"]
    assert "21 days after 2025-03-10" in presented.due_why
    assert presented.possible_now


TERMS = {
    "air": ({"incoterm": "FCA", "payment_method": "OPEN_ACCOUNT", "transport_mode": "4"}, {"waybill", "booking_by_buyer", "payment"}, {"bill", "vgm", "lc_application"}),
    "collection": ({"incoterm": "CFR", "payment_method": "DP", "transport_mode": "1", "load_type": "FCL"}, {"collection", "bill", "vgm"}, {"presentation", "payment"}),
    "fob": ({"incoterm": "FOB", "payment_method": "LC_SIGHT", "transport_mode": "1", "load_type": "LCL"}, {"booking_by_buyer", "presentation"}, {"vgm", "cover_by_seller", "booking_by_seller"}),
    "acceptance": ({"incoterm": "CIP", "payment_method": "DA", "transport_mode": "4"}, {"draft", "cover_by_seller", "waybill"}, {"bill", "credit"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TERMS)
def test_the_terms_of_a_trade_decide_what_it_owes(name):
    terms, there, not_there = TERMS[name]
    state = given(terms=terms).state()
    found = set(missing(state, DocumentSet(), NOW))
    assert there <= found
    assert not not_there & found


def test_controlled_goods_owe_a_licence():
    rows = machine().goods["controlled"]
    order = document("purchase_order", {"lines": [{"hs_code": rows[0]["hs"]}]}, by="importer")
    assert "export_licence" in missing(given({}, order).state(), DocumentSet([order]), NOW)


def test_a_deadline_that_is_over_says_so():
    order = document("purchase_order", {"latest_shipment": date(2025, 3, 1)}, by="importer")
    found = missing(given({}, order, terms={"transport_mode": "1"}).state(), DocumentSet([order]), NOW + timedelta(400))
    assert found["bill"].overdue


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('{ id = "x", messages = ["invoice"], by = ["exporter"], why = "w", source = "s" }', "there is no message invoice"),
        ('{ id = "x", messages = ["packing_list"], by = ["seller"], why = "w", source = "s" }', "unknown role seller"),
        ('{ id = "x", messages = ["packing_list"], by = ["importer"], why = "w", source = "s" }', "importer sends none of packing_list"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w" }', "missing required field `source`"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w", source = "s", clock = "p8_present" }', "there is no timer"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w", source = "s", when = [{ word = "term_inn" }] }', "unknown word term_inn"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w", source = "s", when = [{ word = "term_in", path = "p" }] }', "needs values"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w", source = "s", when = [{ word = "region_in", region = "lc.credit", states = ["isued"] }] }', "has no state isued"),
        ('{ id = "x", messages = ["packing_list"], by = ["exporter"], why = "w", source = "s", due = { until = ["x"], of = ["nothing"] } }', "there is no message nothing"),
    ],
)  # fmt: skip
def test_defects_of_rows_are_found_with_their_line(tmp_path: Path, row, says):
    folder = tmp_path / "workflows" / "_common"
    folder.mkdir(parents=True)
    (folder / "owed.toml").write_text(f"# a defect\nowed = [\n  {row},\n]\n", encoding="utf-8")
    found = [str(one) for one in check_owed(machine(), [tmp_path], catalogue())]
    assert any(says in one and "owed.toml:3:" in one for one in found), found
    shutil.rmtree(tmp_path / "workflows")
