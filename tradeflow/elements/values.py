"""Values as files write them: days and times apart or in digits, amounts with their currency, quantities with their unit."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeflow.elements.element import Element
from tradeflow.elements.rows import ATTRIBUTES, Value

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(.+)")
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d\d(?::?\d\d)?)?")  # forms 102, 203, 204 and 304 of UNCL 2379
DAY, MOMENT = "102", "304"
_CUT = re.compile(r"(head|tail)(\d*)")  # the first characters (two: the country of a UN/LOCODE), and what follows them


def written(row: Value, value: Any) -> tuple[str, dict[str, str], str]:
    """Text and attributes of an element, and the text of its second one."""
    if row.object:
        name, attribute = ATTRIBUTES[row.object]
        if row.form:  # a unit that goes without saying
            return (str(value["value"]) if value[name] == row.form else ""), {}, ""
        return str(value["value"]), {attribute: str(value[name])}, ""
    if isinstance(value, bool) and not row.codes:
        return ("true" if value else "false"), {}, ""
    text = dict(row.codes).get(_plain(value), "") if row.codes else str(value)
    if cut := _CUT.fullmatch(row.form):
        length = int(cut[2] or 2)
        return (text[:length] if cut[1] == "head" else text[length:]), {}, ""
    if row.form == "date":
        return text[:10], {}, ""
    if row.form:
        return in_digits(text, row.form), {}, ""
    if row.second and (moment := _MOMENT.fullmatch(text)):
        return moment[1], {}, moment[2]
    if row.facet.kind == "date" and (moment := _MOMENT.fullmatch(text)):
        return moment[1], {}, ""
    return text, {}, ""


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def continues(row: Value) -> bool:
    """Whether it reads what follows on a value that another row has read the head of."""
    return row.form.startswith("tail")


def in_digits(text: str, form: str) -> str:
    """A date or moment in a form of UNCL 2379: 20250411, or 20250411093000+00."""
    day = text[:10].replace("-", "")
    if form == DAY or "T" not in text:
        return day if form == DAY else f"{day}000000Z"
    clock = re.sub(r"\.\d+", "", text[11:])
    time, zone = (clock[:8], clock[8:]) if len(clock) > 8 else (clock, "Z")
    return f"{day}{time.replace(':', '')}{zone.removesuffix(':00')}"


def of_digits(text: str, scalar: str) -> str:
    """The date or moment of such digits; the text itself where it is none. Without a zone it is UTC."""
    found = _DIGITS.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, zone = found.groups()
    date = f"{year}-{month}-{day}"
    if scalar == "date":
        return date
    zone = zone if zone and zone != "Z" else ""
    offset = f"{zone[:3]}:{zone[-2:] if len(zone) > 3 else '00'}" if zone else "Z"
    return f"{date}T{hour or '00'}:{minute or '00'}:{second or '00'}{offset}"


def lines(text: str, width: int) -> Iterator[str]:
    """A text over lines of at most `width` characters, cut at spaces where there are any."""
    for paragraph in text.split("\n"):
        rest = " ".join(paragraph.split())
        while len(rest) > width:
            cut = rest.rfind(" ", 1, width + 1)
            cut = cut if cut > 0 else width
            yield rest[:cut].rstrip()
            rest = rest[cut:].lstrip()
        if rest:
            yield rest


def read(row: Value, element: Element, second: str) -> Any:
    """The value of an element as the schema expects it; its text where it is none, so that the schema names it."""
    text = element.text.strip() if row.scalar != "text" else element.text.replace("\r\n", "\n").strip()
    if row.derived and (cut := _CUT.fullmatch(row.form)):
        text = text[: int(cut[2] or 2)]
    if row.codes:
        text = next((value for value, code in row.codes if code == text), text)
    if row.object:
        name, attribute = ATTRIBUTES[row.object]
        unit = row.form or element.attributes.get(attribute, "")
        return {"value": typed("decimal", text), **({name: unit} if unit else {})}
    if row.scalar in ("date", "datetime") and len(text) < 25:
        text = of_digits(text, row.scalar)
    if row.scalar == "datetime":
        day = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
        return f"{text}T{second}" if second else f"{text}T00:00:00Z" if day else text
    if row.scalar == "date":
        text = re.sub(r"(Z|[+-]\d\d:\d\d)$", "", text)
        return text[:10] if _MOMENT.fullmatch(text) else text
    return typed(row.scalar, text)


def typed(scalar: str, text: str) -> Any:
    """A text as a value of the scalar type, in the form that JSON has for it."""
    if scalar == "integer" and re.fullmatch(r"-?\d{1,15}(\.0{1,10})?", text):
        return int(text.partition(".")[0])
    if scalar == "boolean" and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if scalar in ("decimal", "percent") and len(text) <= 40:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        return format(number, "f") if number.is_finite() and abs(number.adjusted()) < 40 else text
    return text
