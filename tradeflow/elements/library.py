"""The library of a format: which element stands in which, where, of which type, and what its text may be.

A file of facts. `[types]` (or the file itself) has a line for each type: its members in order, `Name` a text, `Name:Type` an
aggregate, `Name=value` a text of a kind under `[values]`; `+` one that must be there, `?` a list that must be there and may be
empty, `*` one that repeats, `*5` five times at most; `one(a|b)` says that exactly one of them is there, `any(a|b)` at least one.
A kind of text has `kind` (string, number, integer, boolean, date), `max`, `min`, `pattern`, `words`, `least`, `above`, `most`,
`digits` and `fraction`, as far as the schemas of the format say so.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

_MEMBER = re.compile(r"(?P<name>[\w.-]+)(?P<needed>[+?]?)(?::(?P<type>\w+)|=(?P<value>\w+))?(?P<repeats>\*?)(?P<most>\d*)")
_CHOICE = re.compile(r"(?P<how>one|any)\((?P<names>[\w|]+)\)")


@dataclass(frozen=True, slots=True)
class Facet:
    """What a text may be."""

    kind: str = "string"
    max: int = 0
    min: int = 0
    pattern: str = ""
    words: tuple[str, ...] = ()
    fraction: int = -1  # digits after the point, -1 for any
    digits: int = 0  # in all, 0 for any
    least: float | None = None
    above: float | None = None
    most: float | None = None

    def fault(self, text: str) -> str:
        """What is wrong with a text, "" for nothing."""
        if self.max and len(text) > self.max:
            return f"has more than {self.max} characters"
        if len(text) < self.min:
            return f"has fewer than {self.min} characters"
        if self.words and text not in self.words:
            return f"is none of {', '.join(self.words[:8])}"
        if self.pattern and not re.fullmatch(self.pattern, text):
            return f"does not match {self.pattern}"
        if self.kind in ("number", "integer") and (fault := self._number(text)):
            return fault
        if self.kind == "boolean" and text not in ("true", "false"):
            return "is neither true nor false"
        if self.kind == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return "is no date"
        return ""

    def _number(self, text: str) -> str:
        if self.kind == "integer" and not re.fullmatch(r"-?\d{1,15}", text):
            return "is no whole number"
        if not re.fullmatch(r"-?\d{1,18}(\.\d{1,10})?", text):
            return "is no number"
        value = float(text)
        if (self.least is not None and value < self.least) or (self.above is not None and value <= self.above):
            return "is too small"
        if self.most is not None and value > self.most:
            return f"is more than {self.most}"
        if self.digits and len(text.lstrip("-0.").replace(".", "")) > self.digits:
            return f"has more than {self.digits} digits"
        if self.fraction >= 0 and len(text.partition(".")[2]) > self.fraction:
            return f"has more than {self.fraction} digits after the point"
        return ""


TEXT = Facet()


@dataclass(frozen=True, slots=True)
class Member:
    """What may stand in an element of a type: its place, and its own type ("" for a text)."""

    place: int
    type: str
    facet: Facet = TEXT
    needed: bool = False
    repeats: bool = False
    most: int = 0  # how often at most; 0 for as often as one likes
    empty: bool = False  # a list that is there even where it is empty


@dataclass(frozen=True, slots=True)
class Choice:
    """Members of which exactly one, or at least one, is there."""

    exactly: bool
    names: tuple[str, ...]


class Library:
    """The facts of one format, from its file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @functools.cached_property
    def _data(self) -> Mapping[str, Any]:
        return tomli.loads(self._file.read_text(encoding="utf-8"))

    @functools.cached_property
    def _types(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self._data.get("types", self._data)
        return found

    @functools.cached_property
    def strict(self) -> bool:
        """Whether the facts say what must be there and what a text may be."""
        return "values" in self._data or any("+" in line for line in self._types.values())

    def has(self, name: str) -> bool:
        """Whether there is such a document or aggregate."""
        return name in self._types

    def members(self, kind: str) -> Mapping[str, Member]:
        """Name -> what it is, in their order."""
        return self._read(kind)[0]

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """The choices that a type leaves."""
        return self._read(kind)[1]

    @functools.cache  # noqa: B019 (a library lives as long as the process)
    def _read(self, kind: str) -> tuple[Mapping[str, Member], tuple[Choice, ...]]:
        members, choices = {}, []
        for place, word in enumerate(self._types[kind].split()):
            if choice := _CHOICE.fullmatch(word):
                choices.append(Choice(choice["how"] == "one", tuple(choice["names"].split("|"))))
            elif found := _MEMBER.fullmatch(word):
                facet = self._facet(found["value"]) if found["value"] else TEXT
                needed, repeats, most = found["needed"], bool(found["repeats"]), int(found["most"] or 0)
                members[found["name"]] = Member(place, found["type"] or "", facet, needed == "+", repeats, most, needed == "?")
            else:
                raise ValueError(f"{self._file}: {kind}: {word}")
        return members, tuple(choices)

    @functools.cache  # noqa: B019
    def _facet(self, name: str) -> Facet:
        said = dict(self._data["values"][name])
        return Facet(**{**said, "words": tuple(said.get("words", ()))})
