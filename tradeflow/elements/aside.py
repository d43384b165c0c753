"""What a format has no place for stands aside, pointer by pointer, where the format lets us: between two hubs a document is whole."""

from dataclasses import dataclass
from typing import Any

from tradeflow.model.document import Tree
from tradeflow.model.pointers import leaves

URI = "urn:tradeflow:aside:1.0"
_DIGITS_MAX = 5
_PARTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Stated:
    """One field that stands aside. `instead` is what the format says for it, as far as it says something else.

    Where a partner has changed that, ours is over. A value of None says that the document has no such field, whatever the format says.
    """

    pointer: str
    value: Any
    instead: Any = None


def beside(whole: Any, back: Any) -> list[Stated]:
    """What must stand aside so that a document is whole, given what comes back without."""
    there, here = dict(leaves(back)), dict(leaves(whole))
    less = [Stated(pointer, value, there.get(pointer)) for pointer, value in here.items() if there.get(pointer) != value]
    return less + [Stated(pointer, None, value) for pointer, value in there.items() if pointer not in here]


def put(tree: Tree, stated: Stated) -> bool:
    """Put a field at its pointer where there is none, or what it stands for; lists grow by one element at a time."""
    parts = stated.pointer.split("/")[1:]
    if not parts or len(parts) > _PARTS_MAX or stated.pointer[0] != "/":
        return False
    node: Any = tree
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if stated.value is None:
            if following is None:
                return _without(node, part, stated.instead)
            node = _below(node, part)
            continue
        made: Any = stated.value if following is None else [] if _index(following) is not None else {}
        if isinstance(node, dict):
            if following is None and stated.instead is not None and node.get(part) == stated.instead:
                node[part] = stated.value
            node = node.setdefault(part, made)
        elif isinstance(node, list) and (index := _index(part)) is not None and index <= len(node):
            if index == len(node):
                node.append(made)
            elif following is None and stated.instead is not None and node[index] == stated.instead:
                node[index] = stated.value
            node = node[index]
        else:
            return False
    return True


def pruned(tree: Any) -> Any:
    """A tree without members and elements that have become empty."""
    if isinstance(tree, dict):
        kept = {name: pruned(value) for name, value in tree.items()}
        return {name: value for name, value in kept.items() if value not in ({}, [])}
    if isinstance(tree, list):
        return [value for value in map(pruned, tree) if value not in ({}, [])]
    return tree


def _below(node: Any, part: str) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    index = _index(part)
    return node[index] if isinstance(node, list) and index is not None and index < len(node) else None


def _without(node: Any, part: str, instead: Any) -> bool:
    if isinstance(node, dict) and part in node and node[part] == instead:
        del node[part]
        return True
    return isinstance(node, dict)


def _index(part: str) -> int | None:
    return int(part) if part.isdecimal() and len(part) <= _DIGITS_MAX else None
