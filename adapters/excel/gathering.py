"""Rows to documents: which row begins one, which element of which list a cell belongs to, and where every value stood.

A row that has a value for a list adds an element to it; lists within lists belong to the element above. So one table can hold a
document with lists side by side, and a workbook can give each list a sheet of its own: the reading is the same.
"""

import difflib
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradeflow.adapters.excel.cells import Cell, Unclear, shown, value_of
from tradeflow.adapters.excel.columns import KEY, Column, Plan
from tradeflow.adapters.excel.grid import DOCUMENTS_MAX, EXAMPLE, NOTE, Grid
from tradeflow.adapters.excel.refusal import refused

from tradeflow.model.envelope import created_on
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.format import DROPPED, Loss, Reading

RULE = "M-GEN-01"
FAULTS_MAX = 200  # of the file itself
CELL_FAULTS_MAX = 3_000  # of all its cells
GUESSES_MAX = 10  # headers for which the nearest one is looked for
_NAMESPACE = uuid.UUID("5f0f2c0e-7c0c-5b5e-9a86-3f8c0d0f1a52")  # of message identifiers made from a row that has none


@dataclass(slots=True)
class Entry:
    """One document of a file: its tree, what is wrong with single cells, and where everything stands."""

    plan: Plan
    number: str
    row: int
    tree: dict[str, Any] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)  # JSON Pointer -> cell
    rows: dict[str, tuple["Sheet", int]] = field(default_factory=dict)  # JSON Pointer of the document and of list elements -> row
    open: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)  # list -> pointer and element that is being filled
    slots: dict[tuple[str, str], int] = field(default_factory=dict)

    def place(self, pointer: str) -> str:
        """The cell that a JSON Pointer leads to, or should lead to: where a value is missing, the cell of its column."""
        if hit := self.cells.get(pointer):
            return hit
        parts = pointer.split("/")
        for n in range(len(parts), 0, -1):
            if there := self.rows.get("/".join(parts[:n])):
                sheet, row = there
                column = sheet.column_of(parts[1:])
                hit = sheet.grid.at(row, column)
                break
        return hit or ""

    def reading(self, losses: tuple[Loss, ...] = ()) -> Reading:
        """What the entry says, with an envelope that is complete as far as it follows from the rest."""
        kind, message = self.plan.message, self.tree.setdefault("message", {})
        if isinstance(message, dict):
            message.setdefault("type", kind.id)
            message.setdefault("schema_version", kind.schema_version)
            message.setdefault("function", "9")
            issued = self.tree.get("document", {}).get("issue_date")
            if isinstance(issued, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", issued):
                message.setdefault("created_at", created_on(issued))
            said = json.dumps(self.tree, sort_keys=True).encode()
            message.setdefault("id", str(uuid.uuid5(_NAMESPACE, hashlib.sha256(said).hexdigest())))
        return Reading(kind.id, self.tree, losses, tuple(self.faults), self.place)


@dataclass(slots=True)
class Sheet:
    """A grid whose header has been understood."""

    grid: Grid
    columns: dict[int, Column]
    notes: list[int]
    first: int  # index of the first row of data

    def column_of(self, steps: list[str]) -> int | None:
        """The column that a value at these steps of a JSON Pointer has or would have."""
        plain, placed = _path(steps, 0), _path(steps, 1)
        own: dict[int, str] = {n: column.path for n, column in self.columns.items()}
        general = {n: re.sub(r"\[\d+\]", "[]", path) for n, path in own.items()}
        for wanted, names in ((placed, own), (plain, general)):
            exact = [n for n, path in names.items() if path in (wanted, wanted + "[]", wanted.removesuffix("[]"))]
            below = [n for n, path in names.items() if path.startswith((wanted + ".", wanted + "["))]
            if exact or below:
                return min(exact or below)
        return None


class Gatherer:
    """Takes the grids of one file, the main one first, and keeps the documents and what is wrong with the file itself."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.entries: list[Entry] = []
        self.faults: list[Finding] = []
        self.losses: list[Loss] = []
        self._by_number: dict[str, Entry] = {}
        self._cell_faults = 0

    def main(self, grid: Grid) -> None:
        """The grid whose rows begin documents."""
        sheet = self._sheet(grid, "")
        if KEY not in {column.path for column in sheet.columns.values()}:
            self._wrong(
                grid.at(1), f"No column is headed {KEY}", "Every document has a number; it tells the rows of one document from the next."
            )
        flat = any(column.level for column in sheet.columns.values())
        current: Entry | None = None
        for row, cells in self._rows(sheet):
            number = next((shown(cells[n]) for n, column in sheet.columns.items() if column.path == KEY and n in cells), "")
            if current is None or not flat or number not in ("", current.number):
                current = self._begun(sheet, number, row)
            self._fill(current, sheet, row, cells)

    def of_list(self, grid: Grid, within: str) -> None:
        """The grid of one list: its rows belong to the document whose number they say, or to that of the row above."""
        sheet = self._sheet(grid, within)
        current = self.entries[0] if len(self.entries) == 1 else None
        for row, cells in self._rows(sheet):
            key = next((n for n, column in sheet.columns.items() if column.path == KEY), None)
            number = shown(cells[key]) if key is not None and key in cells else ""
            if number and (current is None or number != current.number):
                current = self._by_number.get(number)
                if current is None:
                    self._wrong(
                        grid.at(row, key),
                        f"No document of this file has the number {number[:40]}",
                        "Write the number of the document that this row belongs to.",
                    )
            if current is not None:
                self._fill(current, sheet, row, {n: cell for n, cell in cells.items() if n != key})
            elif not number:
                self._wrong(
                    grid.at(row, key),
                    "The row does not say which document it belongs to",
                    f"Put the number of the document into the column {KEY}.",
                )

    def _sheet(self, grid: Grid, within: str) -> Sheet:
        if not grid.rows:
            return Sheet(grid, {}, [], 0)
        row, header = grid.rows[0]
        first = 1
        if len(grid.rows) > 1 and self._is_keys(grid.rows[1][1]):
            (row, header), first = grid.rows[1], 2
        columns: dict[int, Column] = {}
        notes: list[int] = []
        seen: set[str] = set()
        for n, cell in header.items():
            text = shown(cell)
            column = self._plan.named(text, within)
            if text.startswith(NOTE):
                notes.append(n)
            elif column is None:
                near = self._near(text) if len(self.faults) < GUESSES_MAX else []
                hint = (
                    f"Did you mean {near[0]}?"
                    if near
                    else f"Take the headers of the template, or begin the header with {NOTE} if the column is your own."
                )
                self._wrong(grid.at(row, n), f"The message has no column {text[:60]!r}", hint)
            elif column.path in seen:
                self._wrong(grid.at(row, n), f"Two columns are headed {column.path}", "Leave one of them out.")
            else:
                columns[n] = column
                seen.add(column.path)
        return Sheet(grid, columns, notes, first)

    def _near(self, header: str) -> list[str]:
        return difflib.get_close_matches(header[:80], [one.path for one in self._plan.columns], n=1, cutoff=0.75)

    def _is_keys(self, cells: Mapping[int, Cell]) -> bool:
        """Whether a row holds paths, most of them right: the second line of a template's header."""
        said = [shown(cell) for cell in cells.values() if not cell.blank and not shown(cell).startswith(NOTE)]
        right = [text for text in said if (column := self._plan.named(text)) is not None and column.path == text]
        return len(right) * 2 > len(said)

    def _rows(self, sheet: Sheet) -> Iterator[tuple[int, dict[int, Cell]]]:
        for row, cells in sheet.grid.rows[sheet.first :]:
            if any(n in cells and shown(cells[n]).casefold().startswith(EXAMPLE) for n in sheet.notes):
                continue
            kept = {n: cell for n, cell in cells.items() if not cell.blank and n not in sheet.notes}
            for n in kept.keys() - sheet.columns.keys():
                self.losses.append(Loss(sheet.grid.at(row, n), DROPPED, "the column has no header of this message"))
            kept = {n: cell for n, cell in sorted(kept.items()) if n in sheet.columns}
            if kept:
                yield row, kept

    def _begun(self, sheet: Sheet, number: str, row: int) -> Entry:
        if twin := self._by_number.get(number):
            self._wrong(
                sheet.grid.at(row),
                f"The document {number[:40]} stands here and in row {twin.row}",
                "Put the rows of one document together, or correct the number.",
            )
        if len(self.entries) == DOCUMENTS_MAX:
            raise refused(f"The file holds more than {DOCUMENTS_MAX:,} documents", "Send it in parts.", sheet.grid.at(row))
        entry = Entry(self._plan, number, row)
        entry.rows[""] = (sheet, row)
        self.entries.append(entry)
        if number:
            self._by_number.setdefault(number, entry)
        return entry

    def _fill(self, entry: Entry, sheet: Sheet, row: int, cells: Mapping[int, Cell]) -> None:
        levels: dict[str, list[int]] = {}
        for n in cells:
            levels.setdefault(sheet.columns[n].level, []).append(n)
        for level in sorted(levels, key=lambda one: one.count("[]")):
            pointer, node = self._element(entry, sheet, row, level) if level else ("", entry.tree)
            for n in levels[level]:
                self._put(entry, sheet, (row, n), cells[n], pointer, node)

    def _element(self, entry: Entry, sheet: Sheet, row: int, level: str) -> tuple[str, dict[str, Any]]:
        """A new element of a list, within the open element of the list around it."""
        parent = level[: level[:-2].rindex("[]") + 2] if "[]" in level[:-2] else ""
        if parent and parent not in entry.open:
            self._element(entry, sheet, row, parent)
        pointer, node = entry.open[parent] if parent else ("", entry.tree)
        *steps, name = [part for part in level[len(parent) : -2].split(".") if part]
        for step in steps:
            node, pointer = node.setdefault(step, {}), f"{pointer}/{step}"
        elements = node.setdefault(name, [])
        made: dict[str, Any] = {}
        elements.append(made)
        here = f"{pointer}/{name}/{len(elements) - 1}"
        for inner in [one for one in entry.open if one.startswith(level)]:
            del entry.open[inner]
        entry.open[level] = (here, made)
        entry.rows[here] = (sheet, row)
        return here, made

    def _put(self, entry: Entry, sheet: Sheet, at: tuple[int, int], cell: Cell, pointer: str, node: dict[str, Any]) -> None:
        column, where = sheet.columns[at[1]], sheet.grid.at(*at)
        value, fault = self._value(cell, column, sheet.grid)
        *steps, last = column.steps
        for n, step in enumerate(steps):
            if step.isdecimal():
                continue
            following = steps[n + 1] if n + 1 < len(steps) else ""
            if following.isdecimal():
                elements = node.setdefault(step, [])
                slot = entry.slots.setdefault((f"{pointer}/{step}", following), len(elements))
                if slot == len(elements):
                    elements.append({})
                node, pointer = elements[slot], f"{pointer}/{step}/{slot}"
            else:
                node, pointer = node.setdefault(step, {}), f"{pointer}/{step}"
        here = f"{pointer}/{last}"
        if last in node and node[last] != value:
            fault = Unclear(
                f"It says {str(value)[:40]!r} here and {str(node[last])[:40]!r} in {entry.cells.get(here, 'a row above')}",
                "A document has one value for it: correct one of them.",
            )
        node.setdefault(last, value)
        entry.cells.setdefault(here, where)
        if fault:
            self._cell_faults += 1
            if self._cell_faults > CELL_FAULTS_MAX:
                raise refused(f"More than {CELL_FAULTS_MAX:,} cells cannot be taken as they stand", f"The last one: {fault.hint}", where)
            name = f"{column.owner}, {column.row.name}" if column.owner else column.row.name
            entry.faults.append(
                Finding(
                    RULE,
                    Severity.ERROR,
                    here,
                    f"{_printable(name)}: {_printable(fault.what)}.",
                    _printable(fault.hint),
                    _printable(shown(cell)[:80]),
                    cell=where,
                )
            )

    def _value(self, cell: Cell, column: Column, grid: Grid) -> tuple[Any, Unclear | None]:
        try:
            return value_of(cell, column.row, self._plan.message.catalogue, grid.comma), None
        except Unclear as fault:
            return shown(cell), fault

    def _wrong(self, cell: str, what: str, hint: str) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Finding(RULE, Severity.ERROR, "", f"{_printable(what)}.", _printable(hint), cell=cell))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _path(steps: list[str], first: int) -> str:
    """The path of a column for the steps of a pointer; with `first` places are counted from 1 as spread lists do, else left open."""
    path = ""
    for step in steps:
        path += f"[{int(step) + 1 if first else ''}]" if step.isdecimal() and path else f".{step}" if path else step
    return path
