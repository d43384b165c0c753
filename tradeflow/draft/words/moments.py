"""Today, now, and days counted from something."""

from datetime import date, datetime, timedelta
from typing import Any

from tradeflow.draft.words import Now, Values, word


@word("today", sources=(0, 0))
def today(now: Now, values: Values) -> Any:
    """The date of drafting, where the hub's time is given."""
    return now.date()


@word("now", sources=(0, 0))
def at_once(now: Now, values: Values) -> Any:
    """The time of drafting, to the second."""
    return now.replace(microsecond=0)


@word("days counted on", sources=(1, 2))
def days_after(now: Now, values: Values, days: int = 0) -> Any:
    """So many days (given, or the second value) after the first date or time."""
    if not values[0] or (len(values) > 1 and not values[1]):
        return None
    start, count = values[0][0], int(values[1][0]) if len(values) > 1 else days
    return (start.date() if isinstance(start, datetime) else start) + timedelta(days=count)


@word("the day of that moment", sources=(1, 1))
def day_of(now: Now, values: Values) -> Any:
    """The local date of a time."""
    moment = values[0][0] if values[0] else None
    return moment.date() if isinstance(moment, datetime) else moment if isinstance(moment, date) else None


@word("the latest of these days")
def latest_of(now: Now, values: Values) -> Any:
    """The last of several dates."""
    found = [v for one in values for v in one]
    return max(found) if found else None
