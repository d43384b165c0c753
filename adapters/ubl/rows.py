"""The rows of one message, compiled: where a value stands in a UBL document, checked against the library and the message."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tradeflow.adapters.ubl.library import is_document, order

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Field
from tradeflow.model.format import Sheet

_ROW = re.compile(r"(?P<path>[^=\s]+(?:\[[^\]]*\][^=\s]*)*) (?P<sign>\??=) (?P<value>.+)")
_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<child>\w+)=(?P<text>[^\]]+)\])?")
ATTRIBUTES = {"Amount": ("currency", "currencyID"), "Quantity": ("unit", "unitCode"), "Measure": ("unit", "unitCode")}


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way; with `child`, the one whose child of that name says `text`."""

    name: str
    child: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A row with a value: a field, or a constant. `second` is the element that the time of a moment stands in."""

    steps: tuple[Step, ...]
    path: str = ""
    scalar: str = ""
    object: str = ""
    constant: str = ""
    attribute: str = ""
    second: str = ""
    repeats: bool = False
    otherwise: bool = False  # a constant for where nothing else says it
    codes: tuple[tuple[str, str], ...] = ()  # value -> what UBL says for it


@dataclass(frozen=True, slots=True)
class Group:
    """Rows within a member of the document and an element; once for each where the member is a list."""

    steps: tuple[Step, ...]
    path: str
    each: bool
    rows: tuple["Value | Group", ...]

    @property
    def asks(self) -> bool:
        """Whether it looks for an element with a value inside."""
        return any(step.child for step in self.steps)


@dataclass(frozen=True, slots=True)
class Plan:
    """One message as a UBL document."""

    root: str
    sheet: Sheet
    rows: tuple[Value | Group, ...]

    @property
    def marks(self) -> tuple[Value, ...]:
        """The constants of the document itself, which tell it from others of the same root."""
        return tuple(row for row in self.rows if isinstance(row, Value) and row.constant and not row.otherwise and len(row.steps) == 1)


class Compiler:
    """Compiles the rows of one sheet; ContentError with the line of what does not fit."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._used = sheet, ""

    def plan(self) -> Plan:
        """The whole message."""
        data = self._sheet.table.data
        root = str(data.get("root", ""))
        if not is_document(root):
            raise self._sheet.defect(f"no UBL document is called {root!r}", "root")
        return Plan(root, self._sheet, tuple(self._rows(data.get("rows", ()), root, "")))

    def _rows(self, rows: Any, kind: str, within: str) -> Iterator[Value | Group]:
        for row in rows:
            if isinstance(row, str):
                yield self._value(row, kind, within)
            elif isinstance(row, Mapping) and not row.keys() - {"at", "each", "in", "use", "rows"}:
                yield from self._group(row, kind, within)
            else:
                raise self._defect(f"a row is a text or a table with at, each, in, use and rows: {row!r}"[:200], "rows")

    def _group(self, row: Mapping[str, Any], kind: str, within: str) -> Iterator[Value | Group]:
        member = str(row.get("each") or row.get("at") or "")
        steps, inner = self._steps(str(row.get("in", "")), kind)
        place = f"{within}.{member}" if within and member else within or member
        if member and not self._known(place):
            raise self._defect(f"{self._sheet.message.id} has no field {place}", member)
        if ("each" in row) != member.endswith("[]"):
            raise self._defect(f"each goes with a list, at with one member: {member}", member)
        used = str(row.get("use", ""))
        if used and used not in self._sheet.shared:
            raise self._defect(f"no shared rows are called {used}", used)
        before = self._used
        self._used = used or before
        shared = self._sheet.shared[used][1].get("rows", ()) if used else ()
        made = tuple(self._rows([*shared], inner, place))
        self._used = before
        made += tuple(self._rows(row.get("rows", ()), inner, place))
        yield Group(steps, member.removesuffix("[]"), "each" in row, made)

    def _value(self, row: str, kind: str, within: str) -> Value:
        found = _ROW.fullmatch(row)
        if found is None:
            raise self._defect(f"a row is `Element/Element = {{path}}` or `... = constant`: {row}", row)
        way, _, attribute = found["path"].partition("@")
        way, _, second = way.partition("+")
        steps, type_ = self._steps(way, kind)
        if type_:
            raise self._defect(f"{way} is an aggregate: values stand in basic components", way)
        parent = self._steps(way.rpartition("/")[0], kind)[1]
        if second and second not in order(parent):
            raise self._defect(f"{parent} has no {second}", second)
        value = found["value"]
        if not (value.startswith("{") and value.endswith("}")):
            return Value(steps, constant=value, attribute=attribute, otherwise=found["sign"] == "?=")
        path, _, named = value[1:-1].partition("|")
        codes = self._codes(named) if named else ()
        field = self._field(f"{within}.{path}" if within else path)
        if field is None:
            raise self._defect(f"{self._sheet.message.id} has no field {path}", path)
        if field.object and field.object not in ATTRIBUTES:
            raise self._defect(f"{path} is no single value", path)
        return Value(steps, path.removesuffix("[]"), field.scalar, field.object, "", attribute, second, path.endswith("[]"), False, codes)

    def _codes(self, name: str) -> tuple[tuple[str, str], ...]:
        table = self._sheet.shared.get("codes")
        if table is None or name not in table[1]:
            raise self._defect(f"no codes are called {name}", name)
        return tuple((str(value), str(code)) for value, code in table[1][name].items())

    def _steps(self, text: str, kind: str) -> tuple[tuple[Step, ...], str]:
        steps = []
        for part in text.split("/") if text else ():
            found = _STEP.fullmatch(part)
            if found is None or not kind or found["name"] not in order(kind):
                raise self._defect(f"{kind or 'a basic component'} has no {part}", part)
            kind = order(kind)[found["name"]][1]
            if found["child"] and (not kind or order(kind).get(found["child"], (0, "x"))[1]):
                raise self._defect(f"{kind} has no basic component {found['child']}", part)
            steps.append(Step(found["name"], found["child"] or "", found["text"] or ""))
        return tuple(steps), kind

    def _field(self, path: str) -> Field | None:
        return self._sheet.message.field_at(path)

    def _known(self, path: str) -> bool:
        """A path of a row, or of a group of rows."""
        message = self._sheet.message
        rows = (*message.catalogue.envelope, *message.fields)
        return self._field(path) is not None or any(row.path.startswith(f"{path}.") for row in rows)

    def _defect(self, what: str, word: str) -> ContentError:
        return self._sheet.shared_defect(self._used, what, word) if self._used else self._sheet.defect(what, word)
