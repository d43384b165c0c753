"""When a clock runs out: the `due` table of a timer row, computed from documents, calendars and the time it is armed.

due = { until = [..] }                  until the first of these dates or times, in the message or in documents `of`
due = { cutoff = ["DCO"] }              until the cut-off of the booking
due = { free_time = { state = [..] } }  the free days of these kinds, by the state the region is in
due = { days = 5, unit = "BANKING" }    so many days after `after` (else after now); also the default where `until` finds nothing
A date ends with its day: at `place`, else where the sender of the message is. What cannot be computed is not armed.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tradeflow.language.sentences import say
from tradeflow.machine.calendars import add_open_days, country_of, end_of, next_open, zone

if TYPE_CHECKING:
    from tradeflow.machine.case import Case

Unit = Literal["CALENDAR", "BANKING", "WORKING"]


class Due(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `due` table of a timer row."""

    of: list[str] = []  # document types to look into besides the message, newest first
    until: list[str] = []  # paths of an end
    cutoff: list[str] = []  # cut-off codes
    free_time: dict[str, list[str]] = {}  # state of the region ("" = any) -> kinds of free time
    after: list[str] = []  # paths of a start, "now" among them if the time of arming will do; none at all: the time of arming
    days: int = 0
    days_at: str = ""  # path of the number of days
    by: list[str] = []  # paths of a value (a code, or a place: its country) that ...
    days_by: dict[str, int] = {}  # ... chooses the number of days
    unit: Unit = "CALENDAR"
    place: list[str] = []  # paths of the place whose calendar and time of day count
    latest: list[str] = []  # paths of a date that is never passed
    roll: bool = False  # if offices at the place are closed on the last day, the next open day
    keep: bool = False  # a clock that runs already and ends later goes on as it is
    remind: list[int] = []  # reminders so many days before the end; only for clocks that only remind


def due_at(due: Due, case: "Case") -> tuple[datetime, str] | None:
    """The moment a clock armed now runs out, and the sentence that says why; None if nothing known gives one."""
    where = place_of(due, case)
    end = _given(due, case, where) or _counted(due, case, where)
    if end is None:
        return None
    moment, why = end
    if due.latest and (cap := _moment(case.find(due.latest, due.of)[0], where, case)) and cap < moment:
        moment, why = cap, say("%(why)s, not later than %(moment)s", why=why, moment=_says(cap))
    if due.roll and where and (rolled := next_open(_last_day(moment, where, case), where)) != _last_day(moment, where, case):
        moment, why = (
            end_of(rolled, _zone(where, case)),
            say("%(why)s, closed on the last day in %(where)s: next open day %(day)s", why=why, where=where, day=rolled),
        )
    reminders = [m for days in due.remind if (m := moment - timedelta(days=days)) > case.now]
    if due.remind and not reminders:
        return None
    return (min(reminders), say("reminder: %(why)s", why=why)) if reminders else (moment, why)


def _given(due: Due, case: "Case", where: str) -> tuple[datetime, str] | None:
    if due.cutoff:
        for code, at in cutoffs(case):
            if code in due.cutoff:
                return at, say("cut-off %(code)s %(moment)s", code=code, moment=_says(at))
    value, document = case.find(due.until, due.of) if due.until else (None, None)
    moment = _moment(value, where, case)
    if moment is not None and document is not None:
        return moment, say("until %(day)s (%(kind)s %(number)s)", day=value, kind=document.type, number=document.number)
    return _free_time(due, case, where) if due.free_time else None


def _counted(due: Due, case: "Case", where: str) -> tuple[datetime, str] | None:
    days = _days(due, case)
    if days is None:
        return None
    value, _ = case.find(due.after, due.of) if due.after else (None, None)
    if due.after and value is None and "now" not in due.after:
        return None
    start = (
        value.date()
        if isinstance(value, datetime)
        else value
        if isinstance(value, date)
        else case.now.astimezone(_zone(where, case)).date()
    )
    last = start + timedelta(days=days) if due.unit == "CALENDAR" else add_open_days(start, days, where)
    return end_of(last, _zone(where, case)), _so_many(days, due.unit, where, start)


def _so_many(n: int, unit: Unit, where: str, day: date) -> str:
    if unit == "CALENDAR":
        return say("%(n)s days after %(day)s", n=n, day=day)
    if unit == "BANKING":
        return (
            say("%(n)s banking days in %(where)s after %(day)s", n=n, where=where, day=day)
            if where
            else say("%(n)s banking days after %(day)s", n=n, day=day)
        )
    return (
        say("%(n)s working days in %(where)s after %(day)s", n=n, where=where, day=day)
        if where
        else say("%(n)s working days after %(day)s", n=n, day=day)
    )


def _days(due: Due, case: "Case") -> int | None:
    for path in due.by:
        value = case.find([path], due.of)[0]
        for name in (str(value), country_of(value)) if value is not None else ():
            if name in due.days_by:
                return due.days_by[name]
    if due.days_at:
        stated = case.find([due.days_at], due.of)[0]
        if stated is not None:
            return int(stated)
    return due.days if due.days or due.by else None


def _free_time(due: Due, case: "Case", where: str) -> tuple[datetime, str] | None:
    kinds = due.free_time.get(case.here.state) or due.free_time.get("", [])
    for document in case.documents(due.of):
        for row in document.get("free_time") or ():
            if row.get("type") in kinds:
                days, unit = int(row["days"]), row.get("unit", "CD")
                why = say(
                    "%(n)s %(unit)s free time %(code)s from %(day)s (%(kind)s %(number)s)",
                    n=days,
                    unit=unit,
                    code=row["type"],
                    day=case.now.date(),
                    kind=document.type,
                    number=document.number,
                )
                return free_until(row, case.now, where, _zone(where, case)), why
    return None


def free_until(row: Mapping[str, Any], since: datetime, where: str, place: tzinfo | None) -> datetime:
    """When a period of free time (FreeTime) that begins at a moment is over: after its last free day, where it counts."""
    days, unit = int(row["days"]), row.get("unit", "CD")
    if unit == "HR":
        return since + timedelta(hours=days)
    start = since.astimezone(place).date()
    last = add_open_days(start, days, where) if unit == "WD" else start + timedelta(days=0 if unit == "DOD" else days)
    return end_of(last, place)


def cutoffs(case: "Case") -> Iterator[tuple[str, datetime]]:
    """The cut-offs of the booking in force: (code, time)."""
    if booking := case.latest("booking_confirmation"):
        for row in booking.get("cutoffs") or ():
            if "at" in row:
                yield row.get("code", ""), row["at"]


def place_of(due: Due, case: "Case") -> str:
    """The country whose calendar and time of day count; "" if nothing known tells."""
    for path in due.place:
        if country := country_of(case.find([path], due.of)[0]):
            return country
    return ""


def _zone(country: str, case: "Case") -> tzinfo | None:
    if country and (found := zone(country)):
        return found
    return case.envelope.created_at.tzinfo if case.envelope else case.now.tzinfo


def _moment(value: Any, country: str, case: "Case") -> datetime | None:
    if isinstance(value, datetime):
        return value
    return end_of(value, _zone(country, case)) if isinstance(value, date) else None


def _last_day(moment: datetime, country: str, case: "Case") -> date:
    return (moment.astimezone(_zone(country, case)) - timedelta(microseconds=1)).date()


def _says(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
