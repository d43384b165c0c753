"""The columns of a message, from its definition alone: one for every value, by its path, with a title in words.

`lines[].quantity.value` is a column of the list `lines[]`; `message.recipients[2].role` one of a list that is spread over columns,
because it is short and every document has it. documents/<message>/formats/table.toml refines titles and what a template shows at first.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Field, MessageType
from tradeflow.model.format import Sheet

KEY = "document.number"  # tells the documents of one file apart
KEY_TITLE = "Belongs to document"  # what it is called on the sheet of a list
EXT = "ext."
SPREAD = {"message.recipients[]": 2}
_PLACED = re.compile(r"([\w.]+)\[([1-9]\d{0,2})\](\.[\w.]+)")  # an element of a spread list: message.recipients[3].role
REFINEMENTS = ("titles", "shown", "folded")


@dataclass(frozen=True)
class Column:
    """One column. `many` says that a cell holds several values, one to a line; `needed` that no document can do without it."""

    path: str
    title: str
    long_title: str
    row: Field
    needed: bool = False
    owner: str = ""  # the title of what the field belongs to: "Buyer, Address"

    @functools.cached_property
    def many(self) -> bool:
        return self.row.type == "list"

    @functools.cached_property
    def level(self) -> str:
        """The list that the value is in, "" for the document itself: "lines[].packages[]"."""
        head = self.path.removesuffix("[]")
        return head[: head.rindex("[]") + 2] if "[]" in head else ""

    @functools.cached_property
    def steps(self) -> list[str]:
        """The names and places that lead from the element of its list to the value: ["recipients", "2", "role"]."""
        if self.path.startswith(EXT):
            return ["ext", self.path[len(EXT) :]]
        below = self.path.removesuffix("[]")[len(self.level) :].strip(".")
        return [part for part in re.split(r"[.\[\]]+", below) if part]


@dataclass(frozen=True)
class Plan:
    """The columns of one message, in the order of its definition, and every name they are known by."""

    message: MessageType
    columns: tuple[Column, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()

    @functools.cached_property
    def levels(self) -> list[str]:
        """Every list of the message, in order; parents first."""
        return list(dict.fromkeys(column.level for column in self.columns if column.level))

    def named(self, header: str, within: str = "") -> Column | None:
        """The column that a header names, by path or by title; `within` is the list that its sheet is for."""
        said = _plain(header)
        if hit := re.fullmatch(r"ext\.([A-Za-z0-9_.:-]{1,70})", header.strip()):
            name = hit[1]
            return Column(EXT + name, name, name, Field(EXT + name, name, "string"))
        column = self.names(within).get(said)
        hit = _PLACED.fullmatch(header.strip())
        first = self.names().get(_plain(f"{hit[1]}[1]{hit[3]}")) if hit and not column else None
        if not hit or not first:
            return column
        titles = [title.replace(" 1,", f" {int(hit[2])},", 1) for title in (first.title, first.long_title, first.owner)]
        return replace(first, path=f"{hit[1]}[{int(hit[2])}]{hit[3]}", title=titles[0], long_title=titles[1], owner=titles[2], needed=False)

    @functools.cached_property
    def _known(self) -> dict[str, dict[str, Column]]:
        return {}

    def names(self, within: str = "") -> dict[str, Column]:
        """Every name of a column on the sheet of a list, or of the documents."""
        if within not in self._known:
            self._known[within] = self._names(within)
        return self._known[within]

    def _names(self, within: str) -> dict[str, Column]:
        """Names to columns: whole paths first; any other name that could mean two columns means none."""
        near: dict[str, Column | None] = {}
        far: dict[str, Column | None] = {}
        for column in self.columns:
            own = [column.path.replace("[]", ""), column.long_title, column.title, self.titles.get(column.path, "")]
            inside = bool(within) and column.level.startswith(within)
            if inside:
                below = column.path[len(within) :].strip(".")
                own += [below, below.replace("[]", ""), column.title.partition(", ")[2]]
            found = near if inside else far
            for name in {_plain(one) for one in own if one}:
                found[name] = column if found.get(name, column) is column else None
        whole = {_plain(column.path): column for column in self.columns}
        key = {_plain(KEY_TITLE): whole[KEY]} if within and KEY in whole else {}
        return {name: column for name, column in {**far, **near}.items() if column} | whole | key

    def spread(self, counts: Mapping[str, int]) -> "Plan":
        """The same plan with room for longer lists in columns."""
        wanted = {path: max(n, counts.get(path, 0)) for path, n in SPREAD.items()}
        return self if wanted == SPREAD else plan_of(self.message, self.titles, self.shown, self.folded, wanted)


def plan_for(sheet: Sheet) -> Plan:
    """The plan of a message with what its own file says of the columns. ContentError where it names what is not there."""
    data = sheet.table.data
    if unknown := sorted(data.keys() - set(REFINEMENTS)):
        raise sheet.defect(f"unknown key {', '.join(unknown)}; there are {', '.join(REFINEMENTS)}", unknown[0])
    titles = {str(path): str(title) for path, title in data.get("titles", {}).items()}
    plan = plan_of(sheet.message, titles, frozenset(data.get("shown", ())), frozenset(data.get("folded", ())), SPREAD)
    known = {column.path for column in plan.columns}
    for path in sorted({*titles, *plan.shown, *plan.folded} - known):
        raise sheet.defect(f"no column is called {path}", path)
    return plan


def defects(sheet: Sheet) -> list[ContentError]:
    """What is wrong with the refinements of a message."""
    try:
        plan_for(sheet)
    except ContentError as defect:
        return [defect]
    return []


def plan_of(
    message: MessageType, titles: Mapping[str, str], shown: frozenset[str], folded: frozenset[str], spread: Mapping[str, int]
) -> Plan:
    """The plan of a message type."""
    return Plan(message, _made(message, tuple(spread.items())), titles, shown, folded)


@functools.lru_cache(maxsize=256)
def _made(message: MessageType, spread: tuple[tuple[str, int], ...]) -> tuple[Column, ...]:
    """The columns of a message: the same for workbooks and for CSV, whatever a sheet says of them."""
    rows = (*message.catalogue.envelope, *message.fields)
    return tuple(_distinct(_columns(message, rows, "", (), True, dict(spread))))


def _columns(
    message: MessageType, rows: Iterable[Field], prefix: str, owners: tuple[str, ...], needed: bool, spread: Mapping[str, int]
) -> Iterator[Column]:
    for row in rows:
        path, must = prefix + row.path, needed and row.required
        groups = tuple(_words(part) for part in row.path.split(".")[:-1])
        if row.scalar:
            title = ", ".join((*owners, row.name))
            yield Column(path, title, ", ".join((*owners, *groups, row.name)), row, must, ", ".join(owners))
            continue
        below = message.catalogue.types[row.object]
        if path in spread:
            for n in range(1, spread[path] + 1):
                name = f"{row.name.split(' (')[0]} {n}"
                yield from _columns(message, below, f"{path[:-1]}{n}].", (*owners, name), must and n == 1, spread)
        else:
            yield from _columns(message, below, f"{path}.", (*owners, row.name), must, spread)


def _distinct(columns: Iterable[Column]) -> Iterator[Column]:
    """Titles that mean one column each: the long one where the short one would mean two, and the path where that does."""
    made = list(columns)
    short, long = (_counted(names) for names in ([c.title for c in made], [c.long_title for c in made]))
    for column in made:
        whole = column.long_title if long[_plain(column.long_title)] == 1 else f"{column.long_title} ({column.path})"
        brief = column.title if short[_plain(column.title)] == 1 else whole
        yield Column(column.path, brief, whole, column.row, column.needed, column.owner)


def _counted(names: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[_plain(name)] = counts.get(_plain(name), 0) + 1
    return counts


def _plain(header: str) -> str:
    return " ".join(header.split()).strip(" *").casefold()


def _words(name: str) -> str:
    return name.removesuffix("[]").replace("_", " ").capitalize()
