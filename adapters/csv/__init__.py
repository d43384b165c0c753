"""CSV: the columns of the workbook in one table; a row for each document, and further rows for its lines, packages, containers."""

from collections.abc import Sequence

from tradeflow.adapters.csv.text import parsed, written
from tradeflow.adapters.excel.codec import HEADER, Tables
from tradeflow.adapters.excel.columns import KEY
from tradeflow.adapters.excel.gathering import Gatherer
from tradeflow.adapters.excel.grid import Grid
from tradeflow.adapters.excel.layout import flat
from tradeflow.adapters.excel.reading import report, type_of
from tradeflow.adapters.excel.template import FILLED_IN

from tradeflow.model.document import Document
from tradeflow.model.format import CHANGED, Loss, Outcome, Written


class Csv(Tables):  # type: ignore[misc]  # adapters are found at run time, and typed as packages of their own
    """The codec."""

    def detect(self, body: bytes) -> bool:
        """Text whose first line has one of the columns that every message has, between separators."""
        head = body[:65_536].replace(b"\0", b"").lower()
        return (
            (KEY.encode() in head or b"document number" in head)
            and any(sign in head for sign in (b",", b";", b"\t", b"|"))
            and head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1] not in (b"{", b"<", b"[")
        )

    def write(self, document: Document) -> Written:
        """A document as RFC 4180 in UTF-8 with a mark, which Excel needs to know it by."""
        table = flat(self.plan(document.type), [document])
        paths = [column.path for column in table.columns]
        return Written(written([paths, *([row.get(path) for path in paths] for row in table.rows)]))

    def template(self, type_: str, example: Document | None) -> bytes:
        """The columns that are needed or that the example has, and the example, in a row that is not read."""
        plan = self.plan(type_)
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

    def gathered(self, body: bytes) -> Gatherer:
        """The documents of the one table."""
        return self._gathered(body)[0]

    def _gathered(self, body: bytes) -> tuple[Gatherer, Grid]:
        grid, doubt = parsed(body)
        gatherer = Gatherer(self.plan(type_of(grid, self._sheets)))
        gatherer.main(grid)
        if doubt:
            gatherer.losses.append(Loss("", CHANGED, doubt))
        return gatherer, grid


__all__ = ["Csv"]
