"""Days and places: when a day ends somewhere, and which days banks and offices are closed there."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKEND = {"AE": (5, 6), "SA": (4, 5), "IL": (4, 5), "EG": (4, 5), "BD": (4, 5), "KW": (4, 5), "QA": (4, 5), "BH": (4, 5), "JO": (4, 5)}
CLOSED = {
    "HK": ("public", "optional")
}  # categories of the library; in Hong Kong banks close on all general holidays, not only statutory ones
BANKS_IN = {"GB": "ENG"}  # where holidays differ within a country: the part in which its trade banks are


@cache
def _holidays(country: str, year: int, languages: tuple[str, ...] = ("en_US",)) -> Mapping[date, str]:
    """Holidays with their names, in the first of the languages that the library knows for the country; nothing where it knows none."""
    import holidays  # a slow import that most trades never need

    try:
        known = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return {}  # a country the library does not know: only weekends are closed
    language = next((one for one in languages if one == "en_US" or one in known.supported_languages), "")
    if not language:
        return {}
    closed = tuple(c for c in CLOSED.get(country, ("public", "bank")) if c in known.supported_categories)
    return dict(holidays.country_holidays(country, subdiv=BANKS_IN.get(country), years=year, categories=closed, language=language))


def is_open(day: date, country: str) -> bool:
    """Whether offices and banks of a country (ISO 3166-1 alpha-2, or "") are regularly open: not on weekends, not on public holidays."""
    if day.weekday() in WEEKEND.get(country, (5, 6)):
        return False
    return not country or day not in _holidays(country, day.year)


def holiday(day: date, country: str, languages: tuple[str, ...]) -> str:
    """The name of a holiday in the first of these languages that there is (zh_HK), "" where there is none or the day is no holiday."""
    return _holidays(country, day.year, languages).get(day, "") if country else ""


def closed_days(after: date, until: date, country: str) -> list[tuple[date, str]]:
    """The days after one day up to another on which offices are closed, each with the reason: "Saturday", "Good Friday"."""
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    known = {day: _holidays(country, day.year).get(day, "") if country else "" for day in days}
    return [(day, name or f"{day:%A}") for day, name in known.items() if not is_open(day, country)]


def add_open_days(day: date, days: int, country: str) -> date:
    """The last of `days` open days that follow `day`; `day` itself is never counted (UCP 600 art. 3)."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_open(day, country)
    return day


def next_open(day: date, country: str) -> date:
    """`day`, or the first open day after it (UCP 600 art. 29(a))."""
    while not is_open(day, country):
        day += timedelta(days=1)
    return day


@cache
def zone(country: str) -> tzinfo | None:
    """The time zone of a country; where it has several, the one in which a day ends last; None if unknown."""
    from babel.core import get_global

    zones: list[tuple[timedelta, ZoneInfo]] = []
    for name, territory in get_global("zone_territories").items():
        if territory == country and not name.startswith("Etc/"):
            try:
                found = ZoneInfo(name)
            except ZoneInfoNotFoundError:
                continue
            zones.append((found.utcoffset(datetime(2025, 1, 1, tzinfo=UTC)) or timedelta(), found))
    return min(zones, key=lambda z: (z[0], z[1].key))[1] if zones else None


def end_of(day: date, where: tzinfo | None) -> datetime:
    """The first moment after a day in a time zone (UTC if unknown)."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), where or UTC)


def country_of(place: Any) -> str:
    """The country of a party, bank, location, BIC or country code, or "" if it does not tell."""
    if isinstance(place, Mapping):
        for path in ("country", "bic", "unlocode"):
            if found := country_of(place.get(path)):
                return found
        return country_of(place.get("address"))
    if not isinstance(place, str):
        return ""
    if len(place) == 2 and place.isupper():
        return place
    if len(place) in (8, 11) and place.isupper() and place[4:6].isalpha() and " " not in place:
        return place[4:6]
    if len(place) == 5 and place.isupper() and place.isalnum():
        return place[:2]
    return _by_name(place)


@cache
def _by_name(name: str) -> str:
    import pycountry

    wanted = name.rsplit(",", maxsplit=1)[-1].strip()
    found = pycountry.countries.get(name=wanted) or pycountry.countries.get(common_name=wanted)
    return str(found.alpha_2) if found else ""
