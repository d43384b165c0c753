"""Looking ahead: what a later step leads to is made possible by the documents before it."""

from datetime import datetime
from pathlib import Path

from tests.unit.cases.ask import ask
from tests.unit.cases.documents import document
from tests.unit.cases.given import given
from tradeflow.bundle import bundle_root
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.scenario.compact import scenarios
from tradeflow.scenario.correct import corrected
from tradeflow.scenario.foresee import foreseen
from tradeflow.scenario.load import Filed, Made, Scenario, load
from tradeflow.scenario.rehearse import IGNORED, meant

SCENARIOS = bundle_root() / "workflows" / "trade" / "scenarios"
NOON = datetime.fromisoformat("2026-03-02T12:00:00+08:00")


def case(id: str) -> Scenario:
    return next(one for one in scenarios(SCENARIOS / "cases.toml") if one.id == id)


def test_a_credit_that_is_drawn_on_twice_allows_it_from_the_start() -> None:
    made = foreseen(machine(), catalogue(), case("TWO-DRAWINGS"))
    credit = next(step for step in made.history if isinstance(step, Filed) and step.message == "letter_of_credit")
    assert credit.content["partial_shipments"] == "ALLOWED"


def test_a_report_forbids_what_a_later_step_is_refused() -> None:
    first = foreseen(machine(), catalogue(), case("NO-SECOND-LOOK")).step[0]
    assert (first.message, first.set["reinspection_allowed"]) == ("non_conformity_report", False)


def test_what_nobody_left_open_is_not_looked_at() -> None:
    written = load(SCENARIOS / "S07.toml")
    assert foreseen(machine(), catalogue(), written) is written


def test_a_guard_says_which_earlier_document_is_in_its_way() -> None:
    credit = document("letter_of_credit", {"confirmation": "WITHOUT"})
    verdict = ask("confirmation_added", document("lc_advice", {"confirmed": True}), trade=given({}, credit))
    [finding] = verdict.findings
    assert finding.document == f"letter_of_credit {credit.number}"
    assert (finding.pointer, finding.found, finding.expected) == ("/confirmation", "WITHOUT", "MAY ADD")


def test_a_text_that_is_expected_to_begin_so_keeps_its_end() -> None:
    tree = {"message": {"type": "purchase_order"}, "document": {"number": "PO-1"}, "lines": [{"national_code": "94052110", "size": "22G1"}]}
    found = [
        Finding("M-X-01", Severity.ERROR, "/lines/0/national_code", "It differs.", found="94052110", expected="610910..."),
        Finding("M-X-02", Severity.ERROR, "/lines/0/size", "It differs.", found="22G1 1", expected="45G1 1"),
    ]
    made = corrected(catalogue(), tree, found)
    assert made is not None
    assert made["lines"][0] == {"national_code": "61091010", "size": "45G1"}


def test_what_a_table_calls_out_of_order_the_hub_may_say_more_closely() -> None:
    assert meant(Made(NOON, "packing_list", by="importer", error="OUT_OF_ORDER"), "WRONG_SENDER", [])
    assert meant(Made(NOON, "title_transfer", by="exporter", error="OUT_OF_ORDER"), "TERMINAL_STATE", [])
    assert not meant(Made(NOON, "packing_list", by="exporter", error="OUT_OF_ORDER"), "WRONG_SENDER", []), "it may send one"
    assert meant(Made(NOON, event="maturity_reached", error=IGNORED), "OUT_OF_ORDER", [])


def test_who_only_sees_a_message_is_not_written_to(tmp_path: Path) -> None:
    file = tmp_path / "short.toml"
    file.write_text(
        """[[scenario]]
id = "X"
steps = [
  { d = "2026-05-11", m = "telex_release", by = "freight_forwarder", to = ["exporter", "importer"] },
  { d = "2026-05-11", m = "telex_release", by = "freight_forwarder", to = ["exporter"], err = "WRONG_RECIPIENT" },
]
""",
        encoding="utf-8",
    )
    [scenario] = scenarios(file)
    assert scenario.step[0].to == ["sea_carrier"]
    assert "sea-carrier" in {member.party for member in scenario.cast}
    assert scenario.step[1].to == ["exporter"]
