"""Rules of carriage, equipment, bill of lading and title at their edges; the plain cases prove themselves in the rows."""

from typing import Any

import msgspec
import pytest

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding
from tradeflow.model.trade import TradeState
from tradeflow.rules.evaluate import check_message
from tradeflow.rules.snippets import overridden, sample


def findings(message: str, changes: dict[str, Any], of: str = "s01", state: dict[str, Any] | None = None) -> list[Finding]:
    """What is found in a sample with some values changed, judged when it was made."""
    base = sample(catalogue(), message, of)
    assert base is not None
    document = canonical.document(message, overridden(base, changes))
    trade = msgspec.convert(state, TradeState) if state else None
    return check_message(document, document.data["message"]["created_at"], trade).findings


def rules(message: str, changes: dict[str, Any], of: str = "s01", state: dict[str, Any] | None = None) -> set[str]:
    return {finding.rule for finding in findings(message, changes, of, state)}


@pytest.mark.parametrize("code", ["22G1", "45G1", "L5G1", "42G1", "22R1", "45R1", "22T6", "22U1", "42P3", "M5G1", "20GP", "22V0"])
def test_size_types_of_iso_6346_are_known(code: str) -> None:
    assert "M-CNT-02" not in rules("cargo_arrival_notice", {"free_time[0].size_type": code})


@pytest.mark.parametrize("code", ["40HC", "40HQ", "20DC", "45Z1", "0000", "4510"])
def test_what_people_write_instead_is_not(code: str) -> None:
    assert "M-CNT-02" in rules("cargo_arrival_notice", {"free_time[0].size_type": code})


def test_one_wrong_container_number_is_one_finding() -> None:
    assert rules("shipping_instruction", {"items[0].container_no": "BLEU2004181"}) == {"M-SI-03"}
    assert rules("draft_master_bill_of_lading", {"items[1].container_no": "CSTU9105755"}, "alt") == {"M-BL-06"}


def test_cargo_of_a_container_adds_up_in_any_unit_of_mass() -> None:
    tonnes = {"containers[0].cargo_gross_weight": {"value": "9.8", "unit": "TNE"}}
    assert rules("bill_of_lading", tonnes) == set()
    pounds = {"containers[0].cargo_gross_weight": {"value": "9800", "unit": "LBR"}}
    assert rules("bill_of_lading", pounds) == {"M-BL-06d"}


def test_items_that_name_no_container_decide_nothing_about_containers() -> None:
    assert rules("bill_of_lading", {"-items[0].container_no": "", "containers[0].packages": 1}) == set()


def test_a_connection_may_leave_the_minute_the_feeder_arrives_and_times_may_be_open() -> None:
    assert rules("booking_confirmation", {"legs[1].etd": "2025-06-02T08:00:00+08:00"}, "alt") == set()
    assert rules("booking_confirmation", {"legs[1].etd": "2025-06-02T00:00:00Z"}, "alt") == set()
    assert rules("booking_confirmation", {"-legs[0].eta": ""}, "alt") == set()
    elsewhere = {"unlocode": "MYTPP", "name": "Tanjung Pelepas", "country": "MY"}
    assert rules("booking_confirmation", {"legs[1].from": elsewhere}, "alt") == {"M-BKG-02"}


def test_cut_offs_are_measured_against_the_first_leg_at_sea() -> None:
    truck = {"seq": 0, "stage": "PRE", "mode": "3", "from": {"name": "Kwun Tong", "country": "HK"}, "etd": "2025-03-05T08:00:00+08:00"}
    sea = sample(catalogue(), "booking_confirmation", "s01")
    assert sea is not None
    legs = [{**truck, "to": sea["legs"][0]["from"]}, sea["legs"][0]]
    assert rules("booking_confirmation", {"legs": legs}) == set()


def test_all_missing_cut_offs_are_told_at_once() -> None:
    found = findings("booking_confirmation", {"-cutoffs": ""})
    assert [finding.rule for finding in found] == ["M-BKG-03c"] * 3


def test_a_declined_booking_needs_no_plan() -> None:
    response = {"code": "RE", "reason_code": "NO_SPACE"}
    assert rules("booking_confirmation", {"status": "DECLINED", "response": response, "-legs": "", "-cutoffs": ""}) == set()


def test_free_time_in_working_days_is_left_to_a_calendar() -> None:
    assert rules("cargo_arrival_notice", {"free_time[0].unit": "WD"}) == set()
    assert rules("cargo_arrival_notice", {"free_time[0].unit": "HR"}) == {"M-ARR-02"}


def test_dry_containers_have_no_temperature() -> None:
    assert rules("booking_request", {"equipment[0].reefer": {"temperature": {"value": "4", "unit": "CEL"}}}) == {"M-BKG-06"}


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("SEVEN HUNDRED CARTONS ONLY", True),
        ("ONE (1) X 40' HIGH CUBE CONTAINER ONLY", True),
        ("One container said to contain seven hundred cartons", True),
        ("SEVEN HUNDRED AND SEVEN (707) CARTONS", False),
        ("700 CARTONS", False),
        ("TWO CONTAINERS SAID TO CONTAIN SEVEN HUNDRED CARTONS", False),
    ],
)
def test_totals_in_words(words: str, holds: bool) -> None:
    assert rules("bill_of_lading", {"totals.in_words": words}) == (set() if holds else {"M-BL-05f"})


def test_a_clause_that_is_not_unclean_leaves_the_bill_clean() -> None:
    assert rules("bill_of_lading", {"clauses[0].unclean": False}) == set()


def test_charges_at_destination_may_be_collect_on_a_prepaid_bill() -> None:
    collect = {"code": "DHC", "name": "Terminal handling destination", "amount": {"value": "245.00", "currency": "EUR"}, "terms": "COL"}
    assert rules("bill_of_lading", {"freight.charges[3]": collect}) == set()


def test_stock_is_counted_by_type_and_condition() -> None:
    (found,) = findings("container_inventory_report", {"units[0].condition": "REPAIRED"})
    assert (found.rule, found.pointer, found.found, found.expected) == ("M-EQP-05", "/summary/0/units", 38, 37)


def test_originals_are_asked_for_where_the_trade_knows_a_paper_bill() -> None:
    title = {"document": "bill_of_lading:BLENHKG2503118", "originals": 3, "medium": "PAPER"}
    few = {"originals_delivered": [1]}
    for medium, expected in (("PAPER", {"T-11"}), ("ELECTRONIC", set())):
        state = {"trade_id": "GLL-2025-0117", "titles": {"bill_of_lading:BLENHKG2503118": {**title, "medium": medium}}}
        assert rules("title_transfer", few, "s01-to-importer", state) - {"M-GEN-09"} == expected
    assert rules("title_transfer", few, "s01-to-importer") == set()


def test_customs_release_is_not_asked_for_in_hong_kong() -> None:
    assert rules("release_order", {"-customs_release_ref": ""}) == {"M-DO-04"}
    assert rules("release_order", {"-customs_release_ref": "", "custodian.address.country": "HK"}) == set()


def test_an_electronic_bill_is_one_record_and_not_paper() -> None:
    assert rules("bill_of_lading", {"originals": 3, "control.medium": "PAPER"}, "alt") == {"M-BL-08b", "T-04b"}
