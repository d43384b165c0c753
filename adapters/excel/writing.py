"""Grids and tables to a workbook, the same bytes for the same content. Texts are written as texts: none can become a formula."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

import xlsxwriter
from tradeflow.adapters.excel.cells import DIGITS_MAX, Cell, listed
from tradeflow.adapters.excel.columns import KEY, KEY_TITLE, Column, Plan
from tradeflow.adapters.excel.grid import Grid
from tradeflow.adapters.excel.layout import Table

_DAY_ONE = date(1900, 3, 1)  # before it, Excel counts a day that never was
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 a workbook made twice is the same file
NAME_MAX = 31


class Workbook:
    """A workbook in memory with the formats that its sheets share."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(self._buffer, options)
        self.book.set_properties({"created": _MADE, "author": "tradeflow"})
        made = self.book.add_format
        top = {"valign": "top"}
        self.text = made({"num_format": "@", **top})
        self.wrapped = made({"num_format": "@", "text_wrap": True, **top})
        self.date = made({"num_format": "yyyy-mm-dd", "align": "left", **top})
        self.number = made(top)
        self.head = made({"bold": True, "bg_color": "#E8EDF3", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#B8C2CC"})
        self.needed = made(
            {"bold": True, "bg_color": "#FFE9A8", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#B8C2CC"}
        )
        self.key = made({"font_color": "#7A8794", "font_size": 8, **top})
        self.faint = made({"font_color": "#7A8794", "italic": True, **top})
        self.wrong = made({"bg_color": "#FFD6D6", "text_wrap": True, **top})
        self.right = made({"bg_color": "#DDF3DD", "text_wrap": True, **top})
        self.title = made({"bold": True, "font_size": 14})

    def sheet(self, name: str) -> Any:
        """A new sheet."""
        return self.book.add_worksheet(name[:NAME_MAX])

    def bytes(self) -> bytes:
        """The file; nothing can be added after."""
        self.book.close()
        return self._buffer.getvalue()

    def put(self, sheet: Any, row: int, column: int, value: Any, scalar: str) -> None:
        """A value of a document, as Excel's own type where Excel keeps it exactly, else as text."""
        if isinstance(value, list):
            sheet.write_string(row, column, listed(value), self.wrapped)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self.number)
        elif (number := _exact(value)) is not None and scalar in ("decimal", "percent", "integer"):
            sheet.write_number(row, column, number, self.number)
        elif scalar == "date" and (day := _day(value)):
            sheet.write_datetime(row, column, datetime(day.year, day.month, day.day), self.date)  # noqa: DTZ001
        else:
            sheet.write_string(row, column, _plain(value), self.wrapped if "\n" in str(value) else self.text)


def written(plan: Plan, tables: Iterable[Table]) -> bytes:
    """The tables of documents as a workbook: titles, paths, then the rows."""
    book = Workbook()
    for table in tables:
        sheet = book.sheet(name_of(plan, table.level))
        heading(book, sheet, plan, table.columns, table.level, 0)
        for n, row in enumerate(table.rows, 2):
            for column, one in enumerate(table.columns):
                if (value := row.get(one.path)) is not None:
                    book.put(sheet, n, column, value, one.row.scalar)
    return book.bytes()


def heading(book: Workbook, sheet: Any, plan: Plan, columns: tuple[Column, ...], level: str, first: int) -> None:
    """Two rows: what a person reads, and the path that the hub reads."""
    for n, column in enumerate(columns, first):
        title = plan.titles.get(column.path) or (column.title if not level else within(column, level))
        sheet.write_string(0, n, f"{title} *" if column.needed else title, book.needed if column.needed else book.head)
        sheet.write_string(1, n, column.path, book.key)
        sheet.set_column(n, n, max(12, min(34, len(title) + 2)))
    sheet.set_row(0, 48)
    sheet.freeze_panes(2, first + 1)


def within(column: Column, level: str) -> str:
    """The title of a column on the sheet of its list: without the name of the list."""
    if column.path == KEY:
        return str(KEY_TITLE)
    title: str = column.title
    return title.partition(", ")[2] or title if column.level.startswith(level) and level.count("[]") == 1 else title


def name_of(plan: Plan, level: str) -> str:
    """The name of the sheet for the documents, or for a list."""
    return (level.replace("[]", "") if level else plan.message.id)[:NAME_MAX]


def annotated(grids: Iterable[Grid], notes: Mapping[tuple[str, int], tuple[bool, str]], header: str) -> bytes:
    """Sheets as they were read, with one more column: what became of each row. `notes` are (accepted, text) by sheet and row."""
    book = Workbook()
    for grid in grids:
        sheet = book.sheet(grid.name or "Sheet1")
        width = max((max(cells, default=0) for _, cells in grid.rows), default=0) + 1
        for row, cells in grid.rows:
            for column, cell in cells.items():
                _again(book, sheet, (row - 1, column), cell)
            if note := notes.get((grid.name, row)):
                sheet.write_string(row - 1, width, note[1][:32_000], book.right if note[0] else book.wrong)
        if grid.rows:
            sheet.write_string(grid.rows[0][0] - 1, width, header, book.head)
            sheet.set_column(width, width, 80)
    return book.bytes()


def _again(book: Workbook, sheet: Any, at: tuple[int, int], cell: Cell) -> None:
    if isinstance(cell.value, bool):
        sheet.write_boolean(*at, cell.value, book.number)
    elif isinstance(cell.value, Decimal):
        sheet.write_number(*at, float(cell.value), book.number)
    elif isinstance(cell.value, datetime):
        sheet.write_datetime(*at, cell.value, book.date)
    else:
        sheet.write_string(*at, cell.value, book.wrapped if "\n" in cell.value else book.text)


def _exact(value: Any) -> float | int | None:
    if isinstance(value, int):
        return value if abs(value) < 10**DIGITS_MAX else None
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= DIGITS_MAX + 2 else None
    except InvalidOperation:
        return None
    return float(number) if number is not None and len(number.as_tuple().digits) <= DIGITS_MAX else None


def _day(value: Any) -> date | None:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        return None
    return day if day >= _DAY_ONE else None


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
