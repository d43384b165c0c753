"""Scalars of the two wire forms: text in, one Python value, one canonical text out."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

DECIMAL = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,10})?"
INTEGER = r"-?(0|[1-9][0-9]{0,14})"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATETIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
REFUSED = "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]"  # no XML 1.0 document can carry these either

_decimal = re.compile(DECIMAL).fullmatch
_date = re.compile(DATE).fullmatch
_datetime = re.compile(DATETIME).fullmatch
_WRITABLE = 64  # power of ten up to which writing a number out is harmless


def decimal(value: Any) -> Decimal:
    """A decimal from text in plain notation or a JSON number; ValueError beyond 18 digits before or 10 after the point."""
    if type(value) is float:
        value = Decimal(repr(value))
    if type(value) is str:
        text = value.strip()
    elif type(value) is int or (type(value) is Decimal and value.is_finite() and (not value or abs(value.adjusted()) < _WRITABLE)):
        text = text_of(Decimal(value)) if value else "0"
    else:
        raise ValueError
    if not _decimal(text):
        raise ValueError
    if "." in text:  # one value, one Decimal, whichever way it was written
        text = text.rstrip("0").rstrip(".")
    return Decimal(text if text != "-0" else "0")


def date_(value: Any) -> date:
    """A date from YYYY-MM-DD; ValueError otherwise."""
    if type(value) is str and _date(text := value.strip()):
        return date.fromisoformat(text)
    if type(value) is date:
        return value
    raise ValueError


def datetime_(value: Any) -> datetime:
    """An aware datetime from RFC 3339 with seconds and an offset, to the microsecond; ValueError otherwise."""
    if type(value) is str and _datetime(text := value.strip()):
        return datetime.fromisoformat(text)
    if type(value) is datetime and value.tzinfo is not None:
        return datetime_(text_of(value))
    raise ValueError


def text_of(value: Any) -> str:
    """The canonical text of a Decimal ("24.5"), date or datetime; TypeError for anything else."""
    if type(value) is Decimal:
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    if type(value) is datetime:
        text = value.isoformat()
        if "." in text:
            head, tail = text.split(".")
            text = head + ("." + tail[:6]).rstrip("0") + tail[6:]
        return text[:-6] + "Z" if text.endswith("+00:00") else text
    if type(value) is date:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical text")


PARSED: dict[str, Callable[[Any], Any]] = {"decimal": decimal, "percent": decimal, "date": date_, "datetime": datetime_}
"""How the scalar types that JSON has no literal for are parsed; all of them raise ValueError."""
