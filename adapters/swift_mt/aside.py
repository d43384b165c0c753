"""What an MT has no field for: in the narrative field that its rows name, after /TDF/, so that a document arrives whole.

"/TDF/" and lines that go on with "//" hold "pointer=value" for every such field, apart by ;. What SWIFT cannot carry is written as %
and the two hexadecimal digits of each byte. What finds no room there is in block S, which banks' interfaces add to a message
and the network does not carry: between the hub and the interface a document is whole.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from tradeflow.adapters.swift_mt.text import X, Z

MARK, MORE = "/TDF/", "//"
_PLAIN = Z - frozenset("%;={")


def lines(fields: Iterable[tuple[str, str]], count: int, width: int, kind: str) -> tuple[list[str], set[str]]:
    """The lines that say these fields, and the pointers of those for which there is no room."""
    safe = (X if kind == "x" else Z) - frozenset("%;={")
    space = count * (width - len(MARK))
    text, left = "", set()
    closed: set[str] = set()  # lists of which an element was left out: what follows it would move up
    for unit, members in groupby(fields, key=lambda field: _unit(field[0])):
        whole = [(pointer, "".join(one if one in safe else _hidden(one) for one in value)) for pointer, value in members]
        item = ";".join(f"{pointer}={value}" for pointer, value in whole)
        above = unit.rpartition("/")[0]
        if kind == "x" or above in closed or len(text) + len(item) + 1 > space:  # the set x has no = and no %
            left |= {pointer for pointer, _ in whole}
            closed |= {above} if unit.rpartition("/")[2].isdecimal() else set()
        else:
            text += f";{item}" if text else item
    step = width - len(MARK)
    parts = [text[n : n + step] for n in range(0, len(text), step)]
    return [f"{MORE if n else MARK}{part}" for n, part in enumerate(parts)], left


def rest(fields: Iterable[tuple[str, str]]) -> str:
    """The same fields as block S has them: one line, in which only letters, digits and a few signs stand as they are."""
    return ";".join(f"{pointer}={''.join(one if one in _PLAIN else _hidden(one) for one in value)}" for pointer, value in fields)


def order(pointer: str) -> list[tuple[int, str]]:
    """The key by which fields are sorted so that every list is written in its order."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in pointer.split("/")]


def pairs(text: str) -> list[tuple[str, str]]:
    """What such a line says."""
    return [(pointer, unquote(value)) for pointer, _, value in (item.partition("=") for item in text.split(";"))] if text else []


def split(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text of a narrative field without what was set aside in it, and that."""
    own, mark, rest = f"\n{text}".partition(f"\n{MARK}")
    if not mark:
        return text, []
    joined = "".join(line.removeprefix(MORE) for line in rest.split("\n"))
    return own.removeprefix("\n"), pairs(joined)


def plain(value: Any) -> str:
    """A value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def typed(scalar: str, text: str) -> Any:
    """A text as a value of the scalar type, in the form that JSON has for it; the text itself where it is none."""
    if scalar == "integer" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if scalar == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _unit(pointer: str) -> str:
    """What is carried whole or not at all: an element of a list, a member of the document, one of the envelope or the header."""
    parts = pointer.split("/")
    head = 3 if parts[1] in ("message", "document") else 2
    return "/".join(parts[: head + 1] if len(parts) > head and parts[head].isdecimal() else parts[:head])


def _hidden(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())
