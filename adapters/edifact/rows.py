"""Rows as they stand in formats/edifact.toml, compiled: a segment as people write it, with the paths of the document where values go.

"DTM+137:{document.issue_date}" is a segment; what stands before the first path tells it from others of its tag, what stands after is
written and not asked for. A table opens a group: `open` is its first segment, `rows` what belongs to it, `at` the member that its
paths are within, `each` the list it is written once for, `use` rows shared by name (`with` takes the place of $).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tradeflow.adapters.edifact.structure import Place, lengths, structure

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import MessageType
from tradeflow.model.format import Sheet

_slot = re.compile(r"\{([a-z_0-9.\[\]#]+)(?:\|([a-z_0-9]+))?(?:\*(\d{1,2}))?\}").fullmatch
_row = re.compile(r"(?:(SG\d+|\d)/)?([A-Z]{3})((?:\+[^+]*)*)").fullmatch
KEYS = {"open", "rows", "at", "each", "use", "with"}
YES_NO = {"true": "Y", "false": "N"}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the value of a path stands in a segment."""

    path: str  # within what the row is about; "." is the thing itself, "#" its number in the list
    scalar: str
    codes: Mapping[str, str]
    spread: int  # over how many components
    longest: int  # characters of one component


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One segment, with the group that it opens."""

    text: str
    tag: str
    number: int  # of its place in the group it stands in
    place: Place
    elements: tuple[tuple[str | Slot, ...], ...]
    asked: tuple[tuple[int, int, str], ...]  # what tells this segment from others of its tag
    at: str = ""
    each: str = ""
    rows: tuple["Row", ...] = ()

    def slots(self) -> Iterator[tuple[int, int, Slot]]:
        """Every path of the segment, with its element and component."""
        for e, element in enumerate(self.elements):
            for c, part in enumerate(element):
                if isinstance(part, Slot):
                    yield e, c, part


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How one message of ours is written as one message type of the directory."""

    message: MessageType
    type: str
    place: Place
    rows: tuple[Row, ...]
    alike: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # tag: qualifiers of partners that are read as ours
    usual: bool = False  # of several documents of one message type, the one that a document name of nobody's is read as


class Compiler:
    """Makes the plan of a sheet; ContentError at the first row that cannot be."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        data = sheet.table.data
        self._codes: dict[str, Mapping[str, str]] = {**self._shared_codes(), **data.get("codes", {})}

    def plan(self) -> Plan:
        """The plan of the whole message."""
        data = self._sheet.table.data
        type_ = str(data.get("message", ""))
        place = structure(type_)
        if place is None:
            raise self._sheet.defect(f"message = {type_!r} is no message of adapters/edifact/directory.toml", "message")
        unknown = data.keys() - {"message", "rows", "codes", "usual"}
        if unknown:
            raise self._sheet.defect(f"unknown key {', '.join(sorted(unknown))}", min(unknown))
        rows = tuple(self._rows(data.get("rows", []), place, "", "", ""))
        if twin := _twin(rows):
            raise self._sheet.defect(f"{twin.text!r}: another row asks for the same segment", twin.text[:12])
        return Plan(self._sheet.message, type_, place, rows, self._alike(rows), data.get("usual") is True)

    def _alike(self, rows: tuple[Row, ...]) -> dict[str, dict[str, str]]:
        """The shared table `alike`, without qualifiers that the message has a row of its own for."""
        table = self._sheet.shared.get("alike")
        own = {(row.tag, row.asked[0][2]) for row in _all(rows) if row.asked and row.asked[0][:2] == (0, 0)}
        return {
            tag: {code: as_ for code, as_ in codes.items() if (tag, code) not in own} for tag, codes in (table[1] if table else {}).items()
        }

    def _shared_codes(self) -> dict[str, Mapping[str, str]]:
        table = self._sheet.shared.get("codes")
        return dict(table[1]) if table else {}

    def _rows(self, rows: Any, place: Place, scope: str, given: str, name: str) -> Iterator[Row]:
        for row in rows:
            if isinstance(row, str):
                yield self._segment(row, place, scope, given, name)
            elif isinstance(row, dict) and row.keys() <= KEYS:
                yield from self._table(row, place, scope, given, name)
            else:
                raise self._defect(f"a row is a segment or a table of {', '.join(sorted(KEYS))}", str(row)[:20], name)

    def _table(self, row: Mapping[str, Any], place: Place, scope: str, given: str, name: str) -> Iterator[Row]:
        at, each = str(row.get("at", "")), str(row.get("each", ""))
        inner = ".".join(part for part in (scope, at or each) if part)
        if "use" in row:
            used = str(row["use"])
            if used not in self._sheet.shared:
                raise self._defect(f"no shared rows are called {used}", used, name)
            body = self._sheet.shared[used][1]
            given, name = str(row.get("with", given)), used
        else:
            body = row
        if "open" not in body:
            if each:
                raise self._defect("each needs a segment to open with", each, name)
            for one in self._rows(body.get("rows", []), place, inner, given, name):
                yield _within(one, at)
            return
        opened = self._segment(str(body["open"]), place, inner, given, name)
        if body.get("rows") and not opened.place.members:
            raise self._defect(f"{opened.tag} opens no group of {place.id}", str(body["open"])[:12], name)
        children = tuple(self._rows(body.get("rows", []), opened.place, inner, given, name))
        yield Row(opened.text, opened.tag, opened.number, opened.place, opened.elements, opened.asked, at, each, children)

    def _segment(self, text: str, place: Place, scope: str, given: str, name: str) -> Row:
        match = _row(text)
        if not match:
            raise self._defect(f"{text!r} is no segment", text[:12], name)
        group, tag, rest = match.groups()
        number = place.find(tag, group or "")
        if number is None:
            raise self._defect(f"{tag} does not stand in {place.id}{f' as {group}' if group else ''}", text[:12], name)
        longest = lengths(tag)
        elements, asked, seen = [], [], False
        for e, element in enumerate(rest.split("+")[1:]):
            parts: list[str | Slot] = []
            for part in element.replace("$", given).split(":"):
                if len(longest) <= e or len(longest[e]) <= len(parts):
                    raise self._defect(f"{text!r}: {tag} has no element {e + 1} with component {len(parts) + 1}", text[:12], name)
                if part.startswith("{"):
                    seen = True
                    slot = self._slot(part, scope, longest[e][len(parts)], text, name)
                    parts += [slot, *[""] * (slot.spread - 1)]
                    continue
                if part and (not seen or part.endswith("!")):
                    part = part.removesuffix("!")  # noqa: PLW2901
                    asked.append((e, len(parts), part))
                if len(part) > longest[e][len(parts)]:
                    raise self._defect(f"{text!r}: {part} is longer than {longest[e][len(parts)]} characters", text[:12], name)
                parts.append(part)
            elements.append(tuple(parts))
        return Row(text, tag, number, place.members[number], tuple(elements), tuple(asked))

    def _slot(self, part: str, scope: str, longest: int, text: str, name: str) -> Slot:
        match = _slot(part)
        if not match:
            raise self._defect(f"{text!r}: {part} is no place for a value", text[:12], name)
        path, codes, spread = match.groups()
        whole = scope if path == "." else ".".join(one for one in (scope, path) if one)
        row = None if path == "#" else self._sheet.message.field_at(whole)
        if path != "#" and (row is None or not row.scalar):
            raise self._defect(f"{text!r}: {self._sheet.message.id} has no field {whole}", text[:12], name)
        if codes and codes not in self._codes:
            raise self._defect(f"{text!r}: no codes are called {codes}", text[:12], name)
        scalar = row.scalar if row else "integer"
        return Slot(path, scalar, self._codes.get(codes or "") or (YES_NO if scalar == "boolean" else {}), int(spread or 1), longest)

    def _defect(self, what: str, word: str, name: str) -> ContentError:
        return self._sheet.shared_defect(name, what, word) if name else self._sheet.defect(what, word)


def _twin(rows: tuple[Row, ...]) -> Row | None:
    """A row that asks for what an earlier one takes already."""
    seen: set[tuple[int, tuple[tuple[int, int, str], ...]]] = set()
    for row in rows:
        if (row.number, row.asked) in seen:
            return row
        seen.add((row.number, row.asked))
        if below := _twin(row.rows):
            return below
    return None


def _within(row: Row, at: str) -> Row:
    """The row of a set that is used within a member: its paths are within that member."""
    if not at:
        return row
    inner = ".".join(part for part in (at, row.at) if part)
    each = f"{at}.{row.each}" if row.each else ""
    return Row(row.text, row.tag, row.number, row.place, row.elements, row.asked, "" if each else inner, each, row.rows)


def _all(rows: tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _all(row.rows)
