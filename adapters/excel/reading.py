"""What both kinds of tables share when they are read: which message it is, one document or many, and the report."""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from tradeflow.adapters.excel.cells import shown
from tradeflow.adapters.excel.gathering import Entry, Gatherer
from tradeflow.adapters.excel.grid import Grid
from tradeflow.adapters.excel.refusal import all_of, refused

from tradeflow.errors import BadInput
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.format import Outcome, Reading, Sheet

TYPE = ("message.type", "message type")


def type_of(grid: Grid, known: Mapping[str, Sheet], usual: str = "") -> str:
    """The message type that the first row of data names, else `usual`. BadInput UNKNOWN_MESSAGE where neither is a message."""
    said, cell, places = "", "", list[int]()
    for n, (row, cells) in enumerate(grid.rows[:60]):
        if n == 0:
            places = [column for column, one in cells.items() if " ".join(shown(one).split()).strip(" *").casefold() in TYPE]
            continue
        found = next((column for column in places if column in cells and not cells[column].blank), None)
        text = shown(cells[found]).partition(" - ")[0].strip() if found is not None else ""
        if text and text != TYPE[0]:
            said, cell = text, grid.at(row, found)
            break
    if (said or usual) in known:
        return said or usual
    near = difflib.get_close_matches(said[:80], known, n=3)
    what = f"There is no message type {said[:60]!r}" if said else "The table does not say which message it is"
    hint = f"Did you mean {' or '.join(near)}?" if near else "Add a column message.type, for example with purchase_order in it."
    refusal = Finding("M-GEN-01", Severity.ERROR, "/message/type", f"{what}.", hint, said[:60] or None, near or None, cell=cell)
    raise BadInput("UNKNOWN_MESSAGE", f"{what}. {hint}", 400, findings=[refusal])


def only(gatherer: Gatherer) -> Reading:
    """The one document of a file. BadInput MALFORMED where there is none, or several, or the file itself is wrong."""
    entries = gatherer.entries
    if len(entries) > 1:
        hint = "Lodge the file as a whole with POST /v1/bulk (tradeflow lodge --bulk FILE); each document gets an answer of its own."
        raise refused(f"The file holds {len(entries)} documents", hint, entries[1].place(""))
    if gatherer.faults:
        raise all_of([*gatherer.faults, *(fault for entry in entries for fault in entry.faults)])
    if not entries:
        raise refused("The file holds no document", "Fill in a row below the headings; rows that say 'example' are not read.")
    reading: Reading = entries[0].reading(tuple(gatherer.losses))
    return reading


def readings(gatherer: Gatherer) -> Iterator[Reading]:
    """Every document of a file. BadInput MALFORMED where the file itself is wrong, before the first."""
    if gatherer.faults:
        raise all_of(gatherer.faults)
    if not gatherer.entries:
        raise refused("The file holds no document", "Fill in a row below the headings; rows that say 'example' are not read.")
    return (entry.reading() for entry in gatherer.entries)


def report(gatherer: Gatherer, outcomes: Sequence[Outcome]) -> dict[tuple[str, int], tuple[bool, str]]:
    """(accepted, words) by sheet and row: on the row of the document, and each finding on the row of the element it is about."""
    notes: dict[tuple[str, int], tuple[bool, list[str]]] = {}
    for entry, outcome in zip(gatherer.entries, outcomes, strict=False):
        for pointer, text in [("", outcome.said), *((finding.pointer, _line(finding)) for finding in outcome.findings)]:
            sheet, row = _row(entry, pointer)
            _, lines = notes.setdefault((sheet, row), (outcome.accepted, []))
            lines.append(text)
    return {place: (accepted, "\n".join(line for line in lines if line)) for place, (accepted, lines) in notes.items()}


def _row(entry: Entry, pointer: str) -> tuple[str, int]:
    parts = pointer.split("/")
    for n in range(len(parts), 0, -1):
        if there := entry.rows.get("/".join(parts[:n])):
            return there[0].grid.name, there[1]
    return "", entry.row


def _line(finding: Finding) -> str:
    where = f"{finding.cell}: " if finding.cell else f"{finding.pointer}: " if finding.pointer else ""
    return f"{where}{finding.message} {finding.hint}".rstrip()
