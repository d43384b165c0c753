"""What a browser sent as the fields of a document: back into its tree. What does not parse stays text, for the schema to say so."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tradeflow.codec.shape import Node, shape
from tradeflow.model.catalogue import MessageType

Tree = dict[str, Any]
OFFSET = "@"  # ends the name of the field that holds the offset of a time
BLANK = "-"  # the index of a row that is only a pattern for new ones
NUMBERED = ("line_no", "seq", "item_no")  # what rows are counted by: typed by nobody
MEASURED = frozenset({"Amount", "Quantity", "Measure"})  # a currency or unit without a value says nothing
DEPTH_MAX = 16
_INTEGER = re.compile(r"-?\d{1,15}")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_INDEX = re.compile(r"\d{1,5}")


@dataclass(slots=True)
class Entered:
    """A document as it was typed. `rows` says where a row stands in the form whose place is another in the document."""

    tree: Tree
    rows: dict[str, str] = field(default_factory=dict)

    def in_form(self, pointer: str) -> str:
        """The name of the field that a pointer into the document leads to."""
        best = max((one for one in self.rows if pointer == one or pointer.startswith(f"{one}/")), key=len, default="")
        return self.rows[best] + pointer[len(best) :] if best else pointer


def entered(kind: MessageType, fields: Iterable[tuple[str, str]]) -> Entered:
    """The document in the fields of a form."""
    given = [(name, value) for name, value in fields if name.startswith("/")]
    offsets = {name.removesuffix(OFFSET): value.strip() for name, value in given if name.endswith(OFFSET)}
    raw: Tree = {}
    root = shape(kind)
    for name, value in given:
        parts = name.split("/")[1:]
        if name.endswith(OFFSET) or BLANK in parts or len(parts) > DEPTH_MAX:
            continue
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if text and parts[0] == "ext" and len(parts) == 2:
            raw.setdefault("ext", {})[parts[1]] = text
        elif text and (node := _node(root, parts)) is not None:
            _put(raw, parts, scalar(node, text, offsets.get(name, "")))
    made = Entered({})
    made.tree = {
        name: one for name, value in raw.items() if (one := _closed(_member(root, name), value, f"/{name}", f"/{name}", made)) is not None
    }
    return made


def scalar(node: Node, text: str, offset: str = "") -> Any:
    """A value as JSON has it: what looks like it is parsed, everything else stays as it was typed."""
    if node.scalar == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if node.scalar == "integer":
        plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
        return int(plain) if _INTEGER.fullmatch(plain) else text
    if node.scalar in ("decimal", "percent"):
        return text.replace(",", "") if _GROUPED.fullmatch(text) else text.replace(" ", "").replace("\u00a0", "")
    if node.scalar == "datetime" and _LOCAL.match(text) and not re.search(r"(Z|[+-]\d\d:\d\d)$", text):
        return text + (":00" if len(text) == 16 else "") + (offset or "Z")
    return text


def _node(root: Node, parts: list[str]) -> Node | None:
    """The scalar that a name leads to, or None."""
    node, at = root, iter(parts)
    for part in at:
        found = _member(node, part)
        if found is None:
            return None
        node = found
        if node.repeats and not _INDEX.fullmatch(next(at, "")):
            return None
    return node if node.scalar else None


def _member(node: Node | None, name: str) -> Node | None:
    return next((member for member in node.members if member.name == name), None) if node else None


def _put(tree: Tree, parts: list[str], value: Any) -> None:
    """Lists are dicts by index for now: rows may have been taken out."""
    node = tree
    for part in parts[:-1]:
        node = node.setdefault(part, {})
    node[parts[-1]] = value


def _closed(node: Node | None, value: Any, form: str, made: str, into: Entered) -> Any:
    """The value with its lists closed up; None where nothing is left of it."""
    if node is None or not isinstance(value, dict):
        return value
    if node.repeats:
        left: list[Any] = []
        for index in sorted(value, key=int):
            here = f"{made}/{len(left)}"
            one = _object(node, value[index], f"{form}/{index}", here, into) if node.members else value[index]
            if one is None or (isinstance(one, dict) and set(one) <= set(NUMBERED)):
                continue
            if f"{form}/{index}" != here:
                into.rows[here] = f"{form}/{index}"
            left.append(one)
        _number(node, left)
        return left or None
    return _object(node, value, form, made, into)


def _object(node: Node, value: Any, form: str, made: str, into: Entered) -> Any:
    if node.type in MEASURED and "value" not in value:
        return None
    inside = {name: _closed(_member(node, name), one, f"{form}/{name}", f"{made}/{name}", into) for name, one in value.items()}
    return {name: one for name, one in inside.items() if one is not None} or None


def _number(node: Node, elements: list[Any]) -> None:
    """Rows that have no number get the next one."""
    names = [member.name for member in node.members if member.name in NUMBERED and member.scalar == "integer" and member.required]
    for name in names:
        last = 0
        for one in elements:
            last = one[name] if isinstance(one.get(name), int) else last + 1
            one.setdefault(name, last)
