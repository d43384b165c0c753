"""The library of UBL: which element stands in which, where, and of which type."""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path


@functools.cache
def _lines() -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((Path(__file__).parent / "library.toml").read_text(encoding="utf-8"))
    return found


def is_document(name: str) -> bool:
    """Whether there is such a document or aggregate."""
    return name in _lines()


@functools.cache
def order(kind: str) -> Mapping[str, tuple[int, str]]:
    """Child -> its place in a type, and its own type; "" for a basic component."""
    made = {}
    for place, word in enumerate(_lines()[kind].split()):
        name, _, type_ = word.removesuffix("*").partition(":")
        made[name] = (place, type_)
    return made
