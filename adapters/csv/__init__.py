"""CSV: the columns of the workbook in one table; a row for each document, and further rows for its lines, packages, containers."""

from collections.abc import Iterator, Mapping, Sequence

from tradeflow.adapters.csv.text import parsed, written
from tradeflow.adapters.excel.columns import KEY, Plan, defects, plan_for
from tradeflow.adapters.excel.gathering import Gatherer
from tradeflow.adapters.excel.grid import Grid
from tradeflow.adapters.excel.layout import flat
from tradeflow.adapters.excel.reading import only, readings, report, type_of
from tradeflow.adapters.excel.template import FILLED_IN

from tradeflow.errors import ContentError
from tradeflow.model.document import Document
from tradeflow.model.format import CHANGED, Loss, Outcome, Reading, Sheet, Written

HEADER = "# Findings"


class Csv:
    """The codec. It is made once with the definitions of all messages; plans are made when first needed."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, Plan] = {}

    def detect(self, body: bytes) -> bool:
        """Text whose first line has one of the columns that every message has, between separators."""
        head = body[:65_536].replace(b"\0", b"").lower()
        return (
            (KEY.encode() in head or b"document number" in head)
            and any(sign in head for sign in (b",", b";", b"\t"))
            and head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1] not in (b"{", b"<", b"[")
        )

    def read(self, body: bytes) -> Reading:
        """The one document of a file."""
        made: Reading = only(self._gathered(body)[0])
        return made

    def documents(self, body: bytes) -> Iterator[Reading]:
        """Every document of a file."""
        made: Iterator[Reading] = readings(self._gathered(body)[0])
        return made

    def write(self, document: Document) -> Written:
        """A document as RFC 4180 in UTF-8 with a mark, which Excel needs to know it by."""
        table = flat(self._plan(document.type), [document])
        paths = [column.path for column in table.columns]
        return Written(written([paths, *([row.get(path) for path in paths] for row in table.rows)]))

    def template(self, type_: str, example: Document | None) -> bytes:
        """The columns that are needed or that the example has, and the example, in a row that is not read."""
        plan = self._plan(type_)
        needed = frozenset(c.path for c in plan.columns if c.needed or c.path in plan.shown) | {KEY, "message.type"}
        table = flat(plan, [example] if example else [], needed)
        kept = [column.path for column in table.columns if column.path not in FILLED_IN or column.path == "message.type"]
        made: bytes = written([["#", *kept], *(["example", *(row.get(path) for path in kept)] for row in table.rows)])
        return made

    def report(self, body: bytes, outcomes: Sequence[Outcome]) -> bytes:
        """The table as it was read, with a column that says what became of each row."""
        gatherer, grid = self._gathered(body)
        notes = report(gatherer, outcomes)
        width = max((max(cells, default=0) for _, cells in grid.rows), default=0) + 1
        lines: list[list[object]] = []
        for n, (row, cells) in enumerate(grid.rows):
            note = HEADER if n == 0 else notes.get((grid.name, row), (True, ""))[1]
            lines.append([*(cells[column].value if column in cells else None for column in range(width)), note])
        made: bytes = written(lines)
        return made

    def check(self, sheet: Sheet) -> list[ContentError]:
        """What is wrong with the refinements of a message."""
        made: list[ContentError] = defects(sheet)
        return made

    def _gathered(self, body: bytes) -> tuple[Gatherer, Grid]:
        grid, doubt = parsed(body)
        gatherer = Gatherer(self._plan(type_of(grid, self._sheets)))
        gatherer.main(grid)
        if doubt:
            gatherer.losses.append(Loss("", CHANGED, doubt))
        return gatherer, grid

    def _plan(self, id: str) -> Plan:
        if id not in self._plans:
            self._plans[id] = plan_for(self._sheets[id])
        return self._plans[id]


__all__ = ["Csv"]
