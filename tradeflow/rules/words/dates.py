"""Dates in their order and within what is plausible. A date and a time of day are compared by their days."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word


def day(value: date) -> date:
    """The day of a date or of a time, in the time's own zone."""
    return value.date() if isinstance(value, datetime) else value


def stepped(moment: date, step: timedelta, times: int) -> date | str:
    """A day or time so many steps later (a time stays a time), in words where no calendar reaches that far."""
    try:
        return moment + step * times
    except OverflowError:
        return "beyond the calendar"


@word("in_order", even_if_absent=True)
def in_order(place: Place, dates: tuple[Path, ...]) -> Faults:
    """Of the dates given, none lies before one that is named earlier."""
    given = [(path, value) for path in dates if (value := path.of(place)) is not None]
    for (first, early), (second, late) in pairwise(given):
        both_times = isinstance(early, datetime) and isinstance(late, datetime)
        if late < early if both_times else day(late) < day(early):
            yield Fault(
                second,
                late,
                early,
                say(
                    "%(label)s %(late)s lies before %(label2)s %(early)s.",
                    label=second.label,
                    late=shown(late),
                    label2=first.label,
                    early=shown(early),
                ),
                first,
            )


@word("not_in_future")
def not_in_future(place: Place, moment: Path, minutes: int = 0) -> Faults:
    """The moment is not later than now, give or take some minutes; a day not later than today, anywhere on earth."""
    value, now = moment.of(place), place.context.now
    timed = isinstance(value, datetime)
    if value > now + timedelta(minutes=minutes) if timed else value > (now + timedelta(hours=14)).date():
        yield Fault(moment, value, now, say("%(value)s is later than now, %(now)s.", value=shown(value), now=shown(now)))


@word("not_in_past")
def not_in_past(place: Place, moment: Path) -> Faults:
    """The day has not ended everywhere on earth."""
    value, now = moment.of(place), place.context.now
    if day(value) < (now - timedelta(hours=12)).date():
        yield Fault(moment, value, now, say("%(value)s has passed; now is %(now)s.", value=shown(value), now=shown(now)))


@word("not_older_than")
def not_older_than(place: Place, moment: Path, days: int) -> Faults:
    """The moment is not more than so many days ago."""
    value, now = moment.of(place), place.context.now
    if day(value) < day(now) - timedelta(days=days):
        yield Fault(
            moment,
            value,
            say("%(days)s days", days=days),
            say("%(value)s is %(days)s days ago.", value=shown(value), days=(day(now) - day(value)).days),
        )


@word("days_between")
def days_between(
    place: Place,
    start: Path,
    end: Path,
    days: Path | None = None,
    least: int | None = None,
    most: int | None = None,
    days_most: Path | None = None,
) -> Faults:
    """From start to end there are at least, or at most, so many days; `days` and `days_most` give them where a document states them."""
    first, last = start.of(place), end.of(place)
    if last is None:
        return
    stated = days.of(place) if days else None
    least = stated if stated is not None else least
    limit = days_most.of(place) if days_most else None
    most = limit if limit is not None else most
    apart = (day(last) - day(first)).days
    bound = least if least is not None and apart < least else most if most is not None and apart > most else None
    if bound is not None:
        said = {"first": shown(first), "last": shown(last), "apart": apart, "bound": bound}
        because = say("From %(first)s to %(last)s there are %(apart)s days, more than %(bound)s.", **said)
        if apart < bound:
            because = say("From %(first)s to %(last)s there are %(apart)s days, not %(bound)s.", **said)
        yield Fault(end, last, stepped(day(first), timedelta(days=1), bound), because, start)


@word("plausible_day")
def plausible_day(place: Place, moment: Path, first_year: int, years_ahead: int) -> Faults:
    """The day is not before a first year nor more than so many years after now."""
    value = moment.of(place)
    if not first_year <= value.year <= place.context.now.year + years_ahead:
        yield Fault(
            moment,
            value,
            say("%(first_year)s to %(year)s", first_year=first_year, year=place.context.now.year + years_ahead),
            say("%(value)s cannot be meant.", value=shown(value)),
        )


@word("falls_due")
def falls_due(place: Place, due: Path, start: Path, days: Path) -> Faults:
    """A due date is so many days after the day the tenor is counted from, that day not counted."""
    stated, first, tenor = due.of(place), start.of(place), days.of(place)
    if first is None or tenor is None:
        return
    expected = stepped(day(first), timedelta(days=1), tenor)
    if stated != expected:
        yield Fault(
            due,
            stated,
            expected,
            say(
                "%(tenor)s days after %(first)s is %(expected)s, not %(stated)s.",
                tenor=tenor,
                first=shown(first),
                expected=shown(expected),
                stated=shown(stated),
            ),
            start,
        )


@word("weekday")
def weekday(place: Place, moment: Path) -> Faults:
    """The day is not a Saturday or Sunday."""
    value = moment.of(place)
    if value.weekday() >= 5:
        yield Fault(moment, value, "Monday to Friday", say("%(value)s is a %(value2)s.", value=shown(value), value2=f"{value:%A}"))
