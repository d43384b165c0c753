"""The fields of a form: from the definition of a message, what stands in the document so far, and what was found in it."""

import bisect
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from tradeflow.codec.groups import groups
from tradeflow.codec.shape import LENGTH_MAX, Node
from tradeflow.draft import Origin
from tradeflow.model.catalogue import MessageType
from tradeflow.model.finding import Finding
from tradeflow.model.pointers import path_of
from tradeflow.pdf.layout import layout
from tradeflow.portal.entry.lookups import offered
from tradeflow.portal.entry.read import BLANK, NUMBERED, OFFSET

INLINE = frozenset({"Amount", "Quantity", "Measure", "Period"})
LOOKED_UP = frozenset({"unlocode", "iata_airport", "hs_code", "container_type", "carrier_code"})  # asked of the hub while one types
LISTED = frozenset({"country", "currency", "unit", "package_type", "document_type"})  # short enough to come with the page
UNSAID = frozenset({*NUMBERED, "party_id", "lei", "tax_id", "tax_id_scheme", "account_code"})  # of little help to recognise something by
KINDS = {
    "text": "area",
    "boolean": "yesno",
    "integer": "integer",
    "decimal": "number",
    "percent": "number",
    "date": "date",
    "datetime": "moment",
}
COLUMNS_MAX = 7
SUMMARY_MAX = 110
SELECT_MAX = 60
WORDED_MAX = 2_000
NAME, ID = "\ue000", "\ue001"  # stand for a name, and for it in an id, where something is drawn for many names (once.py)
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def dotted(name: str) -> str:
    """A JSON Pointer as part of an id."""
    return name.replace("/", ".").replace(NAME, ID)


@dataclass(slots=True)
class Control:
    """One value. `name` is its JSON Pointer; `kind` says how it is typed."""

    name: str
    label: str
    kind: str  # text, area, number, integer, date, moment, yesno, select
    value: str
    needed: bool
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    listed: str = ""  # the list that comes with the page
    looked_up: str = ""  # the list that is asked while one types
    offset: str = ""
    length_max: int = 0
    origin: Origin | None = None
    findings: list[Finding] = field(default_factory=list)
    part: str = ""  # value or unit of an amount: stands beside the other
    node: Node | None = None
    scalar = True
    blank = False

    @property
    def gaps(self) -> bool:
        return self.needed and not self.filled

    @property
    def filled(self) -> bool:
        return self.value != ""

    @property
    def wrong(self) -> bool:
        return bool(self.findings)

    @property
    def id(self) -> str:
        return "f" + dotted(self.name)


@dataclass(slots=True)
class Block:
    """Several values: an object, a list of texts, or a list of rows. `form` says how it is drawn."""

    name: str
    label: str
    form: str  # inline, place, object, group, values, grid, cards
    needed: bool
    items: list["Control | Block | Blank"] = field(default_factory=list)
    more: list["Control | Block | Blank"] = field(default_factory=list)
    node: Node | None = None
    kind: MessageType | None = None
    columns: list[tuple[str, bool]] = field(default_factory=list)
    column_names: tuple[str, ...] = ()
    hint: str = ""
    summary: str = ""
    origin: Origin | None = None
    findings: list[Finding] = field(default_factory=list)
    type: str = ""
    scalar = False
    blank = False

    @property
    def gaps(self) -> bool:
        """Whether something that is needed in it is not there yet."""
        return any(item.gaps for item in (*self.items, *self.more))

    @property
    def filled(self) -> bool:
        return any(item.filled for item in (*self.items, *self.more))

    @property
    def wrong(self) -> bool:
        return bool(self.findings) or any(item.wrong for item in (*self.items, *self.more))

    @property
    def id(self) -> str:
        return "f" + dotted(self.name)


@dataclass(slots=True)
class Blank:
    """A block in which nothing stands and nothing was found: it looks the same in every document, and is drawn once."""

    name: str
    label: str
    needed: bool
    node: Node
    kind: MessageType
    lists: frozenset[str]
    form = "blank"
    scalar = filled = wrong = False
    blank = True
    items = more = findings = ()

    @property
    def gaps(self) -> bool:
        return self.needed

    @property
    def id(self) -> str:
        return "f" + dotted(self.name)


@dataclass(slots=True)
class Section:
    """A part of the form: what is needed or there, and what is folded away."""

    id: str
    title: str
    items: list[Control | Block | Blank]
    more: list[Control | Block | Blank]


@dataclass(slots=True)
class Drawn:
    """A whole form."""

    sections: list[Section]
    envelope: list[tuple[str, str]]
    ext: list[tuple[str, str]]
    lists: list[str]  # the lists that come with the page


class Drawing:
    """One form being made."""

    def __init__(self, kind: MessageType, tree: Mapping[str, Any], origins: Mapping[str, Origin], findings: Iterable[Finding]) -> None:
        self.kind, self.tree = kind, tree
        self.origins = {pointer: worded(kind, origin) for pointer, origin in origins.items()}
        self.findings: dict[str, list[Finding]] = {}
        for finding in findings:
            self.findings.setdefault(finding.pointer, []).append(finding)
        self.lists: set[str] = set()
        self._places = tuple(sorted({*self.findings, *origins}))

    def drawn(self) -> Drawn:
        sections = []
        for group, nodes in groups(self.kind):
            made = [self.any(node, self.tree.get(node.name), f"/{node.name}", node.required) for node in nodes]
            flat = [one for item in made for one in (item.items if isinstance(item, Block) and item.form == "group" else [item])]
            shown = [one for one in flat if one.needed or one.filled or one.wrong]
            sections.append(Section(group.id, group.title, shown, [one for one in flat if one not in shown]))
        envelope = [(f"/message{pointer}", text) for pointer, text in _flat(self.tree.get("message", {}), "")]
        ext = [(f"/ext/{name}", str(value)) for name, value in (self.tree.get("ext") or {}).items()]
        return Drawn(sections, envelope, ext, sorted(self.lists))

    def any(self, node: Node, value: Any, at: str, needed: bool, whole: bool = False) -> Control | Block | Blank:
        """The field or block of a node. `whole` draws it out even where nothing stands in it."""
        apart = node.repeats or (node.type and node.type not in INLINE)
        if apart and not value and not whole and not self._touches(at):
            self.lists |= _lists_in(node)
            return Blank(at, node.label, needed, node, self.kind, _lists_in(node))
        if node.repeats:
            return self._list(node, value if isinstance(value, list) else [], at, needed)
        if node.scalar:
            return self._control(node, value, at, needed)
        return self._object(node, value if isinstance(value, dict) else {}, at, needed)

    def _touches(self, at: str) -> bool:
        """Whether something was found, or is known, at a pointer or below it."""
        place = bisect.bisect_left(self._places, at)
        while place < len(self._places) and self._places[place].startswith(at):
            if self._places[place] == at or self._places[place][len(at)] == "/":
                return True
            place += 1
        return False

    def _control(self, node: Node, value: Any, at: str, needed: bool, label: str = "") -> Control:
        made = Control(at, label or node.label, _kind(node), _text(value), needed, node.rule, length_max=LENGTH_MAX.get(node.scalar, 0))
        made.findings, made.origin, made.node = self.findings.get(at, []), self.origins.get(at), node
        if made.kind == "text" and ("\n" in made.value or (node.repeats and node.scalar == "string")):
            made.kind = "area"  # clauses and conditions have lines; a field of one line would lose their ends
        codes = node.codelist
        if codes is not None and codes.values and len(codes.values) <= SELECT_MAX:
            known = offered(codes.name)
            made.kind, made.options = (
                "select",
                known if not made.value or made.value in codes.values else ((made.value, made.value), *known),
            )
        elif codes is not None and codes.name in LISTED:
            made.listed = codes.name
            self.lists.add(codes.name)
        elif codes is not None and codes.name in LOOKED_UP:
            made.looked_up = codes.name
        if made.kind == "moment":
            made.offset = (_OFFSET.search(made.value) or [""])[0]
            made.value = made.value.removesuffix(made.offset) if made.offset else made.value
        return made

    def _object(self, node: Node, value: Mapping[str, Any], at: str, needed: bool) -> Block:
        form = "inline" if node.type in INLINE else "place" if node.type == "Location" else "object" if node.type else "group"
        inside = [
            self.any(member, value.get(member.name), f"{at}/{member.name}", member.required and (needed or form == "group" or bool(value)))
            for member in node.members
        ]
        made = Block(at, node.label, form, needed, type=node.type, hint=node.rule, findings=self.findings.get(at, []))
        if form == "inline":
            made.items = inside
            for item, part in zip(inside, ("value", "unit"), strict=False):
                if isinstance(item, Control):
                    item.part = part if node.type != "Period" else ""
        elif form == "group":
            made.items = inside
            self._name_group(node, made)
        else:
            first = {m.name for m in node.members if m.required} | ({"unlocode"} if form == "place" else set())
            quiet = UNSAID - {"account_code"}  # ids and numbers that came with a name need no room of their own
            made.items = [
                i for i, m in zip(inside, node.members, strict=True) if m.name in first or i.wrong or (i.filled and m.name not in quiet)
            ]
            made.more = [i for i in inside if i not in made.items]
            made.summary = _summary(node, value)
        made.origin = self._origin_of(at, value)
        return made

    def _name_group(self, node: Node, made: Block) -> None:
        """Fields of a group stand alone: what they belong to is part of their name."""
        for item in made.items:
            if node.name not in ("document", "totals", "charges") and node.label.lower() not in item.label.lower():
                item.label = f"{node.label}: {item.label}"

    def _list(self, node: Node, value: list[Any], at: str, needed: bool) -> Block:
        made = Block(at, node.label, "values", needed, hint=node.rule, findings=self.findings.get(at, []), type=node.type)
        if node.scalar:
            one = [self._control(node, each, f"{at}/{i}", False, f"{node.label} {i + 1}") for i, each in enumerate(value)]
            made.items = [*one] or [self._control(node, None, f"{at}/0", needed, f"{node.label} 1")]
            made.node, made.kind = node, self.kind
            return made
        columns = _columns(self.kind, node, value)
        made.form = "grid" if columns else "cards"
        names = [column.name for column in columns]
        made.columns = [(column.label, column.required) for column in columns]
        rows = value or ([{}] if needed or made.form == "grid" else [])
        made.items = [
            self._row(node, each if isinstance(each, dict) else {}, f"{at}/{i}", names, bool(value) or needed)
            for i, each in enumerate(rows)
        ]
        made.node, made.kind, made.column_names = node, self.kind, tuple(names)
        made.origin = self._origin_of(at, value)
        return made

    def pattern(self, node: Node, at: str, columns: tuple[str, ...]) -> Control | Block:
        """What a new row of a list is made from."""
        if node.scalar:
            return self._control(node, None, f"{at}/{BLANK}", False, node.label)
        return self._row(node, {}, f"{at}/{BLANK}", list(columns), True)

    def _row(self, node: Node, value: Mapping[str, Any], at: str, columns: list[str], needed: bool) -> Block:
        row = Block(at, node.element.replace("_", " ").capitalize(), "row" if columns else "card", needed, type=node.type)
        row.findings = self.findings.get(at, [])
        members = sorted(node.members, key=lambda m: columns.index(m.name) if m.name in columns else len(columns))
        for member in members:
            one = self.any(member, value.get(member.name), f"{at}/{member.name}", member.required and needed)
            if member.name in columns or (not columns and (member.required or one.filled or one.wrong)):
                row.items.append(one)
            else:
                row.more.append(one)
        row.summary, row.origin = _summary(node, value), self._origin_of(at, value)
        return row

    def _origin_of(self, at: str, value: Any) -> Origin | None:
        """The one origin of everything below a pointer, where it has one."""
        found = [self.origins.get(f"{at}{pointer}") for pointer, _ in _flat(value, "")]
        same = {(one.kind, one.type, one.number, one.text if one.kind != "document" else "") for one in found if one}
        return found[0] if found and None not in found and len(same) == 1 else None


@functools.cache
def _lists_in(node: Node) -> frozenset[str]:
    """The lists that fields below a node need with the page."""
    own = {node.codelist.name} & LISTED if node.codelist else set[str]()
    return frozenset(own).union(*(_lists_in(member) for member in node.members))


def drawn(
    kind: MessageType, tree: Mapping[str, Any], origins: Mapping[str, Origin] | None = None, findings: Iterable[Finding] = ()
) -> Drawn:
    """The form of a message with what stands in it."""
    return Drawing(kind, tree, origins or {}, findings).drawn()


_PATH = re.compile(r"/?[a-z_]+(?:\[\])?(?:[./ ][a-z_0-9]+(?:\[\])?)*")


def worded(kind: MessageType, origin: Origin) -> Origin:
    """The origin with the names of fields instead of their paths: "sum of Line amount". What has no name here is left out."""
    return _in_words(kind, origin) if origin.kind == "computed" else origin


@functools.lru_cache(WORDED_MAX)
def _in_words(kind: MessageType, origin: Origin) -> Origin:
    said, _, sources = origin.text.rpartition(" of ")
    if not said or not all(_PATH.fullmatch(one) for one in sources.split(", ")):
        said, sources = origin.text, ""
        if origin.text.startswith("as in "):
            said, sources = "as in", path_of(origin.text.removeprefix("as in "))
    names = [known.name for one in sources.split(", ") if one and (known := kind.field_at(one)) is not None]
    link = {"as in": " ", "put together": " from "}.get(said, " of ")
    text = f"{said}{link}{', '.join(names)}" if names else said
    return structs.replace(origin, text="computed" if text == "as in" else text)


def _columns(kind: MessageType, node: Node, value: list[Any]) -> list[Node]:
    """What stands side by side in a row: the columns on paper, else what is required and then used; none where a row is too deep."""
    flat = [m for m in node.members if not m.repeats and (m.scalar or m.type in ("Amount", "Quantity", "Measure"))]
    if any(m.required and m not in flat for m in node.members) or not flat:
        return []
    paper = next((columns for path, columns in layout(kind).tables if path.removesuffix("[]") == node.path.removesuffix("[]")), ())
    first = [m for name in paper for m in flat if m.name == name] or [m for m in flat if m.required]
    used = [m for m in flat if m not in first and any(isinstance(one, dict) and m.name in one for one in value)]
    rest = [m for m in flat if m not in first and m not in used and m.scalar]
    needed = [m for m in flat if m.required and m not in first]
    room = max(0, COLUMNS_MAX - len(first) - len(needed))
    return [*first, *needed, *(used if paper else [*used, *rest])[:room]]


def _kind(node: Node) -> str:
    return KINDS.get(node.scalar, "text")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flat(value: Any, at: str) -> list[tuple[str, str]]:
    """Every single value as text, with its pointer."""
    if isinstance(value, Mapping):
        return [one for name, inner in value.items() for one in _flat(inner, f"{at}/{name}")]
    if isinstance(value, list):
        return [one for index, inner in enumerate(value) for one in _flat(inner, f"{at}/{index}")]
    return [(at, _text(value))]


def _summary(node: Node, value: Any) -> str:
    """The first values of an object in one line, in the order of its definition."""
    line = ", ".join(_said(node, value))
    return line if len(line) <= SUMMARY_MAX else line[:SUMMARY_MAX].rsplit(",", 1)[0] + " …"


def _said(node: Node, value: Any) -> list[str]:
    if node.repeats and isinstance(value, list):
        return [text for one in value for text in _said(replace(node, repeats=False), one)]
    if isinstance(value, Mapping):
        members = [m for m in node.members if m.name in value and m.name not in UNSAID]
        return [text for m in members for text in _said(m, value[m.name])]
    return [" ".join(_text(value).split())] if value not in (None, "") else []


__all__ = ["OFFSET", "Blank", "Block", "Control", "Drawn", "Section", "drawn"]
