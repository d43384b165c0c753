"""Layouts as content: documents/<message>/layout.toml says which box stands where. A message without one is laid out by its definition."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from tradeflow.codec.shape import Node, shape
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.model.content import Table, load

KEYS = {"like", "title", "rows", "tables", "totals", "wording", "foot", "labels", "landscape"}
Box = tuple[str, ...]  # the facts of one box
Cell = tuple[tuple[Box, ...], ...]  # boxes below each other, each line of them side by side


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where. `rows` are cells side by side at the top, `foot` the same at the end; `tables` are lists by path."""

    title: str = ""
    rows: tuple[tuple[Cell, ...], ...] = ()
    tables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    totals: tuple[str, ...] = ()
    wording: str = ""
    foot: tuple[tuple[Cell, ...], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    landscape: bool = False  # lists with many columns, such as a manifest

    def label(self, path: str, otherwise: str) -> str:
        return dict(self.labels).get(path, otherwise)


def cell(text: str) -> Cell:
    """A cell as it is written: "a / b | c + d" is a box a, and below it b beside a box with the facts c and d."""
    return tuple(tuple(tuple(fact.strip() for fact in box.split("+")) for box in line.split("|")) for line in text.split("/"))


@functools.cache
def layout(mt: MessageType) -> Layout:
    """The layout of a message, or an empty one; ContentError for what its definition does not know."""
    file = mt.folder / "layout.toml"
    if not file.exists():
        return Layout()
    table = load(file)
    unknown = table.data.keys() - KEYS
    if unknown:
        raise table.defect(f"unknown key {', '.join(sorted(unknown))}", min(unknown))
    data = table.data
    base = Layout()
    if "like" in data:
        if data["like"] not in mt.catalogue.ids():
            raise table.defect(f"unknown message {data['like']}", "like")
        base = _known(layout(mt.catalogue.message(data["like"])), mt)
    made = Layout(
        str(data.get("title", "")) or (mt.name if "like" in data else ""),
        tuple(tuple(map(cell, row)) for row in data.get("rows", ())) or base.rows,
        tuple((one["path"], tuple(one.get("columns", ()))) for one in data.get("tables", ())) or base.tables,
        tuple(data.get("totals", ())) or base.totals,
        str(data.get("wording", "")) or base.wording,
        tuple(tuple(map(cell, row)) for row in data.get("foot", ())) or base.foot,
        tuple({**dict(base.labels), **data.get("labels", {})}.items()),
        bool(data.get("landscape", base.landscape)),
    )
    _check(table, mt, made)
    return made


def _known(made: Layout, mt: MessageType) -> Layout:
    """A layout of another message without what this one does not have."""
    root = shape(mt)

    def has(path: str) -> bool:
        return node_at(root, path) is not None

    def kept(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
        return tuple(tuple(tuple(tuple(tuple(f for f in b if has(f)) for b in line) for line in one) for one in row) for row in rows)

    return Layout(
        made.title,
        kept(made.rows),
        tuple(
            (path, tuple(c for c in columns if has(f"{path}.{c}") or has(f"{path}.{c}[]"))) for path, columns in made.tables if has(path)
        ),
        tuple(filter(has, made.totals)),
        made.wording if all(map(has, placeholders(made.wording))) else "",
        kept(made.foot),
        tuple((path, text) for path, text in made.labels if has(path)),
        made.landscape,
    )


def node_at(node: Node, path: str) -> Node | None:
    """The node that a dotted path leads to ("lines[]", "totals.total"), or None."""
    for segment in path.split("."):
        found = next((member for member in node.members if member.name == segment.removesuffix("[]")), None)
        if found is None or found.repeats != segment.endswith("[]"):
            return None
        node = found
    return node


def placeholders(wording: str) -> Iterator[str]:
    """The paths between braces."""
    for part in wording.split("{")[1:]:
        yield part.split("}")[0]


def _check(table: Table, mt: MessageType, made: Layout) -> None:
    root = shape(mt)
    boxes = [fact for rows in (made.rows, made.foot) for row in rows for one in row for line in one for box in line for fact in box]
    for path in (*boxes, *made.totals, *placeholders(made.wording), *dict(made.labels)):
        if path and node_at(root, path) is None and node_at(root, f"{path}[]") is None:
            raise table.defect(f"{mt.id} has no field {path}", path)
    for path, columns in made.tables:
        node = node_at(root, path)
        if node is None or not node.repeats:
            raise table.defect(f"{mt.id} has no list {path}", path)
        for column in columns:
            if node_at(node, column) is None and node_at(node, f"{column}[]") is None:
                raise table.defect(f"{path} has no field {column}", column)


def check_layouts(book: Catalogue) -> Iterator[ContentError]:
    """Every defect of every layout.toml."""
    for id_ in book.ids():
        try:
            layout(book.message(id_))
        except ContentError as error:
            yield error
