"""What an overdue container costs, at the edges: the day free time ends, steps of the tariff, several containers, the ends of the calendar."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.rules.evaluate import check_message
from tradeflow.rules.snippets import overridden, sample
from tradeflow.rules.words.detention import chargeable_days, days_at_rates

CEBU = timezone(timedelta(hours=8))
DETENTION = [{"from_day": 5, "to_day": 9, "rate": 30}, {"from_day": 10, "rate": 60}]  # four free days, days counted with them
DEMURRAGE = [{"from_day": 1, "to_day": 5, "rate": 60}, {"from_day": 6, "rate": 115}]  # days counted after free time


def rules(message: str, changes: dict[str, Any], name: str = "s10") -> set[str]:
    """The ids of all findings in a sample with some values changed."""
    base = sample(catalogue(), message, name)
    assert base is not None
    document = canonical.document(message, overridden(base, changes))
    return {finding.rule for finding in check_message(document, document.data["message"]["created_at"]).findings}


@pytest.mark.parametrize(
    ("expires", "until", "days"),
    [
        (datetime(2025, 4, 10, tzinfo=CEBU), date(2025, 4, 9), 0),  # ends with the 9th: the 9th is free
        (datetime(2025, 4, 10, tzinfo=CEBU), date(2025, 4, 10), 1),
        (datetime(2025, 4, 9, 15, 4, tzinfo=CEBU), date(2025, 4, 9), 0),  # ends on the 9th: that day is free
        (datetime(2025, 4, 9, 15, 4, tzinfo=CEBU), date(2025, 4, 10), 1),
        (datetime(2025, 4, 9, 23, 59, 59, tzinfo=CEBU), date(2025, 4, 10), 1),
        (datetime(2025, 4, 10, 0, 0, 1, tzinfo=CEBU), date(2025, 4, 10), 0),
        (datetime(2025, 4, 10, tzinfo=CEBU), date(2025, 4, 19), 10),
        (datetime(2025, 4, 10, tzinfo=CEBU), date(2025, 4, 28), 19),
        (datetime(2024, 2, 28, tzinfo=CEBU), date(2024, 3, 1), 3),  # a leap day is charged
        (datetime(2025, 4, 10, tzinfo=CEBU), date(2025, 3, 1), 0),  # never less than nothing
        (datetime.min.replace(tzinfo=UTC), date.max, (date.max - date.min).days + 1),
        (datetime.max.replace(tzinfo=UTC), date.min, 0),
    ],
)
def test_the_day_free_time_ends_is_free_and_the_next_one_is_charged(expires: datetime, until: date, days: int) -> None:
    assert chargeable_days(expires, until) == days


@pytest.mark.parametrize(
    ("tariff", "free", "charged", "counts"),
    [
        (DETENTION, 4, 0, []),
        (DETENTION, 4, 1, [1]),
        (DETENTION, 4, 5, [5]),
        (DETENTION, 4, 6, [5, 1]),
        (DETENTION, 4, 10, [5, 5]),
        (DETENTION, 4, 19, [5, 14]),
        (DEMURRAGE, 4, 12, [5, 7]),
        (DEMURRAGE, 0, 6, [5, 1]),
        (DEMURRAGE, 4, 10**15, [5, 10**15 - 5]),
        ([], 4, 9, []),
        ([{"from_day": 1, "to_day": 3, "rate": 1}], 0, 9, [3]),  # a tariff that ends says nothing of later days
    ],
)
def test_days_fall_into_the_steps_of_the_tariff(tariff: list[dict[str, int]], free: int, charged: int, counts: list[int]) -> None:
    assert [count for count, _ in days_at_rates(tariff, free, charged)] == counts


@given(charged=st.integers(0, 4000), free=st.integers(0, 60), first=st.integers(1, 90), counted=st.booleans())
def test_every_chargeable_day_falls_into_one_step(charged: int, free: int, first: int, counted: bool) -> None:
    start = free + 1 if counted else 1
    tariff = [{"from_day": start, "to_day": start + first - 1}, {"from_day": start + first}]
    assert sum(count for count, _ in days_at_rates(tariff, free, charged)) == charged


@pytest.mark.parametrize(
    ("until", "amounts", "right"),
    [
        ("2025-04-14", ["150.00"], True),  # the last day of the first step
        ("2025-04-15", ["150.00", "60.00"], True),
        ("2025-04-15", ["180.00"], False),  # the first step charged a day too long
        ("2025-04-19", ["150.00", "300.00"], True),
        ("2025-04-19", ["180.00", "300.00"], False),  # the day free time ends is not charged
        ("2025-04-28", ["150.00", "840.00"], True),
    ],
)
def test_a_final_notice_charges_by_the_day(until: str, amounts: list[str], right: bool) -> None:
    charges = [{"code": "DET", "name": "Detention", "amount": {"value": amount, "currency": "USD"}} for amount in amounts]
    total = {"value": str(sum(map(Decimal, amounts))), "currency": "USD"}
    found = rules("detention_notice_2", {"charged_until": until, "charges_to_date": charges, "total_due": total})
    assert ("M-DET-02" not in found) == right


def test_every_container_is_charged() -> None:
    assert "M-DET-02" not in rules("detention_notice_1", {}, "alt")  # two containers, three days
    one = [{"number": "CSTU8100332", "size_type": "22G1", "status": "FULL_IN_TERMINAL"}]
    assert "M-DET-02" in rules("detention_notice_1", {"containers": one}, "alt")


def test_tariff_and_charges_are_in_one_currency() -> None:
    assert "M-DET-02" in rules("detention_notice_1", {"free_time.tariff[0].rate.currency": "PHP"})


def test_taxes_and_payments_are_part_of_the_total_and_not_of_the_tariff() -> None:
    taxed = {"charges_to_date[2]": {"code": "VAT", "name": "Value added tax 12 %", "amount": {"value": "54.00", "currency": "USD"}}}
    assert "M-DET-02g" in rules("detention_notice_2", taxed)
    assert rules("detention_notice_2", {**taxed, "total_due.value": "504.00"}) == rules("detention_notice_2", {})


@pytest.mark.parametrize(
    ("tariff", "gap"),
    [
        ([(1, 5), (6, None)], False),
        ([(5, 9), (10, None)], False),
        ([(1, None)], False),
        ([(2, 5), (6, None)], True),  # neither count starts there
        ([(5, 9), (11, None)], True),
        ([(5, 9), (9, None)], True),
        ([(5, None), (10, None)], True),
        ([(5, 9), (10, 20)], True),
    ],
)
def test_a_tariff_has_no_gaps(tariff: list[tuple[int, int | None]], gap: bool) -> None:
    steps = [{"from_day": a, **({"to_day": b} if b else {}), "rate": {"value": "30.00", "currency": "USD"}} for a, b in tariff]
    assert ("M-DET-02b" in rules("detention_notice_1", {"free_time.tariff": steps})) == gap
