"""Working hours of a channel: days and times of a place."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_open(hours: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether something may be sent now. Without hours it may at any time; hours past midnight belong to the day they began."""
    if not hours:
        return True
    there = now.astimezone(ZoneInfo(hours["zone"]))
    begins, ends = time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"])
    today, yesterday = DAYS[there.weekday()] in hours["days"], DAYS[there.weekday() - 1] in hours["days"]
    clock = there.time().replace(tzinfo=None)
    if begins < ends:
        return today and begins <= clock < ends
    return (today and clock >= begins) or (yesterday and clock < ends)


def opens_at(hours: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """When it opens next; None where it is open now."""
    if is_open(hours, now):
        return None
    assert hours
    zone, begins = ZoneInfo(hours["zone"]), time.fromisoformat(hours["from"])
    today = now.astimezone(zone).date()
    starts = (datetime.combine(today + timedelta(days=n), begins, zone) for n in range(9))
    return next((start for start in starts if start > now and DAYS[start.weekday()] in hours["days"]), None)
