"""Set and remove values in a JSON tree by path ("lines[0].line_amount.value")."""

import re
from itertools import pairwise
from typing import Any

_SEGMENT = re.compile(r"([a-z_0-9]+)(?:\[(\d+)\])?")


def put(tree: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, making what is missing on the way; "-path" removes it, whatever the value.

    An index one past the end of a list appends. Raises KeyError where the path cannot be followed.
    """
    remove = path.startswith("-")
    steps = _parse(path.removeprefix("-"))
    node: Any = tree
    for here, following in pairwise(steps):
        node = _descend(node, here, [] if isinstance(following, int) else {})
    last: Any = steps[-1]
    if remove:
        if isinstance(last, int) or last in node:
            del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(value)
    else:
        node[last] = value


def _parse(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for segment in path.split("."):
        match = _SEGMENT.fullmatch(segment)
        if not match:
            raise KeyError(f"{path!r} is not a path such as lines[0].quantity.value")
        steps.append(match[1])
        if match[2] is not None:
            steps.append(int(match[2]))
    return steps


def _descend(node: Any, step: str | int, empty: Any) -> Any:
    if isinstance(step, int):
        if step == len(node):
            node.append(empty)
        if step > len(node):
            raise KeyError(f"there is no element {step}")
        return node[step]
    return node.setdefault(step, empty)
