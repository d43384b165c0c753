"""Working hours of a channel: by the clock of a place, past midnight, and over the changes of that clock."""

from datetime import UTC, datetime

import pytest

from tradeflow.app.hours import is_open, opens_at

OFFICE = {"zone": "Asia/Hong_Kong", "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"}
NIGHT = {"zone": "Europe/Amsterdam", "days": ["sun", "fri"], "from": "22:00", "to": "06:00"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "next_"),
    [
        (None, "2025-01-05T03:00", ""),
        (OFFICE, "2025-01-06T01:00", ""),  # Monday, 09:00 there
        (OFFICE, "2025-01-06T00:59", "2025-01-06T01:00"),
        (OFFICE, "2025-01-06T09:59", ""),
        (OFFICE, "2025-01-06T10:00", "2025-01-07T01:00"),  # 18:00 there: the end is not in it
        (OFFICE, "2025-01-03T10:00", "2025-01-06T01:00"),  # over the weekend
        (OFFICE, "2025-01-05T23:30", "2025-01-06T01:00"),  # Sunday here, Monday there
        (NIGHT, "2025-01-05T21:00", ""),  # Sunday, 22:00 there
        (NIGHT, "2025-01-06T04:59", ""),  # Monday, 05:59: still Sunday's
        (NIGHT, "2025-01-06T05:00", "2025-01-10T21:00"),
        (NIGHT, "2025-01-06T21:30", "2025-01-10T21:00"),  # Monday night is not in it
        ({**NIGHT, "days": ["sat"]}, "2025-03-30T00:30", ""),  # the night in which the clock there leaps from 2 to 3
        ({**OFFICE, "zone": "Europe/Amsterdam"}, "2025-03-28T08:00", ""),  # 09:00 in winter
        ({**OFFICE, "zone": "Europe/Amsterdam"}, "2025-03-31T07:00", ""),  # 09:00 in summer
        ({**OFFICE, "zone": "Europe/Amsterdam"}, "2025-03-31T06:30", "2025-03-31T07:00"),
        ({**OFFICE, "days": []}, "2025-01-06T01:00", None),  # never
    ],
)
def test_when_it_is_open_and_when_next(hours: dict[str, object] | None, now: str, next_: str | None) -> None:
    assert is_open(hours, at(now)) == (next_ == "")
    assert opens_at(hours, at(now)) == (at(next_) if next_ else None)
