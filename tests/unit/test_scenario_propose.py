"""Documents that a scenario leaves open: chosen among several by playing the trade along, and corrected by what findings expect."""

from datetime import datetime

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.machine.load import machine
from tradeflow.machine.routes import OnFile, ways
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.scenario.begin import history
from tradeflow.scenario.compact import scenarios
from tradeflow.scenario.correct import corrected
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Made, Step
from tradeflow.scenario.propose import proposed
from tradeflow.scenario.rehearse import Rehearsal, meant

NOON = datetime.fromisoformat("2026-03-02T12:00:00+08:00")
EVERYBODY = frozenset(role for p in machine().processes.values() for r in p.regions.values() for t in r.transitions for role in t.by)


def order(**said: object) -> dict[str, object]:
    return {"message": {"type": "purchase_order"}, "document": {"number": "PO-1"}, "total": {"value": "10.00", "currency": "USD"}, **said}


def wrong(pointer: str, found: object, expected: object, **more: str) -> Finding:
    return Finding("M-X-01", Severity.ERROR, pointer, "It differs.", found=found, expected=expected, **more)


def test_a_finding_puts_in_what_it_expects_as_the_document_writes_it() -> None:
    made = corrected(catalogue(), order(), [wrong("/total/value", "10", "12.5")])
    assert made is not None
    assert made["total"] == {"value": "12.50", "currency": "USD"}
    whole = corrected(catalogue(), order(), [wrong("/total", {"value": "10"}, {"value": "7", "currency": "USD"})])
    assert whole is not None
    assert whole["total"]["value"] == "7.00"


def test_the_other_document_of_a_finding_is_left_alone() -> None:
    about = {"document": "sales_order SO-1", "other": "purchase_order PO-1#/total/value"}
    made = corrected(catalogue(), order(), [wrong("/total/value", "3", "10", **about)])
    assert made is not None
    assert made["total"]["value"] == "3.00", "here stands what the other one says"
    assert corrected(catalogue(), order(), [wrong("/total/value", "3", "10", document="sales_order SO-1")]) is None


def test_what_is_missing_is_said_as_another_sample_says_it() -> None:
    made = corrected(catalogue(), order(), [wrong("/changes", None, "a value")])
    assert made is None, "a purchase order has no such place"
    made = corrected(catalogue(), order(payment={"method": "OPEN_ACCOUNT"}), [wrong("/payment/tenor_days", None, "a value")])
    assert made is not None
    assert int(made["payment"]["tenor_days"]) > 0


def test_the_short_form_means_the_codes_of_its_guards_and_states() -> None:
    made = Made(NOON, "title_transfer", error="GUARD_FAILED", denied=["actor_is_holder"])
    assert meant(made, "NOT_HOLDER", [])
    assert not meant(made, "OUT_OF_ORDER", [])
    assert meant(Made(NOON, "notice_of_refusal", error="OUT_OF_ORDER"), "PRECLUDED", [])
    assert not meant(Step(NOON, "title_transfer", error="GUARD_FAILED"), "NOT_HOLDER", []), "the long form names the code itself"


def test_a_bill_of_the_trade_explains_its_title() -> None:
    given = {"transport.document": "issued", "transport.title": "endorsed"}
    found = ways(machine(), given, OnFile((), EVERYBODY, lambda *_: False))
    assert "bill_of_lading" in {leg.trigger for leg in found["transport.document"]}
    alone = ways(machine(), {"transport.document": "issued"}, OnFile((), EVERYBODY, lambda *_: False))
    assert len(alone["transport.document"]) < len(found["transport.document"]), "an air waybill is less trouble where no title is given"


@pytest.mark.parametrize("id", ["DISPUTED", "DECLARATION", "LOST"])
def test_every_step_of_a_case_does_what_it_says(id: str) -> None:
    cases = scenarios(bundle_root() / "workflows" / "trade" / "scenarios" / "cases.toml")
    scenario = next(one for one in cases if one.id == id)
    filler, rehearsal = Filler(catalogue(), scenario, scenario.reference), Rehearsal(machine(), scenario)
    rehearsal.open(scenario.reference, history(machine(), scenario, filler, scenario.step[0].date), scenario.step[0].date)
    for number, step in enumerate(scenario.step, 1):
        if step.event:
            rehearsal.reported(step)
            continue
        tree = proposed(filler, rehearsal, catalogue(), step, f"{number:08}-0000-7000-8000-000000000000")
        trial = rehearsal.trial(step, tree)
        assert trial.missed(step) == 0, (number, trial)
        if not trial.code:
            filler.lodged(step.message, tree)
            rehearsal.lodged(step, tree)
