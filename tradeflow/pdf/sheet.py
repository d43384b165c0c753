"""A document as blocks of a page: first what its layout places, then everything else by its definition, so that nothing is lost."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tradeflow.codec.shape import Node, shape
from tradeflow.language.catalogues import N_
from tradeflow.model.catalogue import MessageType
from tradeflow.pdf.layout import Cell, Layout, layout, node_at, placeholders
from tradeflow.pdf.reader import ENGLISH, Reader, named, read_by, said
from tradeflow.pdf.tables import table
from tradeflow.pdf.values import WITHHELD, Withheld, compact, inline, label, lines

Json = dict[str, Any]
HEAD = ("document.number", "document.issue_date", "document.version", "document.language", "message")  # the head of the page says them
FURTHER, PARTICULARS = N_("Further particulars"), N_("Particulars")
BLANK = "________"
GROUP_MIN = 4
NAMED = ("Party", "Bank", "BankAccount")  # what has a box of its own


class Sheet:
    """What is still to be printed of a document, and the blocks made so far."""

    def __init__(self, mt: MessageType, data: Mapping[str, Any], withheld: Sequence[str], reader: Reader = ENGLISH) -> None:
        self.reader = reader
        self.mt, self.root, self.layout = mt, shape(mt), layout(mt)
        self.data = marked(data, withheld)
        self.rest = copy.deepcopy(self.data)
        for path in HEAD:
            prune(self.rest, path)

    def blocks(self) -> list[Json]:
        """All blocks, in the order of the page and for its reader."""
        with read_by(self.reader):
            return self._blocks()

    def _blocks(self) -> list[Json]:
        plan = self.layout
        top = self._rows(plan.rows)
        wording = self._wording(plan)
        tables = [self._table(path, columns) for path, columns in plan.tables if self._value(path)]
        totals = self._totals(plan.totals)
        foot = self._rows(plan.foot)
        return [*top, *wording, *tables, *totals, *remaining(self.root, self.rest, plan), *foot, *self._signatures()]

    def _value(self, path: str) -> Any:
        node: Any = self.data
        for segment in path.replace("[]", "").split("."):
            if isinstance(node, Withheld):
                return node
            node = node.get(segment) if isinstance(node, Mapping) else None
        return node

    def _rows(self, rows: Sequence[Sequence[Cell]]) -> list[Json]:
        made = [[self._cell(one) for one in row] for row in rows]
        filled = [[one for one in row if one] for row in made if any(row)]
        return [{"kind": "boxes", "rows": filled}] if filled else []

    def _cell(self, cell: Cell) -> list[list[list[Json]]]:
        made = [[[fact for path in box for fact in self._facts(path)] for box in line] for line in cell]
        return [[box for box in line if box] for line in made if any(line)]

    def _facts(self, path: str) -> Iterator[Json]:
        value, node = self._value(path), node_at(self.root, path)
        if value is None or node is None:
            return
        prune(self.rest, path.replace("[]", ""))
        yield fact(self._label(path, node), node, value)

    def _label(self, path: str, node: Node) -> str:
        own = self.layout.label(path, "")
        return named(own) if own else label(node)

    def _table(self, path: str, columns: Sequence[str]) -> Json:
        node, value = node_at(self.root, path), self._value(path)
        assert node is not None, "layouts are checked when they are read"
        prune(self.rest, path.replace("[]", ""))
        labels = {name.rpartition(".")[2]: text for name, text in self.layout.labels if name.startswith(f"{path}.")}
        return listed(node, self._label(path, node), value, columns, labels)

    def _totals(self, paths: Sequence[str]) -> list[Json]:
        items = [[one["label"], " ".join(one["lines"])] for path in paths for one in self._facts(path)]
        summed = node_at(self.root, paths[-1]) if paths else None
        return [{"kind": "totals", "items": items, "sum": summed is not None and summed.type == "Amount"}] if items else []

    def _wording(self, plan: Layout) -> list[Json]:
        if not plan.wording:
            return []
        values = {}
        for path in placeholders(plan.wording):
            value, node = self._value(path), node_at(self.root, path)
            values[path] = inline(node, value) if node and value is not None else BLANK
            prune(self.rest, path.replace("[]", ""))
        return [{"kind": "wording", "text": re.sub(r"\{([^}]*)\}", lambda found: values[found[1]], said(plan.wording))}]

    def _signatures(self) -> list[Json]:
        found = [node for node in self.root.members if node.type == "Signature" and node.name in self.data]
        facts = [fact(label(node), node, self.data[node.name]) for node in found if node.name in self.rest]
        return [{"kind": "boxes", "rows": [[[[[one]]] for one in facts]]}] if facts else []


def marked(data: Mapping[str, Any], withheld: Sequence[str]) -> Json:
    """The data with a mark at each JSON Pointer where a value was taken out."""
    made: Any = copy.deepcopy(dict(data))
    for pointer in withheld:
        *way, last = pointer.split("/")[1:]
        node = made
        for part in way:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        node[last] = WITHHELD
    return made if isinstance(made, dict) else {}


def prune(tree: Any, path: str) -> None:
    """Take out what stands at a dotted path, and what is empty then."""
    name, _, below = path.partition(".")
    if not isinstance(tree, dict) or name not in tree:
        return
    if below:
        prune(tree[name], below)
        if tree[name] != {}:
            return
    del tree[name]


def fact(title: str, node: Node, value: Any) -> Json:
    """A label and the lines of its value; every element of a list begins a line."""
    elements = value if isinstance(value, list) else [value]
    if node.members and len(elements) > 1 and node.type not in NAMED:
        written = [inline(node, one) for one in elements]
    else:
        written = [line for one in elements for line in lines(node, one)]
    return {"label": title, "lines": written, "strong": node.type in NAMED, "withheld": any(one is WITHHELD for one in elements)}


def listed(node: Node, title: str, value: Any, columns: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Json:
    """A list as a table; as one fact where it is withheld or holds only texts."""
    if isinstance(value, Withheld) or not node.members or node.type == "Location":
        return {"kind": "facts", "title": "", "items": [fact(title, node, value)]}
    return table(node, title, value, columns, labels)


def remaining(root: Node, rest: Mapping[str, Any], plan: Layout) -> Iterator[Json]:
    """What no layout has placed: boxes of parties, then facts by group, then lists; signatures come last of all."""
    tops = [(node, rest[node.name]) for node in root.members if node.name in rest and node.type != "Signature"]
    boxed = [fact(label(node), node, one) for node, value in tops if node.type in NAMED for one in _each(value)]
    yield from _boxes(boxed)
    groups = [(node, value) for node, value in tops if node.members and not compact(node) and not node.repeats]
    small = [node for node, value in groups if not isinstance(value, Withheld) and len(value) < GROUP_MIN]
    plain = [fact(label(node), node, value) for node, value in tops if _plain(node) and node.type not in NAMED]
    for node, value in groups:  # two or three facts need no heading of their own
        if node in small:
            plain += [fact(label(m), m, value[m.name]) for m in node.members if m.name in value and _plain(m)]
    if plain:
        yield {"kind": "facts", "title": named(FURTHER if plan.rows else PARTICULARS), "items": plain}
    for node, value in groups:
        left = {m.name: value[m.name] for m in node.members if m.name in value and not _plain(m)} if node in small else value
        yield from _group(node, left)
    lists = [(node, value) for node, value in tops if node.repeats and node.members and node.type not in NAMED]
    for node, value in sorted(lists, key=lambda one: one[0].name == "references"):
        yield listed(node, label(node), value)


def _group(node: Node, value: Any) -> Iterator[Json]:
    if isinstance(value, Withheld):
        yield {"kind": "facts", "title": label(node), "items": [fact(label(node), node, value)]}
        return
    inside = [(member, value[member.name]) for member in node.members if member.name in value]
    plain = [fact(label(member), member, one) for member, one in inside if _plain(member) and member.type not in NAMED]
    boxed = [fact(label(member), member, one) for member, value in inside if member.type in NAMED for one in _each(value)]
    if plain or boxed:
        yield {"kind": "facts", "title": label(node), "items": plain}
    yield from _boxes(boxed)
    for member, one in inside:
        if member.type in NAMED or _plain(member):
            continue
        if member.repeats:
            yield listed(member, label(member), one)
        else:
            yield from _group(member, one)


def _boxes(facts: list[Json]) -> Iterator[Json]:
    if facts:
        yield {"kind": "boxes", "rows": [[[[[one]]] for one in facts[n : n + 2]] for n in range(0, len(facts), 2)]}


def _plain(node: Node) -> bool:
    """A scalar, a list of scalars, or one object of a shared type that has a form of its own."""
    return not node.members or (compact(node) and not node.repeats)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
