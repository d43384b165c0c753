"""Values as EDIFACT writes them: dates with a code that names their form, numbers with a point, texts cut to the length of an element."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeflow.adapters.edifact.rows import Slot

DAY, MOMENT = "102", "208"
# 2379: the code of the form -> what it looks like. A time without an offset is read as UTC.
FORMS = {
    "102": "%Y%m%d",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
    "205": "%Y%m%d%H%M%z",
    "208": "%Y%m%d%H%M%S%z",
    "101": "%y%m%d",
    "201": "%y%m%d%H%M",
}


def written(slot: Slot, value: Any) -> str:
    """One value as text."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, datetime):
        text = value.strftime(FORMS[MOMENT])
    elif isinstance(value, date):
        text = value.strftime(FORMS[DAY])
    elif isinstance(value, Decimal):
        text = format(value, "f")
    else:
        text = str(value)
    return slot.codes.get(text, "") if slot.codes else text


def form_of(slot: Slot) -> str:
    """The code for the form that a date of this slot is written in, or ""."""
    return {"date": DAY, "datetime": MOMENT}.get(slot.scalar, "")


def read(slot: Slot, text: str, form: str = "") -> Any:
    """The value of a text as the schema expects it; the text itself where it is none, so that the schema names it."""
    if slot.codes:
        text = next((value for value, code in slot.codes.items() if code == text), text)
    return typed(slot.scalar, _dated(slot.scalar, text, form) if slot.scalar in ("date", "datetime") else text)


def typed(scalar: str, text: str) -> Any:
    """A text as a value of the scalar type, in the form that JSON has for it."""
    if scalar == "integer" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if scalar == "boolean" and text in ("true", "false"):
        return text == "true"
    if scalar in ("decimal", "percent") and len(text) <= 40:
        try:
            return format(Decimal(text.replace(",", ".")), "f")
        except InvalidOperation:
            return text
    return text


def _dated(scalar: str, text: str, form: str) -> str:
    pattern = FORMS.get(form or {8: "102", 12: "203", 14: "204"}.get(len(text), ""))
    if pattern is None or len(text) > 20:
        return text
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 the form says whether there is an offset
    except ValueError:
        return text
    if scalar == "date":
        return moment.date().isoformat()
    whole = moment.isoformat()
    return whole.removesuffix("+00:00") + "Z" if moment.tzinfo is None or whole.endswith("+00:00") else whole


def pieces(slot: Slot, text: str) -> list[str]:
    """The text cut for its components; one that is full goes on in the next."""
    return [text[n : n + slot.longest] for n in range(0, len(text), slot.longest)]


def joined(slot: Slot, parts: list[str]) -> str:
    """The text of components again: a full one goes on, one that is not ends a word."""
    text = ""
    for part in parts:
        text += part if not text or len(text) % slot.longest == 0 else f" {part}"
    return text
