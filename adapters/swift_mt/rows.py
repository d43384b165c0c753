"""Rows as they stand in formats/swift_mt.toml, compiled: a field as people write it, with the paths of the document where values go.

":32B:{amount.currency}{amount.value}" is a field; $ is a line end, [ ] may be left out, {a[]} is a list with a line to each
value, +{a[]} one with a plus sign before each; {a[b=c].d} is of the first element, where its b is c, and {_} text without a place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as field_
from pathlib import Path
from typing import Any

import tomli

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import MessageType
from tradeflow.model.format import Sheet

FACTS: dict[str, dict[str, str]] = tomli.loads((Path(__file__).parent / "directory.toml").read_text(encoding="utf-8"))
SINK = "_"  # text of a field that the document has no place for: read and reported, never written
_slot = re.compile(r"\{([a-z_0-9.]+(?:\[(?:\w+=\w+)?\][a-z_0-9.]*(?:\[\])?)?)(?:\|([a-z_0-9]+))?\}")
_row = re.compile(r":(\d{2}[A-Z]?):(.+)", re.DOTALL).fullmatch
_parts = re.compile(r"\{[^{}]*\}|\[|\]|\$|[^\[\]{}$]+")
# what a value of a scalar type looks like in a field
SHAPES = {"date": r"\d{6}", "decimal": r"\d{1,15},\d{0,10}", "integer": r"\d{1,15}", "boolean": r"[A-Z]+"}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the value of a path stands in a field."""

    path: str
    scalar: str
    codes: Mapping[str, str]
    shape: str
    between: str  # what stands between the values of a list: a line end, or that and a plus sign


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One field: the tag, and its parts in order; a part in brackets is a tuple of its own."""

    tag: str
    text: str
    form: str
    parts: tuple[Any, ...]
    pattern: re.Pattern[str]

    def slots(self) -> Iterator[Slot]:
        """Every path of the field."""
        yield from _slots(self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How one message of ours is written as one MT: for documents whose `field` has one of the values, where it matters."""

    message: MessageType
    number: str
    rows: tuple[Row, ...]
    aside: str
    sender: str
    receiver: str
    field: str = ""
    values: tuple[str, ...] = ()
    absent: Mapping[str, Any] = field_(default_factory=dict)  # what a field that is not there says


class Compiler:
    """Makes the plans of a sheet, one for each MT; ContentError at the first row that cannot be."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._codes: dict[str, Mapping[str, str]] = sheet.table.data.get("codes", {})

    def plans(self) -> tuple[Plan, ...]:
        """The plan of every MT that the sheet names."""
        data = self._sheet.table.data
        return tuple(self._plan(one) for one in data.get("messages", ()))

    def _plan(self, data: Mapping[str, Any]) -> Plan:
        number = str(data.get("message", ""))
        if number not in FACTS["messages"]:
            raise self._sheet.defect(f"MT {number!r} is no message of adapters/swift_mt/directory.toml", "message")
        rows = [self._row(str(text), number) for text in data.get("rows", ())]
        aside = str(data.get("aside", ""))
        if aside and aside not in tags_of(number):
            raise self._sheet.defect(f"{aside} does not stand in MT {number}", aside)
        sender, receiver, field = (str(data.get(key, "")) for key in ("sender", "receiver", "field"))
        if wrong := next((path for path in (sender, receiver, field) if path and not self._sheet.message.field_at(path)), ""):
            raise self._sheet.defect(f"{self._sheet.message.id} has no field {wrong}", wrong)
        absent = dict(data.get("absent", {}))
        if wrong := next((path for path in absent if not self._sheet.message.field_at(path)), ""):
            raise self._sheet.defect(f"{self._sheet.message.id} has no field {wrong}", wrong)
        return Plan(self._sheet.message, number, tuple(rows), aside, sender, receiver, field, tuple(data.get("values", ())), absent)

    def _row(self, text: str, number: str) -> Row:
        match = _row(text)
        if not match:
            raise self._sheet.defect(f"{text!r} is no field", text[:12])
        tag, inside = match.groups()
        if tag not in tags_of(number):
            raise self._sheet.defect(f"field {tag} does not stand in MT {number}", text[:12])
        parts, _ = self._read(_parts.findall(inside), text)
        pattern = re.compile(_pattern(parts), re.DOTALL)
        return Row(tag, text, FACTS["fields"][tag], parts, pattern)

    def _read(self, tokens: list[str], text: str) -> tuple[tuple[Any, ...], list[str]]:
        made: list[Any] = []
        while tokens:
            part, *tokens = tokens
            if part == "[":
                inner, tokens = self._read(tokens, text)
                made.append(inner)
            elif part == "]":
                return tuple(made), tokens
            elif part.startswith("{"):
                made.append(self._slot(part, text, last=not tokens))
            else:
                made.append("\n" if part == "$" else part)
        return tuple(made), []

    def _slot(self, token: str, text: str, last: bool) -> Slot:
        match = _slot.fullmatch(token)
        if not match:
            raise self._sheet.defect(f"{text!r}: {token} is no place for a value", text[:12])
        path, codes = match.groups()
        if path == SINK:
            return Slot(path, "text", {}, ".+" if last else r"[^\n]+?", "\n")
        row = self._sheet.message.field_at(re.sub(r"\[\w+=\w+\]", "[]", path))
        if row is None or not row.scalar:
            raise self._sheet.defect(f"{text!r}: {self._sheet.message.id} has no field {path}", text[:12])
        if codes and codes not in self._codes:
            raise self._sheet.defect(f"{text!r}: no codes are called {codes}", text[:12])
        shape = SHAPES.get(row.scalar, r"[A-Z]{3}" if path.endswith("currency") else r".+" if last else r"[^\n]+?")
        if codes:
            shape = "|".join(re.escape(code) for code in sorted(self._codes[codes].values(), key=len, reverse=True))
        return Slot(path, row.scalar, self._codes.get(codes or "", {}), shape, "\n+" if f"+{token}" in text else "\n")


def tags_of(number: str) -> tuple[str, ...]:
    """Every field with its option that may stand in an MT, in its order."""
    places = (place.removesuffix("!") for place in FACTS["messages"][number].split())
    return tuple(place[:2] + option for place in places for option in place[2:].split("/"))


def needed(number: str) -> list[tuple[str, ...]]:
    """The fields that an MT must have, each with its options."""
    places = (place.removesuffix("!") for place in FACTS["messages"][number].split() if place.endswith("!"))
    return [tuple(place[:2] + option for option in place[2:].split("/")) for place in places]


def same_place(number: str, one: str, other: str) -> bool:
    """Whether two tags are options of one field of an MT."""
    places = (place.removesuffix("!") for place in FACTS["messages"][number].split())
    return any({one, other} <= {place[:2] + option for option in place[2:].split("/")} for place in places)


def check(sheet: Sheet) -> list[ContentError]:
    """The first defect of the rows of a message."""
    try:
        return [] if Compiler(sheet).plans() else [sheet.defect("there is no [[messages]] with rows")]
    except ContentError as defect:
        return [defect]


def _slots(parts: tuple[Any, ...]) -> Iterator[Slot]:
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, tuple):
            yield from _slots(part)


def _pattern(parts: tuple[Any, ...]) -> str:
    made = ""
    for part in parts:
        if isinstance(part, Slot):
            if part.between == "\n+" and made.endswith("\\+"):  # some banks write one text without plus signs
                made = f"{made[:-2]}(?:\\+)?"
            made += f"({part.shape})"
        else:
            made += f"(?:{_pattern(part)})?" if isinstance(part, tuple) else re.escape(part)
    return made
