"""JSON Pointers (RFC 6901) into documents: every value with its pointer, a value put at one, and the row of the catalogue it leads to."""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

_INDEX = re.compile(r"\d{1,5}")  # no list of a document is longer; int() of more digits is slow


def leaves(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """(pointer, value) of every single value below a tree."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from leaves(value, f"{pointer}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, f"{pointer}/{index}")
    else:
        yield pointer, node


def put(tree: Any, pointer: str, value: Any) -> bool:
    """Set what a pointer leads to, making what stands above; lists grow by one element at a time. False where it leads nowhere."""
    node, parts = tree, pointer.split("/")[1:]
    for n, part in enumerate(parts):
        last = n == len(parts) - 1
        empty: Any = value if last else [] if _INDEX.fullmatch(parts[n + 1]) else {}
        if isinstance(node, list):
            index = int(part) if _INDEX.fullmatch(part) else -1
            if not 0 <= index <= len(node):
                return False
            if index == len(node):
                node.append(empty)
            elif last:
                node[index] = empty
            node = node[index]
        elif isinstance(node, MutableMapping):
            node[part] = empty if last else node.get(part, empty)
            node = node[part]
        else:
            return False
    return bool(parts)


def path_of(pointer: str) -> str:
    """The path of the catalogue's row that a pointer leads to: /lines/0/hs_code is lines[].hs_code."""
    path = ""
    for part in pointer.split("/")[1:]:
        path = f"{path}[]" if _INDEX.fullmatch(part) else f"{path}.{part}" if path else part
    return path
