"""Excel workbooks: documents to sheets and back, by the definition of each message; no rows are needed for it."""

from collections.abc import Sequence

from tradeflow.adapters.excel.book import Book
from tradeflow.adapters.excel.codec import HEADER, Tables
from tradeflow.adapters.excel.gathering import Gatherer
from tradeflow.adapters.excel.grid import Grid
from tradeflow.adapters.excel.layout import tables
from tradeflow.adapters.excel.reading import report, type_of
from tradeflow.adapters.excel.template import CODES, NOTES, template
from tradeflow.adapters.excel.writing import annotated, name_of, written

from tradeflow.model.document import Document
from tradeflow.model.format import DROPPED, Loss, Outcome, Written


class Excel(Tables):  # type: ignore[misc]  # adapters are found at run time, and typed as packages of their own
    """The codec."""

    def detect(self, body: bytes) -> bool:
        """A zip archive, or the container of Excel's older files: those are refused with what to do."""
        return body.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))

    def write(self, document: Document) -> Written:
        """A document as a workbook of as many sheets as it has lists."""
        plan = self.plan(document.type)
        return Written(written(plan, tables(plan, [document])))

    def template(self, type_: str, example: Document | None) -> bytes:
        """A workbook to fill in."""
        made: bytes = template(self.plan(type_), example)
        return made

    def report(self, body: bytes, outcomes: Sequence[Outcome]) -> bytes:
        """The workbook as it was read, with a column that says what became of each row."""
        gatherer, grids = self._gathered(body)
        made: bytes = annotated(grids, report(gatherer, outcomes), HEADER)
        return made

    def gathered(self, body: bytes) -> Gatherer:
        """The documents of all sheets."""
        return self._gathered(body)[0]

    def _gathered(self, body: bytes) -> tuple[Gatherer, list[Grid]]:
        every = [grid for grid in Book(body).grids() if grid.name not in (NOTES, CODES)]
        grids = [grid for grid in every if not grid.hidden]
        names = {id_[:31]: id_ for id_ in self._sheets}
        main = next((grid for grid in grids if grid.name in names), grids[0] if grids else Grid(""))
        plan = self.plan(type_of(main, self._sheets, names.get(main.name, "")))
        gatherer = Gatherer(plan)
        gatherer.main(main)
        lists = {name_of(plan, level): level for level in plan.levels if level.count("[]") == 1}
        for grid in grids:
            if grid is main or not grid.rows:
                continue
            if grid.name in lists:
                gatherer.of_list(grid, lists[grid.name])
            else:
                gatherer.losses.append(Loss(f"{grid.name[:40]}!", DROPPED, "the message has no list of that name"))
        gatherer.losses += [Loss(f"{grid.name[:40]}!", DROPPED, "the sheet is hidden: it is not read") for grid in every if grid.hidden]
        return gatherer, grids


__all__ = ["Excel"]
