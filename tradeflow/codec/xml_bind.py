"""Between XML elements and the tree of a message. Elements are lxml's, seen only through tag, text, attrib and iteration."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from tradeflow.codec import scalars
from tradeflow.codec.shape import NAMESPACE, Node, shape
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Tree

_integer = re.compile(scalars.INTEGER).fullmatch


def _whole(text: str) -> int | str:
    return int(text) if _integer(text := text.strip()) else text


def _truth(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.strip(), text)


_CONVERT: dict[str, Callable[[str], Any]] = {"integer": _whole, "boolean": _truth}


@dataclass(slots=True)
class Plan:
    """How one element is read: as the members of an object by tag, or as text through a conversion."""

    name: str
    repeats: bool
    convert: Callable[[str], Any] | None = None
    leaf: bool = False
    members: "dict[str, Plan]" = field(default_factory=dict)


def convert(node: Node, text: str) -> Any:
    """Element text as JSON would carry it: whole numbers and truth values become so, all else stays text."""
    known = _CONVERT.get(node.scalar)
    return known(text) if known else text


@functools.cache
def plan(mt: MessageType) -> Plan:
    """The reading plan of one message type."""
    made = _plan(shape(mt))
    made.members[tag("ext")] = Plan("ext", False)
    return made


@functools.cache
def _plan(node: Node) -> Plan:
    if node.scalar:
        return Plan(node.name, node.repeats, _CONVERT.get(node.scalar), leaf=True)
    return Plan(node.name, node.repeats, members={tag(member.element): _plan(member) for member in node.members})


def tag(name: str) -> str:
    """The name of an element of ours in Clark notation."""
    return f"{{{NAMESPACE}}}{name}"


def read(element: Any, how: Plan) -> Tree:
    """The tree of an element that is valid against its schema."""
    data: Tree = {}
    members = how.members
    for child in element:
        below = members[child.tag]
        if below.leaf:
            value: Any = child.text or ""
            if below.convert is not None:
                value = below.convert(value)
        else:
            value = read(child, below) if below.members else read_ext(child)
        if not below.repeats:
            data[below.name] = value
        elif below.name in data:
            data[below.name].append(value)
        else:
            data[below.name] = [value]
    return data


def read_ext(element: Any) -> Tree:
    """The `ext` member: one entry per name."""
    return {entry.get("name").strip(): entry.text or "" for entry in element}


def lines(mt: MessageType, data: Tree) -> Iterator[str]:
    """The XML of a document's data, one string per line, two spaces per level, without declaration."""
    yield f'<{mt.id} xmlns="{NAMESPACE}">'
    yield from _members(shape(mt).members, data, "  ")
    if "ext" in data:
        yield "  <ext>"
        yield from (f'    <entry name="{name}">{escape(text, quote=False)}</entry>' for name, text in sorted(data["ext"].items()))
        yield "  </ext>"
    yield f"</{mt.id}>"


def _members(members: tuple[Node, ...], data: Tree, indent: str) -> Iterator[str]:
    for node in members:
        if node.name in data:
            value, name = data[node.name], node.element
            for one in value if node.repeats else (value,):
                if node.scalar:
                    yield f"{indent}<{name}>{escape(_text(one), quote=False)}</{name}>"
                else:
                    yield f"{indent}<{name}>"
                    yield from _members(node.members, one, indent + "  ")
                    yield f"{indent}</{name}>"


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if type(value) is int else scalars.text_of(value)
