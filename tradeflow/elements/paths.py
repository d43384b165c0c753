"""Members of a tree by their path: `terms.place.name`, `legs.0.etd`, `legs.last.eta`; `/doc.number` from the document, `.` what is here."""

from collections.abc import Mapping
from typing import Any

from tradeflow.elements.rows import ITSELF
from tradeflow.model.document import Tree


def got(tree: Any, path: str, whole: Any) -> Any:
    """The value at a path, None where there is none."""
    if path == ITSELF:
        return tree
    node: Any = whole if path.startswith("/") else tree
    for name in path.removeprefix("/").split("."):
        if isinstance(node, Mapping):
            node = node.get(name)
        elif isinstance(node, list) and (name.isdecimal() or name == "last"):
            index = len(node) - 1 if name == "last" else int(name)
            node = node[index] if 0 <= index < len(node) else None
        else:
            return None
    return node


def put(tree: Tree, path: str, value: Any) -> None:
    """Put a value at a path of members."""
    *way, last = path.split(".")
    node: Any = tree
    for name in way:
        node = node.setdefault(name, {}) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node[last] = value
