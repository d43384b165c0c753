"""Rows of the lists of a document being written: one more, one less."""

from typing import Any

Json = dict[str, Any]


def more(tree: Json, pointer: str) -> None:
    """One more row at the end of a list: an empty one, which is gone again if nothing is typed."""
    parent: Any = tree
    parts = pointer.split("/")[1:]
    for part in parts[:-1]:
        parent = _step(parent, part)
    if isinstance(parent, dict) and parts:
        held = parent.setdefault(parts[-1], [])
        if isinstance(held, list):
            held += [{}] if held else [{}, {}]


def _step(node: Any, part: str) -> Any:
    if isinstance(node, list):
        return node[int(part)] if part.isdecimal() and int(part) < len(node) else None
    return node.setdefault(part, {}) if isinstance(node, dict) else None


def less(tree: Json, pointer: str) -> None:
    """One row less."""
    node: Any = tree
    parts = pointer.split("/")[1:]
    for part in parts[:-1]:
        node = _step(node, part)
    if isinstance(node, list) and parts[-1].isdecimal() and int(parts[-1]) < len(node):
        del node[int(parts[-1])]
