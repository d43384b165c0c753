"""JSON to elements and back: a member is an element of its name, a list is the element as often as it has values."""

import json
from typing import Any

import orjson

from tradeflow.codec import json as json_codec
from tradeflow.elements.element import Element, malformed
from tradeflow.elements.library import Facet, Library
from tradeflow.elements.markup import ELEMENTS_MAX
from tradeflow.model.document import Tree


def tree_of(body: bytes) -> Tree:
    """The object in a JSON text, bounded as every JSON that we read. Raises BadInput MALFORMED."""
    return json_codec.parse(body)


def elements(name: str, tree: Tree, hint: str) -> Element:
    """An object as an element. Raises BadInput MALFORMED for more than ELEMENTS_MAX values."""
    root = Element(name)
    todo, count = [(root, tree)], 0
    while todo:
        element, members = todo.pop()
        for member, value in members.items():
            for one in value if isinstance(value, list) else [value]:
                if one is None:
                    continue
                made = Element(member)
                element.children.append(made)
                count += 1
                if isinstance(one, dict):
                    todo.append((made, one))
                else:
                    made.text = _text(one)
        if count > ELEMENTS_MAX:
            raise malformed(f"More than {ELEMENTS_MAX:,} values", hint)
    return root


def _text(value: Any) -> str:
    """A text; a list within a list, which no schema has, as one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=str)[:200] if isinstance(value, list) else str(value)


def serialised(root: Element, library: Library, more: Tree) -> bytes:
    """The element as JSON, members in the order of the library; `more` stands at the end of the object."""
    return orjson.dumps(_object(root, root.name, library) | more, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _object(element: Element, kind: str, library: Library) -> Tree:
    made: Tree = {}
    for name, member in library.members(kind).items():
        values = [_object(one, member.type, library) if member.type else _scalar(one.text, member.facet) for one in element.all(name)]
        if values or member.empty:
            made[name] = values if member.repeats else values[0]
    return made


def _scalar(text: str, facet: Facet) -> Any:
    if facet.kind in ("number", "integer"):
        return orjson.Fragment(text)
    return text == "true" if facet.kind == "boolean" else text
