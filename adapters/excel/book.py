"""A workbook to grids: its sheets, texts and formats as far as the values need them, read by expat and bounded throughout."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from tradeflow.adapters.excel.cells import Cell
from tradeflow.adapters.excel.grid import CELLS_MAX, COLUMNS_MAX, Grid
from tradeflow.adapters.excel.package import Package
from tradeflow.adapters.excel.refusal import refused

ELEMENTS_MAX = 300_000  # of the whole workbook
ATTRIBUTES_MAX = 40
SHEETS_MAX = 60
ROWS_MAX = 1_048_576
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 Excel knows no offsets
_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
_PERCENTS = {9, 10}
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Start = Callable[[str, dict[str, str]], None]


class Book:
    """A workbook. `grids` are its sheets in order, those marked that nobody sees; BadInput MALFORMED where it is none or costs too much."""

    def __init__(self, body: bytes) -> None:
        self._package = Package(body)
        self._elements = ELEMENTS_MAX
        self._cells = CELLS_MAX
        self._epoch = _EPOCH
        self._strings: list[str] = []
        self._kinds: list[str] = []

    def grids(self) -> Iterator[Grid]:
        """Every sheet, in the order of the workbook."""
        names, targets = self._sheets()
        base = "xl/sharedStrings.xml"
        if self._package.has(base):
            self._read_strings(base)
        if self._package.has("xl/styles.xml"):
            self._read_styles("xl/styles.xml")
        for name, relation, hidden in names:
            target = targets.get(relation, "")
            if target and hidden:
                yield Grid(name, hidden=True)
            elif target:
                yield self._grid(name, target).untitled()

    def _sheets(self) -> tuple[list[tuple[str, str, bool]], dict[str, str]]:
        names: list[tuple[str, str, bool]] = []
        targets: dict[str, str] = {}

        def book(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self._epoch = _EPOCH_1904
            elif tag == "sheet":
                relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                names.append((attributes.get("name", ""), relation, attributes.get("state", "visible") != "visible"))
                if len(names) > SHEETS_MAX:
                    raise refused(f"The workbook has more than {SHEETS_MAX} sheets")

        def relations(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = normpath(target.lstrip("/") if target.startswith("/") else join("xl", target))

        self._parse("xl/workbook.xml", book)
        self._parse("xl/_rels/workbook.xml.rels", relations)
        return names, targets

    def _read_strings(self, part: str) -> None:
        pieces: list[str] = []
        state = {"t": False, "phonetic": 0}

        def start(tag: str, _: dict[str, str]) -> None:
            if tag == "rPh":
                state["phonetic"] += 1
            state["t"] = tag == "t" and not state["phonetic"]

        def end(tag: str) -> None:
            state["t"] = False
            if tag == "rPh":
                state["phonetic"] -= 1
            elif tag == "si":
                if len(self._strings) >= CELLS_MAX:
                    raise refused(f"The workbook has more than {CELLS_MAX:,} texts")
                self._strings.append(_unescaped("".join(pieces)))
                pieces.clear()

        def text(data: str) -> None:
            if state["t"]:
                pieces.append(data)

        self._parse(part, start, end, text)

    def _read_styles(self, part: str) -> None:
        own: dict[str, str] = {}
        state = {"inside": False}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "numFmt":
                own[attributes.get("numFmtId", "")] = _kind_of(attributes.get("formatCode", ""))
            elif tag == "cellXfs":
                state["inside"] = True
            elif tag == "xf" and state["inside"]:
                id_ = attributes.get("numFmtId", "0")
                number = int(id_) if id_.isdecimal() and len(id_) < 6 else 0
                self._kinds.append(own.get(id_) or ("date" if number in _DATES else "percent" if number in _PERCENTS else "number"))

        def end(tag: str) -> None:
            if tag == "cellXfs":
                state["inside"] = False

        self._parse(part, start, end)

    def _grid(self, name: str, part: str) -> Grid:
        grid = Grid(name)
        row: dict[int, Cell] = {}
        place = {"row": 0, "column": -1}
        one: dict[str, Any] = {"type": "n", "style": "", "formula": False}
        pieces: list[str] = []
        taking = [False]

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "c":
                self._cells -= 1
                if self._cells < 0:
                    raise refused(
                        f"The workbook has more than {CELLS_MAX:,} cells",
                        "Delete rows and columns that are empty but formatted, or send it in parts.",
                    )
                place["column"] = _column(attributes.get("r", ""), place["column"])
                one.update(type=attributes.get("t", "n"), style=attributes.get("s", ""), formula=False)
                pieces.clear()
            elif tag == "row":
                said = attributes.get("r", "")
                place["row"] = int(said) if said.isdecimal() and len(said) < 8 else place["row"] + 1
                place["column"] = -1
                if place["row"] > ROWS_MAX:
                    raise refused("A row has a number that no sheet has")
            elif tag == "f":
                one["formula"] = True
            taking[0] = tag in ("v", "t")

        def end(tag: str) -> None:
            taking[0] = False
            if tag == "c":
                cell = self._cell(one["type"], one["style"], one["formula"], "".join(pieces))
                if cell is not None:
                    row[place["column"]] = cell
            elif tag == "row" and row:
                if any(not cell.blank for cell in row.values()):
                    grid.rows.append((place["row"], dict(sorted(row.items()))))
                row.clear()

        def text(data: str) -> None:
            if taking[0]:
                pieces.append(data)

        self._parse(part, start, end, text)
        return grid

    def _cell(self, kind: str, style: str, formula: bool, text: str) -> Cell | None:
        if formula:
            return Cell(text[:100], "formula")
        if not text:
            return None
        if kind == "s":
            place = int(text) if text.isdecimal() and len(text) < 9 else -1
            return Cell(self._strings[place]) if 0 <= place < len(self._strings) else Cell("#REF!", "error")
        if kind == "b":
            return Cell(text == "1", "boolean")
        if kind == "e":
            return Cell(text, "error")
        if kind == "d":
            return Cell(text)
        if kind != "n":
            return Cell(_unescaped(text))
        index = int(style) if style.isdecimal() and len(style) < 7 else 0
        form = self._kinds[index] if index < len(self._kinds) else "number"
        return _number(text, form, self._epoch)

    def _parse(self, part: str, start: Start, end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None) -> None:
        """Events of one part by local names. Document types are refused: entities come with them."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        left = self._elements

        def opened(name: str, attributes: dict[str, str]) -> None:
            nonlocal left
            left -= 1
            if left < 0 or len(attributes) > ATTRIBUTES_MAX:
                raise refused(f"The workbook has more than {ELEMENTS_MAX:,} elements, or one with too many attributes")
            start(name.rpartition(":")[2] if ":" in name else name, attributes)

        def doctype(*_: object) -> None:
            raise refused("A part of the workbook declares a document type: no workbook does")

        parser.StartElementHandler = opened
        parser.StartDoctypeDeclHandler = doctype
        if end:
            close = end
            parser.EndElementHandler = lambda name: close(name.rpartition(":")[2] if ":" in name else name)
        if text:
            parser.CharacterDataHandler = text
        try:
            for piece in self._package.pieces(part):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise refused(f"The file is damaged: {part[:60]} is no XML", "Open it in Excel or LibreOffice and save it again.") from error
        self._elements = left


def _kind_of(code: str) -> str:
    plain = _QUOTED.sub("", code.partition(";")[0]).casefold()
    if "%" in plain:
        return "percent"
    return "date" if plain != "general" and re.search(r"[ymdhs年月日]", plain) else "number"


def _number(text: str, form: str, epoch: datetime) -> Cell | None:
    try:
        value = float(text) if len(text) < 40 else float("nan")
    except ValueError:
        return Cell(text[:100])
    if value != value or abs(value) > 1e30:  # noqa: PLR0124 no number
        return Cell(text[:100])
    if form == "date" and 0 < value < 2_958_466:
        return Cell(epoch + timedelta(seconds=round(value * 86_400)), "date")
    return Cell(Decimal(repr(value)), "percent" if form == "percent" else "number")


def _column(said: str, before: int) -> int:
    letters = said.rstrip("0123456789")
    if not letters:
        return before + 1 if before < 16_000 else before
    if len(letters) > 3 or not (letters.isascii() and letters.isalpha()):
        raise refused("A cell has a place that no sheet has")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    if column > COLUMNS_MAX:
        raise refused("A cell has a place that no sheet has")
    return column - 1


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda hit: chr(int(hit[1], 16)), text) if "_x" in text else text
