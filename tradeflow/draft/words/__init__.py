"""What a draft can compute. Every module of this package is imported; every function marked @word is a word.

A word gets the values found at each source of `of` (one list each) and the row's `args`; None means that nothing can be said.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

Values = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Word:
    """One computation: `text` says in a few words what a person reads as the origin of the value."""

    name: str
    call: Callable[..., Any]
    text: str
    sources: tuple[int, int]
    args: frozenset[str]


_words: dict[str, Word] = {}


def word(text: str, *, sources: tuple[int, int] = (1, 99)) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of (now, values, **args) a word; `sources` is how many entries `of` has at least and at most."""

    def mark(call: Callable[..., Any]) -> Callable[..., Any]:
        args = frozenset(list(inspect.signature(call).parameters)[2:])
        _words[call.__name__] = Word(call.__name__, call, text, sources, args)
        return call

    return mark


@cache
def words() -> Mapping[str, Word]:
    """All words by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_words)


Now = datetime
