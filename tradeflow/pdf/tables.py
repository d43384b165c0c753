"""Lists as tables: short values in columns, all else below its line, so that nothing is left out and nothing is squeezed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from tradeflow.codec.shape import Node
from tradeflow.pdf.reader import HAN_PER_LINE, named, width, with_value
from tradeflow.pdf.values import SEPARATOR, Withheld, inline, label

COLUMNS_MAX = 7
COLUMN_CHARACTERS_MAX = 90  # longer values stand below the line, unless the layout asks for a column
LABEL_CHARACTERS_MAX = 16  # of one line of the heading of a column
MEASURED = ("Amount", "Quantity", "Measure")
NUMBERS = ("integer", "decimal", "percent")
COMPACT = ("Amount", "Quantity", "Measure", "Location", "DocumentReference", "Party", "Bank", "Package", "Period")
_HAN = re.compile(rf"[^\u3000-\u9fff]+|[\u3000-\u9fff（）]{{1,{HAN_PER_LINE}}}")
Json = dict[str, Any]


def table(node: Node, title: str, rows: Sequence[Any], columns: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Json:
    """The block of a list of objects; `columns` are paths within its elements, chosen by what there is where none are given."""
    members = {member.name: member for member in node.members}
    rows = [_once(node, row) for row in rows]
    shown = [name for name in columns if any(_has(row, name) for row in rows)] or _chosen(node, rows)
    texts = [[inline(members[name], row[name]) if _has(row, name) else "" for name in shown] for row in rows]
    below = [_below(members, row, shown) for row in rows]
    own = labels or {}
    titles = [named(own[name]) if name in own else label(members[name]) for name in shown]
    heads = [_head(title, members[name], texts, n) for n, (name, title) in enumerate(zip(shown, titles, strict=True))]
    if not any(head["wide"] for head in heads):  # the words take what is left, so that figures stand beside each other
        _widest(heads, texts)["wide"] = 1
    return {"kind": "table", "title": title, "columns": heads, "rows": [list(one) for one in zip(texts, below, strict=True)]}


def _once(node: Node, row: Any) -> Any:
    """A row whose packages do not say again what the row says: the same weight, volume or marks."""
    if not isinstance(row, Mapping):
        return row
    said = {name: row[name] for name in ("gross_weight", "net_weight", "volume", "marks") if name in row}
    made = dict(row)
    for member in node.members:
        value = row.get(member.name)
        alone = value[0] if isinstance(value, list) and len(value) == 1 else value
        if member.type == "Package" and isinstance(alone, Mapping):
            kept = {name: one for name, one in alone.items() if name not in said or said[name] != one}
            made[member.name] = [kept] if isinstance(value, list) else kept
    return made


def _widest(heads: Sequence[Json], texts: Sequence[Sequence[str]]) -> Json:
    written = [n for n, head in enumerate(heads) if not head["right"]]
    return heads[max(written, key=lambda n: (max((width(row[n]) for row in texts), default=0), n)) if written else -1]


def _head(title: str, member: Node, texts: Sequence[Sequence[str]], n: int) -> Json:
    wide = _wide(member, texts, n)
    size = LABEL_CHARACTERS_MAX if not wide else 3 * LABEL_CHARACTERS_MAX
    return {"title": title, "label": list(_lines(title, size)), "right": _right(member), "wide": wide}


def _lines(title: str, size: int) -> Iterator[str]:
    """The lines of a heading: Chinese words have no spaces between them."""
    for line in wrap(title, size):
        for part in _HAN.findall(line) if width(line) > size else [line]:
            yield part.strip()


def _has(row: Any, name: str) -> bool:
    return isinstance(row, Mapping) and name in row


def _chosen(node: Node, rows: Sequence[Any]) -> list[str]:
    present = [m for m in node.members if any(_has(row, m.name) for row in rows)]
    fitting = [m for m in present if (m.scalar or m.type in COMPACT) and not m.repeats and _longest(m, rows) <= COLUMN_CHARACTERS_MAX]
    telling = next((m for m in present if m.scalar == "text" and m.required), None)
    if telling and telling not in fitting:  # what the line is about has a column, however long
        fitting = [m for m in present if m in fitting or m is telling]
    fitting = fitting or present[:1]
    if len(fitting) > COLUMNS_MAX:  # what a message must have comes first, then in the order of the definition
        first = sorted(fitting, key=lambda m: (not m.required, m.type not in MEASURED))[:COLUMNS_MAX]
        fitting = [m for m in fitting if m in first]
    return [m.name for m in fitting]


def _longest(member: Node, rows: Sequence[Any]) -> int:
    return max((width(inline(member, row[member.name])) for row in rows if _has(row, member.name)), default=0)


def _below(members: Mapping[str, Node], row: Any, shown: Sequence[str]) -> str:
    if isinstance(row, Withheld):
        return inline(next(iter(members.values())), row)
    left = ((member, row[name]) for name, member in members.items() if name in row and name not in shown)
    return SEPARATOR.join(with_value(label(member), inline(member, value)) for member, value in left)


def _right(member: Node) -> bool:
    return member.scalar in NUMBERS or member.type in MEASURED


def _wide(member: Node, texts: Sequence[Sequence[str]], n: int) -> float:
    """The share of the width of a column that may wrap; 0 for one that is as wide as what stands in it."""
    longest = max((width(row[n]) for row in texts), default=0)
    word = max((len(part) for row in texts for part in row[n].split()), default=0)
    if longest <= 18 or (_right(member) and longest <= 22):
        return 0
    return min(max(longest / 14, word / 8, 1.5), 5)
