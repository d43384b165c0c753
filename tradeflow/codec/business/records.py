"""Rows of records: a partner's own JSON or XML, member by member.

form = "json"                          # or "xml", with root = "InspectionOrder"
tells = "type = INSPECTION_ORDER"      # what tells this record from others
rows = [
  "orderNumber = {document.number}",
  "client = {settings.client}",        # of the channel; {decided.x} is what decisions.toml decides: both only leave
  "lineCount = #{goods[]}",            # counted when it leaves, held against the file when it comes in
  { each = "goods[]", in = "lines/line", rows = ["description = {description}"] },
]
aside = "extension"                    # where what no row says stands, with its JSON Pointer; without it that is lost
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.content import Table, load

_row = re.compile(r"(?P<place>[A-Za-z_][\w./-]*) = (?:(?P<count>#)?\{(?P<path>[a-z_][\w.]*(?:\[\])?)\}|(?P<text>[^{}]*))").fullmatch
FORMS = ("json", "xml")
OUTWARD = ("settings", "decided")  # first members of paths that only leave


@dataclass(frozen=True, slots=True)
class Row:
    """One member: where it stands in the record, and the path, the constant or the list that is counted."""

    place: tuple[str, ...]
    path: str = ""
    text: str = ""
    count: bool = False
    scalar: str = ""
    each: str = ""
    rows: tuple["Row", ...] = ()

    @property
    def outward(self) -> bool:
        """Whether it says nothing about the document."""
        return self.path.partition(".")[0] in OUTWARD


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """How one message of ours is a record of theirs."""

    message: MessageType
    form: str
    root: str
    tells: Row | None
    rows: tuple[Row, ...]
    aside: str = ""  # the member for what no row says; "" where that is lost


@functools.cache
def record(folder: Path, message: str) -> Record:
    """The rows of one message; ContentError with file and line where they are not rows."""
    table = load(folder / "records" / f"{message}.toml")
    kind, data = catalogue().message(message), table.data
    form, root = str(data.get("form", "")), str(data.get("root", ""))
    if form not in FORMS or (form == "xml") != bool(re.fullmatch(r"[A-Za-z_][\w.-]*", root)):
        raise table.defect("form is json, or xml with the root element", "form")
    if form == "json" and not data.get("tells"):
        raise table.defect('JSON needs tells = "member = TEXT", by which the record is known', "form")
    tells = _compiled(table, kind, data["tells"], "") if data.get("tells") else None
    if tells and (tells.path or len(tells.place) != 1):
        raise table.defect("tells is one member with a constant", "tells")
    aside = str(data.get("aside", ""))
    if aside and not re.fullmatch(r"[A-Za-z_][\w.-]*", aside):
        raise table.defect("aside is one member of the record", "aside")
    return Record(kind, form, root, tells, tuple(_compiled(table, kind, row, "") for row in data.get("rows", ())), aside)


def _compiled(table: Table, kind: MessageType, row: Any, within: str) -> Row:
    if isinstance(row, Mapping):
        path = f"{within}{row.get('each', '')}"
        if set(row) != {"each", "in", "rows"} or not path.endswith("[]") or not kind.field_at(path):
            raise table.defect(f"{kind.id}: a list has each, in and rows; {path} is no list of it", str(row.get("each", "")))
        inside = tuple(_compiled(table, kind, one, f"{path}.") for one in row["rows"])
        return Row(tuple(row["in"].split("/")), each=row["each"].removesuffix("[]"), rows=inside)
    found = _row(str(row))
    if not found:
        raise _defect(table, f"{kind.id}: not a row: {row}", str(row))
    place = tuple(found["place"].split("/"))
    if found["path"] is None:
        return Row(place, text=found["text"])
    path, counts = found["path"], bool(found["count"])
    if path.partition(".")[0] in OUTWARD and not counts:
        return Row(place, path)
    field = kind.field_at(f"{within}{path}")
    if field is None or counts != path.endswith("[]") or (not counts and not field.scalar):
        raise _defect(table, f"{kind.id} has no field {within}{path} with a value", path)
    return Row(place, path.removesuffix("[]"), count=counts, scalar=field.scalar)


def _defect(table: Table, what: str, word: str) -> ContentError:
    lines = table.file.read_text(encoding="utf-8").splitlines()
    return ContentError(str(table.file), next((n for n, line in enumerate(lines, 1) if word in line), 1), what)


def paths(rows: Sequence[Row]) -> Iterator[str]:
    """Every path that only leaves, such as settings.client."""
    for row in rows:
        if row.outward:
            yield row.path
        yield from paths(row.rows)


def check(folder: Path, messages: Sequence[str], settings: Sequence[str], names: Sequence[str]) -> Iterator[ContentError]:
    """The first defect of each file of rows, and settings or decisions that are not there."""
    known = {f"settings.{name}" for name in settings} | {f"decided.{name}" for name in names}
    for file in sorted((folder / "records").glob("*.toml")):
        if file.stem not in messages:
            yield ContentError(str(file), 1, f'no row of adapter.toml says form = "records" for {file.stem}')
            continue
        try:
            found = record(folder, file.stem)
        except ContentError as defect:
            yield defect
            continue
        yield from (_defect(load(file), f"nothing is called {path}", path) for path in paths(found.rows) if path not in known)
