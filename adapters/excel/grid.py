"""A table as it comes out of a file: rows of cells with their numbers, before anybody knows what its columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradeflow.adapters.excel.cells import Cell

CELLS_MAX = 50_000  # of one file
DOCUMENTS_MAX = 5_000
COLUMNS_MAX = 16_384
TITLES_MAX = 10  # lines above the headings
NOTE = "#"  # a column whose header begins with this is the clerk's own
EXAMPLE = "example"  # a row that says so in such a column is not read


@dataclass(slots=True)
class Grid:
    """One sheet: its name ("" in a CSV file) and its rows that are not blank, as (number from 1, cells by column from 0)."""

    name: str
    rows: list[tuple[int, Mapping[int, Cell]]] = field(default_factory=list)
    comma: bool = False  # numbers as text have decimal commas
    hidden: bool = False  # what nobody sees on the screen counts for nothing

    def untitled(self) -> "Grid":
        """Without lines above the headings, such as a title across the columns: a lone cell, and below it rows of several."""
        while self.rows and _filled(self.rows[0]) <= 1 and any(_filled(row) > 2 for row in self.rows[1:TITLES_MAX]):
            del self.rows[0]
        return self

    def at(self, row: int, column: int | None = None) -> str:
        """How a person finds a cell: "lines!F7"."""
        where = f"{letters(column)}{row}" if column is not None else f"{row}:{row}"
        name = f"'{self.name}'" if self.name and not self.name.replace("_", "").isalnum() else self.name
        return f"{name}!{where}" if name else where


def _filled(row: tuple[int, Mapping[int, Cell]]) -> int:
    return sum(not cell.blank for cell in row[1].values())


def letters(column: int) -> str:
    """A column counted from 0 as a spreadsheet names it: 0 is A, 27 is AB."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
