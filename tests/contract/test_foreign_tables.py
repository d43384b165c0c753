"""Tables as clerks keep them: real dates and numbers, titles above the headings, hidden sheets, every separator and character set."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from tests.foreign import at, read, refused
from tradeflow.app.convert import convert

EXCEL, CSV = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"
HEAD = (
    "message.type",
    "document.number",
    "document.issue_date",
    "currency",
    "quantity_tolerance",
    "lines[].line_no",
    "lines[].description",
    "lines[].quantity.value",
    "lines[].quantity.unit",
    "lines[].unit_price.value",
    "lines[].hs_code",
)
DAY = datetime(2025, 1, 3)  # noqa: DTZ001 Excel knows no offsets
ROW = ("purchase_order", "PO-1", DAY, "USD", 0.05, 1, "Größe L", 42, "PCE", 24.5, "940521")
TEXTS = ("purchase_order", "PO-1", "03.01.2025", "USD", "5", "1", "Größe L", "42", "PCE", "24,50", "940521")
Change = Callable[[Any, Any], None]


def book(row: tuple[Any, ...] = ROW, *, top: int = 0, day: str = "yyyy-mm-dd", change: Change | None = None, **options: Any) -> bytes:
    """A workbook with one order; `top` lines above its headings."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **options}) as workbook:
        sheet = workbook.add_worksheet("Orders")
        percent = workbook.add_format({"num_format": "0%"})
        for n in range(top):
            sheet.merge_range(n, 0, n, len(HEAD) - 1, f"ORDERS OF MARCH {n}")
        sheet.write_row(top, 0, HEAD)
        sheet.write_row(top + 1, 0, [one if not isinstance(one, datetime) else "" for one in row])
        if isinstance(row[2], datetime):
            sheet.write_datetime(top + 1, 2, row[2], workbook.add_format({"num_format": day}))
        if isinstance(row[4], float):
            sheet.write_number(top + 1, 4, row[4], percent)
        if change:
            change(workbook, sheet)
    return file.getvalue()


def other_sheet(name: str, hidden: bool) -> Change:
    def change(workbook: Any, _: Any) -> None:
        made = workbook.add_worksheet(name)
        made.write_row(0, 0, ("document.number", "lines[].line_no", "lines[].description"))
        made.write_row(1, 0, ("PO-1", 2, "nobody sees this"))
        if hidden:
            made.hide()

    return change


def written(separator: str, code: str, *, end: str = "\r\n", before: str = "", row: tuple[str, ...] = TEXTS) -> bytes:
    lines = [separator.join(HEAD), separator.join(f'"{one}"' if separator in one else one for one in row)]
    return (before + end.join(lines) + end).encode(code)


SAME = {
    "cells of Excel": (book(), EXCEL),
    "a German day": (book(day="dd.mm.yyyy"), EXCEL),
    "a day with its time": (book(day="yyyy-mm-dd hh:mm"), EXCEL),
    "the calendar of 1904": (book(date_1904=True), EXCEL),
    "texts in place of numbers": (book(TEXTS), EXCEL),
    "a title above the headings": (book(top=1), EXCEL),
    "two of them": (book(top=2), EXCEL),
    "a hidden sheet of lines": (book(change=other_sheet("lines", hidden=True)), EXCEL),
    "a sheet of one's own": (book(change=other_sheet("My sums", hidden=False)), EXCEL),
    "semicolons": (written(";", "utf-8"), CSV),
    "semicolons, cp1252": (written(";", "cp1252"), CSV),
    "a mark": (written(";", "utf-8-sig"), CSV),
    "tabs, UTF-16": (written("\t", "utf-16"), CSV),
    "tabs": (written("\t", "utf-8"), CSV),
    "commas": (written(",", "utf-8"), CSV),
    "bars": (written("|", "utf-8"), CSV),
    "the line that names the separator": (written(";", "utf-8", before="sep=;\r\n"), CSV),
    "line ends of Unix": (written(";", "utf-8", end="\n"), CSV),
    "line ends of old Macs": (written(";", "utf-8", end="\r"), CSV),
    "blank lines before": (written(";", "utf-8", before="\r\n\r\n"), CSV),
}


@pytest.mark.parametrize("name", SAME)
def test_an_order_is_read_the_same_however_it_is_kept(name: str) -> None:
    tree, _ = read(*SAME[name])
    assert (at(tree, "document/number"), at(tree, "document/issue_date"), at(tree, "quantity_tolerance")) == ("PO-1", "2025-01-03", "5")
    assert [one["description"] for one in at(tree, "lines")] == ["Größe L"]
    assert at(tree, "message/created_at") == "2025-01-03T00:00:00+14:00", "never in the future for who sends it on that day"
    assert (at(tree, "lines/0/quantity/value"), at(tree, "lines/0/unit_price/value")) == ("42", "24.5")


def test_what_is_not_read_is_said() -> None:
    assert read(book(change=other_sheet("lines", hidden=True)), EXCEL)[1] == ["lines!"]
    assert read(book(change=other_sheet("My sums", hidden=False)), EXCEL)[1] == ["My sums!"]


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (written(";", "utf-8").replace(HEAD[3].encode(), b"Waehrung?"), CSV, "has no column 'Waehrung?'"),
        (written(";", "gb18030").replace("Größe".encode("gb18030"), "灯".encode("gb18030")), CSV, "GB18030 or Big5"),
        (written(";", "utf-8").replace(b"PO-1", b'"PO-1'), CSV, "quotation marks"),
        (written(";", "utf-8") + written(";", "utf-8").partition(b"\r\n")[2].replace(b"PO-1", b"PO-2"), CSV, "POST /v1/bulk"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, EXCEL, "old Excel file"),
        (book()[:900], EXCEL, "not all of it has arrived"),
    ],
)
def test_what_is_no_table_of_orders_is_refused_for_what_is_wrong(body: bytes, media_type: str, why: str) -> None:
    assert why in refused(body, media_type)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ((*ROW[:2], "03/04/2025", *ROW[3:]), "/document/issue_date"),
        ((*ROW[:2], 45660, *ROW[3:]), "/document/issue_date"),
        ((*ROW[:10], 30617), "/lines/0/hs_code"),  # the zero that Excel took from 030617 is not guessed
    ],
)
def test_a_cell_that_could_be_two_things_is_a_finding(row: tuple[Any, ...], pointer: str) -> None:
    found = [one for one in convert(book(row), EXCEL, "json").findings if one.pointer == pointer]
    assert found, pointer


def test_a_formula_is_a_finding() -> None:
    body = book(change=lambda _, sheet: sheet.write_formula(1, 9, "=49/2", None, 24.5))
    assert any(one.cell.endswith("J2") and "formula" in one.message.lower() for one in convert(body, EXCEL, "json").findings)
