"""Clocks explain themselves; edge days of calendars."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.unit.cases.documents import document
from tests.unit.cases.given import given
from tradeflow.machine.calendars import add_open_days, closed_days, end_of, is_open, next_open, zone
from tradeflow.machine.clocks import clock
from tradeflow.machine.load import machine
from tradeflow.model.document import DocumentSet
from tradeflow.model.trade import TimerState

HK = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("presented", "country", "fifth"),
    [
        (date(2025, 4, 17), "HK", date(2025, 4, 28)),  # Good Friday, the day after it and Easter Monday are closed
        (date(2025, 4, 17), "NL", date(2025, 4, 28)),
        (date(2025, 4, 17), "GB", date(2025, 4, 28)),  # London, not Edinburgh, keeps Easter Monday
        (date(2025, 1, 27), "HK", date(2025, 2, 6)),  # Lunar New Year 29 to 31 January
        (date(2025, 1, 27), "CN", date(2025, 2, 11)),  # Spring Festival 28 January to 4 February
        (date(2025, 9, 30), "CN", date(2025, 10, 15)),  # Golden Week 1 to 8 October
        (date(2025, 4, 28), "JP", date(2025, 5, 8)),  # Golden Week: 29 April, 5 and 6 May
        (date(2025, 12, 24), "DE", date(2026, 1, 5)),  # Christmas, and New Year's Day
        (date(2025, 3, 13), "SA", date(2025, 3, 20)),  # Friday and Saturday are the weekend
        (date(2024, 12, 30), "JP", date(2025, 1, 10)),  # banks close from 31 December to 3 January
    ],
)
def test_the_fifth_banking_day_after_presentation(presented, country, fifth):
    assert add_open_days(presented, 5, country) == fifth
    assert is_open(fifth, country)
    counted = [presented + timedelta(n) for n in range(1, (fifth - presented).days + 1)]
    closed = dict(closed_days(presented, fifth, country))
    assert len(counted) - len(closed) == 5
    assert all(closed.values())


def test_closed_days_bear_their_names():
    found = dict(closed_days(date(2025, 4, 17), date(2025, 4, 28), "HK"))
    assert found[date(2025, 4, 18)] == "Good Friday"
    assert found[date(2025, 4, 20)] == "Sunday"
    assert date(2025, 4, 22) not in found
    assert dict(closed_days(date(2025, 4, 17), date(2025, 4, 20), "")) == {date(2025, 4, 19): "Saturday", date(2025, 4, 20): "Sunday"}


def test_a_day_ends_where_it_counts():
    assert end_of(date(2025, 4, 28), zone("HK")).astimezone(UTC) == datetime(2025, 4, 28, 16, tzinfo=UTC)
    assert end_of(date(2025, 4, 28), zone("NL")).astimezone(UTC) == datetime(2025, 4, 28, 22, tzinfo=UTC)
    assert end_of(date(2025, 3, 29), zone("NL")).astimezone(UTC) == datetime(2025, 3, 29, 23, tzinfo=UTC)
    assert end_of(date(2025, 3, 30), zone("NL")).astimezone(UTC) == datetime(2025, 3, 30, 22, tzinfo=UTC), "summer time began that night"
    assert next_open(date(2025, 4, 18), "HK") == date(2025, 4, 22)


def test_the_examination_period_explains_itself():
    credit = document("letter_of_credit", {"receiver_bic": "HTBKHKHHXXX", "issuing_bank": {"bic": "MAASNL2RXXX"}}, by="issuing_bank")
    running = TimerState(
        "settlement.presentation",
        "exam_period_lapsed",
        datetime(2025, 4, 17, 10, tzinfo=HK),
        end_of(date(2025, 4, 28), zone("NL")),
        "5 banking days",
    )
    trade = given({"settlement.presentation": "at_issuing"}, credit, timers={"settlement.p8_exam_issuing": running}).state()
    found = clock(machine(), trade, "settlement.p8_exam_issuing", DocumentSet([credit]))
    assert (found.last_day, found.utc_offset, found.calendar, found.country) == (date(2025, 4, 28), "+0200", "BANKING", "NL")
    assert "UCP 14(b)" in found.rule
    assert [c.day.day for c in found.closed_days] == [18, 19, 20, 21, 26, 27]
    assert [(t.source, t.target) for t in found.then] == [("at_issuing", "must_honour")]
    assert any(s.event == "examination_complying" or s.message == "notice_of_refusal" for s in found.stopped_by)


@pytest.mark.parametrize("id", sorted(machine().timers))
def test_each_of_the_timers_explains_itself_in_every_state_of_its_region(id):
    timer = machine().timers[id]
    owner = machine().processes[timer.process].regions[timer.owner]
    key, heard = f"{timer.process}.{id}", f"{timer.process}.{timer.target}"
    due = datetime(2025, 4, 29, tzinfo=HK)
    stops, thens = set(), set()
    for state in owner.states:
        running = TimerState(heard, timer.fires, datetime(2025, 4, 17, 10, tzinfo=HK), due, "because")
        trade = given({f"{timer.process}.{timer.owner}": state}, timers={key: running}).state()
        found = clock(machine(), trade, key, DocumentSet())
        assert found.rule
        assert found.last_day == date(2025, 4, 28)
        stops |= {s.message or s.event for s in found.stopped_by}
        thens |= {t.target for t in found.then}
    if not timer.reminds and timer.owner == timer.target:
        assert thens, f"{id} does nothing in any state of its region"
    assert len(machine().timers) == 28
