"""Reading and writing a tree by path, element by element: "lines[].quantity" is the quantity of every line, with its index."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradeflow.model.catalogue import MessageType

Index = tuple[int, ...]
Tree = dict[str, Any]
Leaf = str | int | bool | Decimal | date | datetime


def read(tree: Any, path: str) -> Iterator[tuple[Index, str, Any]]:
    """(index of each [], JSON Pointer, value) of everything present at the path; a path that ends in [] gives the elements."""
    yield from _read(tree, path.split("."), (), "")


def _read(node: Any, segments: list[str], index: Index, pointer: str) -> Iterator[tuple[Index, str, Any]]:
    if not segments:
        yield index, pointer, node
        return
    name = segments[0].removesuffix("[]")
    value = node.get(name) if isinstance(node, dict) else None
    if value is None:
        return
    if segments[0].endswith("[]"):
        for i, element in enumerate(value):
            yield from _read(element, segments[1:], (*index, i), f"{pointer}/{name}/{i}")
    else:
        yield from _read(value, segments[1:], index, f"{pointer}/{name}")


def lists(path: str) -> list[str]:
    """The lists a path passes through: "items[].packages[].count" -> ["items", "items[].packages"]."""
    segments = path.split(".")
    return [".".join(segments[: i + 1]).removesuffix("[]") for i, s in enumerate(segments) if s.endswith("[]")]


def put(tree: dict[str, Any], path: str, index: Index, value: Any) -> tuple[str, bool]:
    """Write a copy of the value, making what is missing on the way; an index one past the end appends.

    The pointer written to, and whether something stood there before.
    """
    node: Any = tree
    pointer, left, was_there = "", list(index), False
    segments = path.split(".")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        name = segment.removesuffix("[]")
        pointer += f"/{name}"
        if segment.endswith("[]"):
            elements, at = node.setdefault(name, []), left.pop(0)
            pointer += f"/{at}"
            was_there = at < len(elements)
            if not was_there:
                elements.append({})
            if last:
                elements[at] = copied(value)
            node = elements[at]
        elif last:
            was_there = name in node
            node[name] = copied(value)
        else:
            node = node.setdefault(name, {})
    return pointer, was_there


def copied(value: Any) -> Any:
    """A tree of its own with the same values, of which none can change."""
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def drop(tree: Any, path: str) -> list[str]:
    """Remove whatever stands at the path; the pointers removed."""
    head, _, last = path.rpartition(".")
    parents = list(read(tree, head)) if head else [((), "", tree)]
    name = last.removesuffix("[]")
    return [f"{p}/{name}" for _, p, node in parents if isinstance(node, dict) and node.pop(name, None) is not None]


def reaches(kind: MessageType, path: str) -> bool:
    """Whether a message has such a path: a row, a group of rows, a list as a whole, or a member of a shared type."""
    if kind.field_at(path) is not None or kind.field_at(f"{path}[]") is not None:
        return True
    below = (f"{path}.", f"{path}[]")
    return any(row.path.startswith(below) for row in (*kind.catalogue.envelope, *kind.fields))
