"""What a person still has to type: the required fields that a draft could not fill."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tradeflow.draft import trees
from tradeflow.model.catalogue import Field, MessageType


class Missing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One required field that is still empty."""

    pointer: str
    name: str
    type: str
    codelist: str = ""
    rule: str = ""


def to_type(kind: MessageType, tree: trees.Tree) -> list[Missing]:
    """Every required field without a value, the members of what is there already included."""
    return list({one.pointer: one for one in _missing(kind, kind.fields, tree, "")}.values())


def _missing(kind: MessageType, rows: Iterable[Field], node: trees.Tree, at: str) -> Iterator[Missing]:
    for row in rows:
        here = list(_places(node, row.path, at))
        for pointer, value in here:
            if value is None:
                if row.required:
                    yield Missing(pointer, row.name, row.of or row.type, row.codelist, row.rule)
            elif row.object:
                for below, element in [(pointer, value)] if row.type != "list" else [(f"{pointer}/{i}", v) for i, v in enumerate(value)]:
                    yield from _missing(kind, kind.catalogue.types[row.object], element, below)


def _places(node: trees.Tree, path: str, at: str) -> Iterator[tuple[str, Any]]:
    """Where a row's value stands, or should stand (None): in every element of the lists on the way to it."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    value = node.get(name)
    if not rest:
        yield f"{at}/{name}", value or None if isinstance(value, list | dict) else value
    elif head.endswith("[]"):
        if not value:
            yield f"{at}/{name}", None  # what every element needs makes the list itself needed
        for i, element in enumerate(value or []):
            yield from _places(element, rest, f"{at}/{name}/{i}")
    else:
        yield from _places(value or {}, rest, f"{at}/{name}")
