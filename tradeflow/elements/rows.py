"""The rows of one message, compiled: where a value stands in a tree of elements, checked against the library and the message."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tradeflow.elements.library import TEXT, Facet, Library
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Field
from tradeflow.model.format import Sheet

_ROW = re.compile(r"(?P<path>[^=\s]+(?:\[[^\]]*\][^=\s]*)*) (?P<sign>[?<]?=) (?P<value>.+)")
_STEP = re.compile(r"(?P<name>\w+)(?:\[(?:(?P<child>\w+)=(?P<text>[^\]]+)|(?P<first>0))\])?")
NUMBER = "#"  # a constant: the number of the element among its like
SPREAD = "*"  # a text over as many elements as it needs
ITSELF = "."  # the element of a list of texts
ATTRIBUTES = {"Amount": ("currency", "currencyID"), "Quantity": ("unit", "unitCode"), "Measure": ("unit", "unitCode")}


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way; with `child`, the one whose child of that name says `text`; with `first`, written into the first there is."""

    name: str
    child: str = ""
    text: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A row with a value: a field, or a constant. `second` is the element that the time of a moment stands in.

    A path that begins with a slash leads from the document itself, whatever the row is within.
    """

    steps: tuple[Step, ...]
    path: str = ""
    scalar: str = ""
    object: str = ""
    constant: str = ""
    attribute: str = ""
    second: str = ""
    repeats: bool = False
    otherwise: bool = False  # for where nothing else says it
    codes: tuple[tuple[str, str], ...] = ()  # value -> what the format says for it
    form: str = ""  # 102 or 304: how a date or a moment is written
    spread: bool = False
    facet: Facet = TEXT
    member: str = ""  # of the elements of the list at `path`: clauses[].text
    derived: bool = False  # read only: it follows from what another row reads too
    way: tuple[Step, ...] = field(init=False, compare=False, repr=False)  # to the element around it
    last: str = field(init=False, compare=False, repr=False)  # the name of its own
    enters: str = field(init=False, compare=False, repr=False)  # the child that it begins with

    def __post_init__(self) -> None:
        """Its steps as they are read."""
        object.__setattr__(self, "enters", self.steps[0].name if self.steps else "")
        object.__setattr__(self, "way", self.steps[:-1])
        object.__setattr__(self, "last", self.steps[-1].name if self.steps else "")

    @property
    def mark(self) -> bool:
        """Whether it tells a document from others of the same root."""
        return bool(self.constant) and self.constant != NUMBER and not self.otherwise and not self.attribute


@dataclass(frozen=True, slots=True)
class Group:
    """Rows within a member of the document and an element; once for each where the member is a list."""

    steps: tuple[Step, ...]
    path: str
    each: bool
    rows: tuple["Value | Group", ...]
    when: tuple[str, str] | None = None  # written only where a member has this value
    derived: bool = False  # read only
    count: str = ""  # the member that is the number of the element in its list, where the format does not say it
    for_reading: tuple["Value | Group", ...] = field(init=False, compare=False, repr=False)
    stands_in: bool = field(init=False, compare=False, repr=False)  # whether rows in it stand for something that is said elsewhere
    asks: bool = field(init=False, compare=False, repr=False)  # whether it looks for an element with a value inside
    enters: str = field(init=False, compare=False, repr=False)  # the child that it begins with, nothing if it stays where it is

    def __post_init__(self) -> None:
        """The rows in the order that they are read in, and what is asked of them for every element."""
        object.__setattr__(self, "enters", self.steps[0].name if self.steps else "")
        object.__setattr__(self, "for_reading", tuple(sorted(self.rows, key=rank)))
        object.__setattr__(self, "stands_in", any(row.otherwise if isinstance(row, Value) else row.stands_in for row in self.rows))
        object.__setattr__(self, "asks", any(step.child for step in self.steps))


def rank(row: Value | Group) -> int:
    """Rows that ask for a value inside are read first; what only follows from something that another row reads comes last."""
    if row.derived:
        return 2
    return 0 if any(step.child for step in row.steps) or (isinstance(row, Value) and row.constant) else 1


@dataclass(frozen=True, slots=True)
class Plan:
    """One message as a document of the format."""

    root: str
    sheet: Sheet
    rows: tuple[Value | Group, ...]
    when: tuple[str, str] | None = None  # which documents it is for, where a message is written as several
    says: Mapping[str, Any] = field(default_factory=dict)  # what a document of this root says by being one

    @property
    def marks(self) -> tuple[Value, ...]:
        """The constants of the document itself, which tell it from others of the same root."""
        return tuple(row for row in self.rows if isinstance(row, Value) and row.mark and len(row.steps) == 1)


class Compiler:
    """Compiles the rows of one sheet; ContentError with the line of what does not fit."""

    def __init__(self, sheet: Sheet, library: Library, name: str) -> None:
        self._sheet, self._library, self._name, self._used = sheet, library, name, ""

    def plans(self) -> list[Plan]:
        """The whole message: the document that it is written as, and those that it is read from too."""
        data = self._sheet.table.data
        return [self._plan(data), *(self._plan(one) for one in data.get("also", ()))]

    def _plan(self, data: Mapping[str, Any]) -> Plan:
        root = str(data.get("root", ""))
        if not self._library.has(root):
            raise self._sheet.defect(f"no {self._name} document is called {root!r}", "root")
        return Plan(root, self._sheet, tuple(self._rows(data.get("rows", ()), root, "")), self._when(data, ""), self._says(data))

    def _says(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        said: Mapping[str, Any] = data.get("says", {})
        for path in said:
            if self._field(path) is None:
                raise self._sheet.defect(f"{self._sheet.message.id} has no field {path}", path)
        return said

    def _rows(self, rows: Any, kind: str, within: str) -> Iterator[Value | Group]:
        for row in rows:
            if isinstance(row, str):
                yield self._value(row, kind, within)
            elif isinstance(row, Mapping) and not row.keys() - {"at", "each", "in", "use", "rows", "when", "derived", "count"}:
                yield from self._group(row, kind, within)
            else:
                raise self._defect(f"a row is a text or a table with at, each, in, use, when and rows: {row!r}"[:200], "rows")

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
        yield Group(
            steps,
            member.removesuffix("[]"),
            "each" in row,
            made,
            self._when(row, place),
            row.get("derived") is True,
            self._count(row, place),
        )

    def _count(self, row: Mapping[str, Any], within: str) -> str:
        path = str(row.get("count", ""))
        if path and self._field(self._whole(path, within)) is None:
            raise self._defect(f"{self._sheet.message.id} has no field {path}", path)
        return path

    def _when(self, row: Mapping[str, Any], within: str) -> tuple[str, str] | None:
        if "when" not in row:
            return None
        path, _, value = str(row["when"]).partition("=")
        if self._field(self._whole(path, within)) is None:
            raise self._defect(f"{self._sheet.message.id} has no field {path}", path)
        return path, value

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
        if second and second not in self._library.members(parent):
            raise self._defect(f"{parent} has no {second}", second)
        facet = self._library.members(parent)[steps[-1].name].facet
        value, otherwise, derived = found["value"], found["sign"] == "?=", found["sign"] == "<="
        if not (value.startswith("{") and value.endswith("}")):
            return Value(steps, constant=value, attribute=attribute, otherwise=otherwise, facet=facet)
        inside = value[1:-1]
        spread = inside.endswith(SPREAD)
        inside, _, named = inside.removesuffix(SPREAD).partition("|")
        path, _, form = inside.partition("~")
        codes = self._codes(named) if named else ()
        field = self._field(self._whole(path, within))
        if field is None:
            raise self._defect(f"{self._sheet.message.id} has no field {path}", path)
        if field.object and field.object not in ATTRIBUTES:
            raise self._defect(f"{path} is no single value", path)
        bare, repeats, member = path.partition("[]")
        made = Value(steps, bare, field.scalar, field.object, "", attribute, second, bool(repeats), otherwise, codes)
        return replace(made, form=form, spread=spread, facet=facet, member=member.removeprefix("."), derived=derived)

    def _whole(self, path: str, within: str) -> str:
        """The path from the document; numbers in it are places in a list."""
        if path == ITSELF:
            return within
        path = re.sub(r"\.(\d+|last)\b", "[]", path)
        return path[1:] if path.startswith("/") else f"{within}.{path}" if within else path

    def _codes(self, name: str) -> tuple[tuple[str, str], ...]:
        table = self._sheet.shared.get("codes")
        if table is None or name not in table[1]:
            raise self._defect(f"no codes are called {name}", name)
        return tuple((str(value), str(code)) for value, code in table[1][name].items())

    def _steps(self, text: str, kind: str) -> tuple[tuple[Step, ...], str]:
        steps = []
        for part in text.split("/") if text else ():
            found = _STEP.fullmatch(part)
            if found is None or not kind or found["name"] not in self._library.members(kind):
                raise self._defect(f"{kind or 'a basic component'} has no {part}", part)
            kind = self._library.members(kind)[found["name"]].type
            if found["child"] and (not kind or found["child"] not in self._library.members(kind)):
                raise self._defect(f"{kind} has no basic component {found['child']}", part)
            steps.append(Step(found["name"], found["child"] or "", found["text"] or "", bool(found["first"])))
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
