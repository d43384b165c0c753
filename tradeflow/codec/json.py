"""JSON: bytes to a tree of plain values. Decimals stay exact; what two readers could read differently is refused."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeflow.codec.malformed import malformed
from tradeflow.codec.wording import pointer_of
from tradeflow.model.document import Document, Tree

DEPTH_MAX = 64
VALUES_MAX = 100_000
_LITERAL_MAX = 40  # characters of a number; a legal one has at most 30
_strings = re.compile(rb'"(?:[^"\\\\]++|\\\\.)*+"?', re.DOTALL)
_constants = re.compile(_strings.pattern + rb"|(-?\b(?:NaN|Infinity)\b)", re.DOTALL)


class Oversized:
    """A number literal too long or too large to be worth reading; no schema accepts it."""

    def __init__(self, literal: str) -> None:
        self.literal = literal

    def __str__(self) -> str:
        return self.literal


class _ConstantError(Exception):
    pass


def parse(body: bytes) -> Tree:
    """The object in a JSON text (UTF-8, a byte order mark is skipped); BadInput MALFORMED with line and column or pointer.

    Refused: duplicate member names, NaN and Infinity, nesting deeper than 64, more than 100,000 values, anything after the object.
    """
    _bound_values(body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise malformed("The text is not UTF-8", body, error.start) from None
    doubles: list[tuple[Tree, str]] = []

    def members(pairs: list[tuple[str, Any]]) -> Tree:
        made = dict(pairs)
        if len(made) < len(pairs):
            doubles.append((made, _repeated([name for name, _ in pairs])))
        return made

    try:
        tree = json.loads(text, object_pairs_hook=members, parse_float=_number, parse_int=_integer, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise malformed(f"Not JSON: {error.msg.lower()}", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise malformed(f"Nested deeper than {DEPTH_MAX} levels") from None
    except _ConstantError as error:
        hit = next((m for m in _constants.finditer(body) if m[1]), None)
        raise malformed(f"{error} is not a number in JSON", body, hit.start() if hit else 0) from None
    if _deep(tree):
        raise malformed(f"Nested deeper than {DEPTH_MAX} levels")
    if doubles:
        owner, name = doubles[0]
        at = [*(_path_to(tree, owner) or ()), name]
        raise malformed(f"The member {pointer_of(at)} stands twice in one object", pointer=pointer_of(at))
    if not isinstance(tree, dict):
        raise malformed("The message must be a JSON object", line=1, column=1)
    return tree


def write(document: Document) -> bytes:
    """The canonical JSON of a document."""
    return document.canonical


def _bound_values(body: bytes) -> None:
    def values(text: bytes) -> int:
        return text.count(b",") + text.count(b"[") + text.count(b"{")

    if values(body) > VALUES_MAX:  # or so it seems, with those inside texts
        quotes = body.count(b'"') - body.count(b'\\"')
        if quotes > 4 * VALUES_MAX or values(_strings.sub(b"", body)) > VALUES_MAX:
            raise malformed(f"More than {VALUES_MAX:,} values")


def _deep(tree: Any) -> bool:
    level = [tree] if type(tree) in (dict, list) else []
    for _ in range(DEPTH_MAX):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _repeated(names: list[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _path_to(tree: Any, wanted: Tree) -> list[str | int] | None:
    if tree is wanted:
        return []
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, child in steps:
        below = _path_to(child, wanted)
        if below is not None:
            return [step, *below]
    return None


def _number(literal: str) -> Decimal | Oversized:
    if len(literal) > _LITERAL_MAX:
        return Oversized(literal)
    try:
        return Decimal(literal)
    except InvalidOperation:
        return Oversized(literal)


def _integer(literal: str) -> int | Oversized:
    return int(literal) if len(literal) <= _LITERAL_MAX else Oversized(literal)


def _constant(name: str) -> None:
    raise _ConstantError(name)
