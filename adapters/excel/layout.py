"""Documents to rows: the same tables that gathering reads, filled."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tradeflow.adapters.excel.columns import EXT, KEY, Column, Plan

from tradeflow.model.catalogue import Field
from tradeflow.model.document import Document

Row = dict[str, Any]  # path of a column -> value


@dataclass(frozen=True, slots=True)
class Table:
    """The columns and rows of one sheet; `level` is the list that it is for."""

    level: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def tables(plan: Plan, documents: list[Document], *, whole: bool = False) -> list[Table]:
    """A table for the documents and one for each list; with `whole` every column and list that there is, not only those with values."""
    trees = [json.loads(document.canonical) for document in documents]
    plan = _widened(plan, trees)
    made = [_table(plan, "", [row for tree in trees for row in _block(plan, tree, "", deep=False)], whole)]
    for level in [one for one in plan.levels if one.count("[]") == 1]:
        rows = []
        for tree in trees:
            number = str(_get(tree, KEY.split(".")) or "")
            for element in _elements(tree, level, ""):
                block = list(_block(plan, element, level))
                rows += [{KEY: number, **row} for row in block]
        if rows or whole:
            made.append(_table(plan, level, rows, whole))
    return made


def flat(plan: Plan, documents: list[Document], extra: frozenset[str] = frozenset()) -> Table:
    """Everything in one table: the lists of a document go down side by side. `extra` are columns that stand there without a value."""
    trees = [json.loads(document.canonical) for document in documents]
    plan = _widened(plan, trees)
    rows: list[Row] = []
    for tree in trees:
        for n, row in enumerate(_block(plan, tree, "")):
            rows.append(row if n == 0 else {KEY: str(_get(tree, KEY.split(".")) or ""), **row})
    used = {path for row in rows for path in row} | extra
    return Table("", tuple(column for column in plan.columns if column.path in used), tuple(rows))


def _widened(plan: Plan, trees: list[dict[str, Any]]) -> Plan:
    """The plan with columns for the extensions of these documents, and room for their spread lists."""
    recipients = max((len(tree["message"]["recipients"]) for tree in trees), default=0)
    plan = plan.spread({"message.recipients[]": recipients})
    names = sorted({name for tree in trees for name in tree.get("ext", {})})
    if not names:
        return plan
    extra = tuple(Column(EXT + name, EXT + name, EXT + name, Field(EXT + name, name, "string")) for name in names)
    return Plan(plan.message, (*plan.columns, *extra), plan.titles, plan.shown, plan.folded)


def _table(plan: Plan, level: str, rows: list[Row], whole: bool) -> Table:
    used = {path for row in rows for path in row}
    columns = [c for c in plan.columns if (c.level.startswith(level) and c.level if level else not c.level) and (whole or c.path in used)]
    key = [column for column in plan.columns if level and column.path == KEY]
    return Table(level, (*key, *columns), tuple(rows))


def _block(plan: Plan, node: Any, level: str, *, deep: bool = True) -> Iterator[Row]:
    """The rows of one element: its own values in the first, the lists within it from there downwards, side by side."""
    first: Row = {}
    for column in plan.columns:
        if column.level == level and (value := _get(node, column.steps)) is not None:
            first[column.path] = value
    rows = [first]
    for inner in plan.levels if deep else ():
        if _parent(inner) != level:
            continue
        below = [row for element in _elements(node, inner, level) for row in _block(plan, element, inner)]
        for n, row in enumerate(below):
            if n == len(rows):
                rows.append({})
            rows[n] |= row
    yield from rows


def _parent(level: str) -> str:
    return level[: level[:-2].rindex("[]") + 2] if "[]" in level[:-2] else ""


def _elements(node: Any, level: str, parent: str) -> list[Any]:
    found = _get(node, [part for part in level[len(parent) : -2].split(".") if part])
    return found if isinstance(found, list) else []


def _get(node: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(node, list):
            place = int(step) - 1 if step.isdecimal() else -1
            node = node[place] if 0 <= place < len(node) else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            return None
    return node
