"""The short form: what it leaves out is made from the content; a sample of another trade becomes a document of this one."""

from datetime import datetime
from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.compact import is_short, scenarios
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Cast, Scenario, Step, load
from tradeflow.scenario.worlds import Translator, parties_in, samples_of

EXAMPLES = bundle_root() / "docs" / "examples"
SHORT = """
[[scenario]]
id = "X"
title = "Turns out otherwise"
facts = ["payment_is_open", "insurance_wanted"]
given = ["transport.booking=confirmed"]
cast = "exporter Lantau Lamps Ltd, Hong Kong; insurer Pearl Delta (HK)"
steps = [
  { d = 2026-02-02, m = ["packing_list", "commercial_invoice"], by = "exporter", to = ["importer"], x = ["goods.main=ready"] },
  { d = "2026-02-02", m = "equipment_interchange_receipt", by = "container_terminal", to = ["sea_carrier"], t = ["in_full"] },
  { d = "2026-02-03", m = "customs_response", by = "customs", to = ["exporter"], t = ["res_hold"], f = ["res_accepted"], at = ["declaration"] },
  { d = "2026-02-03", m = "commercial_invoice", fn = "31", by = "exporter", to = ["advising_bank"] },
  { d = "2026-02-04", e = "all_closed", at = ["trade.case"], err = "OUT_OF_ORDER" },
]
"""
OTHERS = [
    Cast("lantau-lamps", "Lantau Lamps Ltd", ["exporter"]),
    Cast("delta", "Delta B.V.", ["importer"]),
    Cast("bank", "A Bank", ["advising_bank"]),
]


@pytest.fixture
def short(tmp_path: Path) -> Scenario:
    file = tmp_path / "short.toml"
    file.write_text(SHORT, encoding="utf-8")
    assert is_short(file)
    return scenarios(file)[0]


def scenario(*steps: Step) -> Scenario:
    return Scenario("T", "", "TEST-0001", {}, OTHERS, list(steps))


def at(text: str, message: str, by: str, to: list[str], **more: object) -> Step:
    return Step(datetime.fromisoformat(text), message, by=by, to=to, **more)  # type: ignore[arg-type]


def test_the_cast_is_who_acts_is_told_or_must_have_acted(short: Scenario) -> None:
    names = {member.party: member.name for member in short.cast}
    assert names["exporter"] == "Lantau Lamps Ltd"
    assert names["sea-carrier"] == "Sea Carrier", "named by nobody, needed for the booking that is given and told in a step"
    assert next(member.roles for member in short.cast if member.party == "importer") == ["importer", "notify_party"]
    assert "insurer" not in names, "nobody in the steps"


def test_facts_become_terms(short: Scenario) -> None:
    assert short.terms["payment_method"] in ("OPEN_ACCOUNT", "ADVANCE")
    assert short.terms["incoterm"] in ("CIF", "CIP")


def test_each_message_is_a_step_in_time_and_the_last_one_is_expected_to_lead_there(short: Scenario) -> None:
    assert [step.message for step in short.step[:2]] == ["packing_list", "commercial_invoice"]
    assert [step.expect for step in short.step[:2]] == [[], ["goods.main=ready"]]
    assert short.step[0].date < short.step[1].date < short.step[2].date < short.step[3].date
    assert (short.step[4].resend, short.step[4].function) == (True, "31")
    assert (short.step[5].event, short.step[5].instance, short.step[5].error) == ("all_closed", "trade.case", "OUT_OF_ORDER")


def test_the_sample_and_its_fields_meet_the_guards(short: Scenario) -> None:
    filler = Filler(catalogue(), short, short.reference)
    gate_in, response = (filler.document(step, step.message, "00000000-0000-0000-0000-000000000000") for step in short.step[2:4])
    assert gate_in["direction"] == "GATE_IN_FULL"
    assert response["result"] in ("EXAMINE", "HELD")
    assert response["message"]["process_instance"] == "declaration"


def test_a_sample_of_another_trade_is_translated() -> None:
    step = at("2026-03-02T10:00:00+08:00", "commercial_invoice", "exporter", ["importer"], sample="s01")
    filler = Filler(catalogue(), scenario(step), "TEST-0001")
    tree = filler.document(step, "commercial_invoice", "00000000-0000-0000-0000-000000000000")
    assert tree["seller"]["party_id"] == "lantau-lamps"
    assert tree["seller"]["name"] == "Lantau Lamps Ltd"
    assert parties_in(tree) <= {member.party for member in OTHERS}
    assert tree["document"]["issue_date"] == "2026-03-02", "dated as the sample was dated beside its sending"
    assert "references" not in tree, "nothing it refers to is in this trade"
    assert canonical.document("commercial_invoice", tree)


def test_a_sample_of_this_trade_is_taken_as_it_is() -> None:
    s01 = load(bundle_root() / "workflows" / "trade" / "scenarios" / "S01.toml")
    sample = samples_of(catalogue(), "commercial_invoice")[0]
    step = at("2026-03-02T10:00:00+08:00", "commercial_invoice", "exporter", ["importer"])
    assert Translator(catalogue(), s01).document(sample, step) == sample.tree


def test_a_second_document_gets_a_number_of_its_own_and_what_was_called_otherwise_is_called_so() -> None:
    first = at("2026-03-02T10:00:00+08:00", "packing_list", "exporter", ["importer"], sample="s01", set={"document.number": "LL-77"})
    second = at("2026-03-03T10:00:00+08:00", "packing_list", "exporter", ["importer"], sample="s01")
    invoice = at("2026-03-04T10:00:00+08:00", "commercial_invoice", "exporter", ["importer"], sample="s01")
    filler = Filler(catalogue(), scenario(first, second, invoice), "TEST-0001")
    made = []
    for step in (first, second, invoice):
        tree = filler.document(step, step.message, "00000000-0000-0000-0000-000000000000")
        filler.lodged(step.message, tree)
        made.append(tree)
    assert [tree["document"]["number"] for tree in made[:2]] == ["LL-77", "LL-77-2"]
    assert [one["number"] for one in made[2]["references"]] == ["LL-77"]


def test_what_is_not_of_the_form_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[[scenario]]\nid = "X"\nsteps = [{ d = "tomorrow" }]\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"steps\[0\].d"):
        scenarios(file)
    assert not is_short(EXAMPLES / "short-trade.toml")
