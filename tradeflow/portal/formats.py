"""Dates, numbers and amounts as the reader writes them. Times are UTC, which every party of a trade shares."""

import functools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale, dates, numbers
from markupsafe import Markup, escape

from tradeflow.language.catalogues import REGIONS

KEPT_MAX = 2_000  # days and moments in one language: a page says most of its own several times


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """The filters of one language, by the names that templates use."""
    locale = Locale.parse(REGIONS.get(language, language))

    @functools.lru_cache(KEPT_MAX)
    def in_words(when: date) -> str:
        return dates.format_date(when, "medium", locale)

    @functools.lru_cache(KEPT_MAX)
    def in_utc(when: datetime) -> Markup:
        text = f"{in_words(when.date())} {dates.format_time(when, 'short', dates.UTC, locale)}"
        return Markup('<time datetime="{}">{} UTC</time>').format(when.isoformat(), text)

    def day(value: Any) -> str:
        """2025-03-04 as 4 Mar 2025; what is no date stays as it is."""
        when = _date(value)
        return str(value or "") if when is None else in_words(when)

    def last_day(value: Any) -> str:
        """The day that must end for a clock to run out: clocks end at midnight where the day counts."""
        when = _datetime(value)
        return "" if when is None else day((when - timedelta(microseconds=1)).date())

    def moment(value: Any) -> Markup:
        when = _datetime(value)
        return escape(value or "") if when is None else in_utc(when.astimezone(dates.UTC))

    def ago(value: Any, now: datetime) -> str:
        """How far a moment is from the hub's now: "in 3 days", "2 hours ago"."""
        when = _datetime(value)
        if when is None:
            return ""
        distance: timedelta = when - now
        return dates.format_timedelta(distance, add_direction=True, locale=locale)

    def figure(value: Any) -> str:
        number = _decimal(value)
        return str(value or "") if number is None else numbers.format_decimal(number, locale=locale, decimal_quantization=False)

    def money(value: Any, currency: str = "") -> str:
        """An amount with its currency; the digits that it has stay, and the currency's are there at least."""
        if isinstance(value, dict):
            value, currency = value.get("amount", value.get("value")), str(value.get("currency", ""))
        number = _decimal(value)
        if number is None or not currency:
            return figure(value)
        least = numbers.get_currency_precision(currency)
        exponent = number.as_tuple().exponent
        digits = max(least, -exponent if isinstance(exponent, int) else 0)
        text = numbers.format_decimal(number, "#,##0." + "0" * digits if digits else "#,##0", locale=locale)
        return f"{currency}\u00a0{text}"

    def percent(value: Any) -> str:
        number = _decimal(value)
        return str(value or "") if number is None else numbers.format_percent(number, locale=locale)

    return {"day": day, "last_day": last_day, "moment": moment, "ago": ago, "figure": figure, "money": money, "percent": percent}


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    when = _datetime(value)
    return when.date() if when else None


def _datetime(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=dates.UTC)
