"""Values as UBL writes them: days and times apart, amounts with their currency, quantities with their unit."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeflow.adapters.ubl.rows import ATTRIBUTES, Value
from tradeflow.adapters.ubl.tree import Element

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(.+)")


def written(row: Value, value: Any) -> tuple[str, dict[str, str], str]:
    """Text and attributes of an element, and the text of its second one."""
    if row.object:
        name, attribute = ATTRIBUTES[row.object]
        return str(value["value"]), {attribute: str(value[name])}, ""
    if isinstance(value, bool):
        return ("true" if value else "false"), {}, ""
    text = dict(row.codes).get(str(value), "") if row.codes else str(value)
    if row.second and (moment := _MOMENT.fullmatch(text)):
        return moment[1], {}, moment[2]
    return text, {}, ""


def read(row: Value, element: Element, second: str) -> Any:
    """The value of an element as the schema expects it; its text where it is none, so that the schema names it."""
    text = element.text.strip() if row.scalar != "text" else element.text.replace("\r\n", "\n").strip()
    if row.codes:
        text = next((value for value, code in row.codes if code == text), text)
    if row.object:
        name, attribute = ATTRIBUTES[row.object]
        unit = element.attributes.get(attribute, "")
        return {"value": typed("decimal", text), **({name: unit} if unit else {})}
    if row.scalar == "datetime":
        return f"{text}T{second}" if second else text
    if row.scalar == "date":
        return re.sub(r"(Z|[+-]\d\d:\d\d)$", "", text)
    return typed(row.scalar, text)


def typed(scalar: str, text: str) -> Any:
    """A text as a value of the scalar type, in the form that JSON has for it."""
    if scalar == "integer" and re.fullmatch(r"-?\d{1,15}(\.0+)?", text):
        return int(text.partition(".")[0])
    if scalar == "boolean" and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if scalar in ("decimal", "percent") and len(text) <= 40:
        try:
            return format(Decimal(text), "f")
        except InvalidOperation:
            return text
    return text
