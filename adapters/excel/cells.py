"""One cell: what a person or Excel has put there, as the value that JSON has for it; and what is wrong with it, in a clerk's words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeflow.model.catalogue import Catalogue, Field

DIGITS_MAX = 15  # that Excel keeps of a number
_YES, _NO = {"true", "yes", "y", "x", "wahr", "vrai", "ja", "oui", "是"}, {"false", "no", "n", "falsch", "faux", "nein", "non", "否"}
_MONTHS = ("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d.%b.%Y", "%d/%b/%Y")
_ORDERED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TURNED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]+(\d\d?:\d\d)(:\d\d(?:\.\d{1,6})?)? *(Z|UTC|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?")
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_NUMBER_TYPES = ("decimal", "percent", "integer")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. `kind` is text, number, percent, date, boolean, formula or error; a date may hold a time of day."""

    value: str | Decimal | bool | datetime
    kind: str = "text"

    @property
    def blank(self) -> bool:
        return isinstance(self.value, str) and not self.value.strip() and self.kind == "text"


class Unclear(Exception):
    """The cell cannot be taken as it is; `hint` says what to write instead."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def value_of(cell: Cell, row: Field, known: Catalogue, comma: bool = False) -> Any:
    """The value of a cell for a field; the text itself where the schema should name it. `comma` says that the file has decimal commas.

    Raises Unclear where a cell could mean two things, or is no value at all.
    """
    if cell.kind == "formula":
        raise Unclear("The cell holds a formula", "Put the value itself there: copy the cell, then paste as values.")
    if cell.kind == "error":
        raise Unclear(f"The cell shows {str(cell.value)[:20]}", "Correct it, or leave it empty.")
    if row.type == "list":
        return [_one(Cell(part), row, known, comma) for part in _parts(cell, row) if part]
    return _one(cell, row, known, comma)


def _parts(cell: Cell, row: Field) -> list[str]:
    if row.scalar not in ("string", "text"):
        parts = re.split(r"[\n;]", shown(cell))
    elif isinstance(cell.value, str) and _BLANK_LINE.search(cell.value):
        parts = _BLANK_LINE.split(cell.value.replace("\r\n", "\n"))
    else:
        parts = shown(cell).split("\n")
    return [part.strip() for part in parts]


def _one(cell: Cell, row: Field, known: Catalogue, comma: bool) -> Any:
    scalar = row.scalar
    if scalar in _NUMBER_TYPES:
        return _number(cell, scalar, comma)
    if scalar == "boolean":
        return _boolean(cell)
    if scalar == "date":
        return _date(cell)
    if scalar == "datetime":
        return _moment(cell)
    if cell.kind == "date":
        raise Unclear(f"Excel has made a date of this: {shown(cell)}", "Format the cell as text and type it again.")
    if isinstance(cell.value, Decimal) and len(cell.value.as_tuple().digits) >= DIGITS_MAX and cell.value.adjusted() >= DIGITS_MAX:
        raise Unclear("Excel keeps fifteen digits of a number; the rest is lost here", "Format the cell as text and type it again.")
    return _coded(shown(cell), known.codelists[row.codelist].codes) if row.codelist else shown(cell)


def listed(values: list[Any]) -> str:
    """Several values in one cell: one to a line, with a blank line after each where one of them has lines of its own."""
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return "".join(f"{text}\n\n" for text in texts) if any("\n" in text for text in texts) else "\n".join(texts)


def shown(cell: Cell) -> str:
    """A cell as text."""
    if isinstance(cell.value, bool):
        return "true" if cell.value else "false"
    if isinstance(cell.value, Decimal):
        text = format(cell.value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell.value, datetime):
        at_midnight = not (cell.value.hour or cell.value.minute or cell.value.second)
        return cell.value.date().isoformat() if at_midnight else cell.value.isoformat(sep=" ")
    return cell.value.replace("\r\n", "\n").strip()


def _coded(text: str, codes: Mapping[str, str]) -> str:
    """A code from a template's list, "9 - Original", or its meaning alone."""
    if not codes or text in codes:
        return text
    code = text.partition(" - ")[0].strip()
    if code in codes:
        return code
    meant = [one for one, meaning in codes.items() if meaning and meaning.casefold() == text.casefold()]
    return meant[0] if len(meant) == 1 else text


def _number(cell: Cell, scalar: str, comma: bool) -> Any:
    if isinstance(cell.value, Decimal):
        value = cell.value * 100 if cell.kind == "percent" and scalar == "percent" else cell.value
    elif cell.kind == "text" and isinstance(cell.value, str):
        text = cell.value.strip()
        text = text.removesuffix("%").strip() if scalar == "percent" else text
        found = number(text, comma)
        if found is None:
            return cell.value.strip()
        value = found
    else:
        return shown(cell)
    if scalar == "integer" and value == value.to_integral_value() and abs(value) < 10**DIGITS_MAX:
        return int(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(text: str, comma: bool = False) -> Decimal | None:
    """A number as people write it; None where it is none. Unclear where a sign could part thousands or decimals."""
    text = re.sub(r"(?<=\d)[\s'\u00a0\u202f](?=\d{3})", "", text)
    if len(text) > 40 or not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d{1,2})?", text):
        return None
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        decimal = max(".", ",", key=text.rindex)
        grouped = "," if decimal == "." else "."
        head = text[: text.rindex(decimal)].lstrip("+-")
        if text.count(decimal) > 1 or not re.fullmatch(rf"\d{{1,3}}({re.escape(grouped)}\d{{3}})+", head):
            return None
        text = text.replace(grouped, "").replace(decimal, ".")
    elif commas or (dots and comma):
        text = _with_one_sign(text, "," if commas else ".", comma)
        if not text:
            return None
    elif dots > 1:
        text = text.replace(".", "") if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", text) else ""
    try:
        return Decimal(text) if _PLAIN.fullmatch(text) else None
    except InvalidOperation:
        return None


def _with_one_sign(text: str, sign: str, comma: bool) -> str:
    """A number whose only sign is `,`, or `.` in a file with decimal commas: decimals or thousands?"""
    groups = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+", text)
    if text.count(sign) > 1:
        return text.replace(sign, "") if groups else ""
    if sign == "," and comma:
        return text.replace(",", ".")
    if groups and text.lstrip("+-")[0] != "0":
        plain, parted = text.replace(sign, ""), text.replace(sign, ".")
        raise Unclear(f"{text} could mean {plain} or {parted}", f"Write {plain}, or {parted}0 with a point if you mean decimals.")
    return text.replace(sign, ".")


def _boolean(cell: Cell) -> Any:
    if isinstance(cell.value, bool):
        return cell.value
    text = shown(cell).casefold()
    return True if text in _YES or text == "1" else False if text in _NO or text == "0" else shown(cell)


def _date(cell: Cell) -> str:
    text = shown(cell)
    if cell.kind != "text":
        return text
    if hit := _ORDERED.fullmatch(text):
        return _iso(int(hit[1]), int(hit[2]), int(hit[3])) or text
    if re.fullmatch(r"(19|20)\d{6}", text):
        return _iso(int(text[:4]), int(text[4:6]), int(text[6:])) or text
    if hit := _TURNED.fullmatch(text):
        one, other, year = int(hit[1]), int(hit[3]), int(hit[4])
        readings = [_iso(year, other, one), _iso(year, one, other)]
        if hit[2] == ".":  # with points the day is first, everywhere
            return readings[0] or text
        found = sorted({reading for reading in readings if reading})
        if len(found) == 2:
            raise Unclear(f"{text} could be {found[0]} or {found[1]}", f"Write {readings[0]}, or {readings[1]}: year, month, day.")
        return found[0] if found else text
    for form in _MONTHS:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 a day has no offset
        except ValueError:
            continue
    return text


def _moment(cell: Cell) -> str:
    if isinstance(cell.value, datetime):
        said = cell.value.isoformat(sep=" ", timespec="minutes")
    else:
        said = shown(cell)
        hit = _MOMENT.fullmatch(said)
        if not hit:
            return said
        if hit[4]:
            offset = hit[4].upper()
            offset = "Z" if offset in ("Z", "UTC") else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
            return f"{hit[1]}T{hit[2].zfill(5)}{hit[3] or ':00'}{offset}"
        said = f"{hit[1]} {hit[2]}"
    raise Unclear(f"{said} does not say which time it is: the offset is missing", f"Write it as text with the offset: {said} +08:00")


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
