"""What the message type has no place for: in free text of a kind that partners have agreed on, so that a document arrives whole.

FTX+ZZZ++TDF::ZZZ holds "pointer=value" for every such field, one after the other, over as many segments as it takes.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from tradeflow.adapters.edifact.structure import Group
from tradeflow.adapters.edifact.syntax import Segment
from tradeflow.adapters.edifact.values import typed

from tradeflow.model.catalogue import MessageType
from tradeflow.model.pointers import path_of, put

TAG, HEAD = "FTX", [["ZZZ"], [""], ["TDF", "", "ZZZ"]]
COMPONENTS, LENGTH = 5, 512
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "|": "\\p"}
_unsafe = re.compile(r"[\\\n\t|]")
_BACK = {written: sign for sign, written in _ESCAPES.items()}


def is_aside(segment: Segment) -> bool:
    """Whether a segment is one of these."""
    return bool(segment.tag == TAG and segment.value(0) == "ZZZ" and segment.value(2) == "TDF" and segment.value(2, 2) == "ZZZ")


def set_aside(root: Group, fields: list[tuple[str, Any]]) -> set[str]:
    """Put the fields into free text at the head of the message, or in its first group that has some; those that found no room."""
    root = _with_text(root)
    number = root.place.find(TAG)
    room = root.place.members[number].often - len(root.of(number)) if number is not None else 0
    space, text, left = room * COMPONENTS * LENGTH, "", set()
    for pointer, value in fields:
        item = f"{pointer}={_unsafe.sub(lambda hit: _ESCAPES[hit[0]], _plain(value))}"
        if len(text) + len(item) + 1 > space:
            left.add(pointer)
        else:
            text += f"|{item}" if text else item
    parts = [text[n : n + LENGTH] for n in range(0, len(text), LENGTH)]
    for n in range(0, len(parts), COMPONENTS):
        assert number is not None
        root.put(number, Segment(TAG, [*HEAD, parts[n : n + COMPONENTS]]))
    return left


def _with_text(root: Group) -> Group:
    """The message itself, or the first group in it that has a place for free text."""
    groups = (one for number in sorted(root.held) for one in root.held[number] if isinstance(one, Group))
    return next((one for one in (root, *groups) if one.place.find(TAG) is not None), root)


def taken_back(segments: list[Segment], kind: MessageType, tree: dict[str, Any]) -> list[str]:
    """Put what the segments say into the tree; the items that lead nowhere."""
    text = "".join(part for segment in segments for part in (segment.elements[3] if len(segment.elements) > 3 else []))
    wrong = []
    for item in text.split("|") if text else []:
        pointer, sign, value = item.partition("=")
        plain = re.sub(r"\\[\\ntp]", lambda hit: _BACK[hit[0]], value)
        if not sign or not _set(kind, tree, pointer, plain):
            wrong.append(item[:60])
    return wrong


def _set(kind: MessageType, tree: dict[str, Any], pointer: str, text: str) -> bool:
    parts = pointer.split("/")[1:]
    path = path_of(pointer)
    row = kind.field_at(path)
    if row is None and not (parts[:1] == ["ext"] and len(parts) == 2):
        row = kind.field_at(path.removesuffix("[]") + "[]")
        if row is None:
            return False
    return put(tree, pointer, typed(row.scalar, text) if row else text)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
