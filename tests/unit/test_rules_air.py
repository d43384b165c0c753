"""Words about air waybills and open cover where a row's snippets do not reach: several documents, other units, roundings."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from tests.rule_proof import tree
from tradeflow.codec import canonical
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.cross import check_set
from tradeflow.rules.words.air import half_kilo_up


def changed(message: str, sample: str, number: str = "", **values: Any) -> Document:
    made = copy.deepcopy(tree(message, sample))
    if number:
        made["document"]["number"] = number
        if "doc" in made:
            made["doc"]["number"] = number
    for path, value in values.items():
        node = made
        *outer, last = path.split("__")
        for name in outer:
            node = node[name]
        node[last] = value
    return canonical.document(message, made)


def found(rule: str, *documents: Document) -> list[str]:
    return [finding.message for finding in check_set([rule], DocumentSet(list(documents))) if finding.rule == rule]


@pytest.mark.parametrize(("weight", "due"), [("240", "240"), ("240.1", "240.5"), ("240.5", "240.5"), ("240.51", "241")])
def test_weights_are_rounded_up_to_the_half_kilogram(weight: str, due: str) -> None:
    assert half_kilo_up(Decimal(weight)) == Decimal(due)


def test_two_houses_under_one_master_are_added_up() -> None:
    master = changed("master_air_waybill", "s02", totals__pieces=24, totals__gross_weight={"value": "432.0", "unit": "KGM"})
    first, second = changed("house_air_waybill", "s02"), changed("house_air_waybill", "s02", "KAL-HKG-90418")
    assert found("X-26", master, first, second) == []
    third = changed("house_air_waybill", "s02", "KAL-HKG-90419")
    assert "3 house documents add up to 36" in found("X-26", master, first, second, third)[0]


def test_a_house_under_another_master_does_not_count() -> None:
    master, house = changed("master_air_waybill", "s02"), changed("house_air_waybill", "s02")
    elsewhere = changed("house_air_waybill", "alt")
    assert found("X-26", master, elsewhere, house) == []


def test_declarations_for_one_flight_share_the_limit() -> None:
    policy = changed("open_insurance_policy", "s12")
    big = {"value": "300000.00", "currency": "USD"}
    first = changed("insurance_declaration", "s12", "D-37", insured_value=big)
    second = changed("insurance_declaration", "s12", "D-38", insured_value=big)
    assert "D-37, D-38: USD 600,000.00 declared" in found("M-INS-08", policy, first, second)[0]
    later = changed("insurance_declaration", "s12", "D-38", insured_value=big, voyage__departure_date="2025-06-11")
    assert found("M-INS-08", policy, first, later) == []
    other = changed("insurance_declaration", "s12", "D-38", insured_value={"value": "300000.00", "currency": "EUR"})
    assert found("M-INS-08", policy, first, other) == []


def test_only_declarations_after_the_policy_use_up_its_balance() -> None:
    policy = changed("open_insurance_policy", "alt", aggregate_balance={"value": "9000000", "currency": "JPY"})
    first, second = changed("insurance_declaration", "alt", "FP-1"), changed("insurance_declaration", "alt", "FP-2")
    assert found("M-INS-05", policy, first) == []
    assert "JPY 16,060,000 declared" in found("M-INS-05", policy, first, second)[0]
    earlier = changed("insurance_declaration", "alt", "FP-0", message__created_at="2025-06-01T10:00:00+09:00")
    assert found("M-INS-05", policy, earlier, second) == []
