"""A workbook to fill in: every column of a message, lists of codes to choose from, an example, and a sheet of notes in a clerk's words."""

from collections.abc import Iterable
from typing import Any

from tradeflow.adapters.excel.columns import Column, Plan
from tradeflow.adapters.excel.layout import Table, tables
from tradeflow.adapters.excel.writing import Workbook, heading, name_of, within

from tradeflow.model.document import Document

NOTES, CODES = "Notes", "Codes"
ROWS = 500  # that offer codes to choose from
FORMS = {
    "string": "Text, one line",
    "text": "Text",
    "id": "A number or reference. Format the cell as text, so that Excel keeps zeros in front",
    "code": "A code",
    "boolean": "TRUE or FALSE (yes or no)",
    "integer": "A whole number",
    "decimal": "A number",
    "percent": "A percentage: 2.5 or 2.5%",
    "date": "A date, as an Excel date or 2025-04-02",
    "datetime": "Date, time and offset as text: 2025-04-02 09:30 +08:00",
}
_HOW = (
    "One row for each document on the first sheet; a row for each line, package or container on the sheets after it.",
    "Columns with a yellow heading and * are needed. What you have nothing to say about stays empty; whole columns may be deleted.",
    "The grey second row tells the hub what a column is. Titles may be changed, the grey row may not; either of the two rows is enough.",
    "Each row of the later sheets says the number of its document. Where it is empty the row belongs to the document of the row above.",
    "A row that says 'example' in column A is not read. Put your own rows below, or write over it and clear column A.",
    "Columns without values in the example are folded away: click the + above the columns, or the 2 at the top left, to see them.",
    "Several values in one cell: one to a line (Alt+Enter). Columns of your own: begin the heading with #.",
    "No formulas: paste values. Identifier, creation time, function and version of the message may stay empty; the hub fills them in.",
)
FILLED_IN = {"message.id", "message.created_at", "message.function", "message.schema_version", "message.type"}


def template(plan: Plan, example: Document | None) -> bytes:
    """The workbook for a message."""
    book = Workbook()
    sheets = [_without_sealed(table) for table in tables(plan, [example] if example else [], whole=True)]
    codes = _Codes(book)
    made = [(table, book.sheet(name_of(plan, table.level))) for table in sheets]
    notes = book.sheet(NOTES)
    codes.sheet = book.sheet(CODES)
    for table, sheet in made:
        _sheet(book, plan, table, sheet, codes)
    _notes(book, notes, plan, sheets)
    body: bytes = book.bytes()
    return body


def _without_sealed(table: Table) -> Table:
    """What nobody types is left to the hub; a column that a template shows as needed but the hub can fill is not marked."""
    columns = (Column(c.path, c.title, c.long_title, c.row, c.needed and c.path not in FILLED_IN, c.owner) for c in table.columns)
    hidden = {"message.id", "message.created_at", "message.schema_version", "message.payload_hash"}
    rows = tuple({path: value for path, value in row.items() if path not in hidden} for row in table.rows)
    return Table(table.level, tuple(columns), rows)


class _Codes:
    """The sheet that lists of codes stand on, a column for each."""

    def __init__(self, book: Workbook) -> None:
        self.sheet: Any = None
        self._book = book
        self._ranges: dict[str, str] = {}

    def of(self, plan: Plan, column: Column) -> str:
        """The range that holds the codes of a column, "" where any text may stand there."""
        name = column.row.codelist
        codes = plan.message.catalogue.codelists[name].codes if name else {}
        if not codes:
            return ""
        if name not in self._ranges:
            place = len(self._ranges)
            self.sheet.write_string(0, place, name, self._book.head)
            self.sheet.set_column(place, place, 28)
            for row, (code, meaning) in enumerate(codes.items(), 1):
                self.sheet.write_string(row, place, f"{code} - {meaning}" if meaning else code, self._book.text)
            letter = _letters(place)
            self._ranges[name] = f"={CODES}!${letter}$2:${letter}${len(codes) + 1}"
        return self._ranges[name]


def _sheet(book: Workbook, plan: Plan, table: Table, sheet: Any, codes: _Codes) -> None:
    sheet.write_string(0, 0, "#", book.head)
    sheet.write_string(1, 0, "#", book.key)
    sheet.set_column(0, 0, 9)
    heading(book, sheet, plan, table.columns, table.level, 1)
    used = {path for row in table.rows for path in row} | plan.shown
    for n, column in enumerate(table.columns, 1):
        if (column.path not in used and not column.needed) or column.path in plan.folded:
            sheet.set_column(n, n, 16, None, {"level": 1, "hidden": True})
        if (source := codes.of(plan, column)) and not column.many:
            rule = {
                "validate": "list",
                "source": source,
                "error_type": "warning",
                "error_title": "Code",
                "error_message": "This is none of the listed codes.",
            }
            sheet.data_validation(2, n, ROWS, n, rule)
    for row, values in enumerate(table.rows, 2):
        sheet.write_string(row, 0, "example", book.faint)
        for n, column in enumerate(table.columns, 1):
            if (value := values.get(column.path)) is not None:
                book.put(sheet, row, n, value, column.row.scalar)


def _notes(book: Workbook, sheet: Any, plan: Plan, sheets: Iterable[Table]) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 44)
    sheet.set_column(3, 4, 60)
    sheet.write_string(0, 0, plan.message.name, book.title)
    for n, line in enumerate(_HOW, 1):
        sheet.write_string(n, 0, line)
    at = len(_HOW) + 2
    for n, title in enumerate(("Sheet", "Needed", "Column", "What to write", "Known to the hub as")):
        sheet.write_string(at, n, title, book.head)
    for table in sheets:
        for column in table.columns:
            at += 1
            said = (
                name_of(plan, table.level),
                "yes" if column.needed else "",
                within(column, table.level) if table.level else column.title,
            )
            for n, text in enumerate((*said, told(plan, column), column.path)):
                sheet.write_string(at, n, text, book.wrapped)


def told(plan: Plan, column: Column) -> str:
    """What a column takes, as a clerk is told."""
    row = column.row
    parts = [FORMS[row.scalar]]
    if row.codelist:
        known = plan.message.catalogue.codelists[row.codelist]
        codes = list(known.codes)
        few = f": {', '.join(codes)}" if 0 < len(codes) <= 12 else f", see the sheet {CODES}, column {known.name}" if codes else ""
        parts.append(f"From {known.source}{few}")
    if column.many:
        parts.append("Several: one to a line")
    if row.rule:
        parts.append(row.rule)
    return ". ".join(parts) + "."


def _letters(column: int) -> str:
    return (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)
