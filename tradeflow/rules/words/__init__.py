"""The vocabulary of rules: every function marked @word in a module of this package is a word a row may name.

A word is a generator `(place, **arguments) -> Faults`. The annotations of its arguments say what a row must give:
Path (one value), Each (values, perhaps through lists), Both (one path that all documents of the rule share), Step (a
stage of business that documents stand for), tuples of these,
str, int, bool, Decimal (written as a string) and tuple[str, ...]. The first argument that is a path is the subject. A word is
applied only where its subject is present, unless it is declared with `even_if_absent`. A word declared with `holds`, a test of
the subject's value and the arguments, is asked only where that test fails, to say why.
"""

import functools
import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import (
    Any,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from tradeflow.rules.paths import Both, Each, Path


class Fault(NamedTuple):
    """What a word found wrong: where, both values, and why in words. `pointer` replaces the path's own where it goes through lists."""

    at: Path | Each
    found: Any
    expected: Any
    because: str
    against: Path | Each | None = None
    pointer: str = ""
    other: str = ""


Faults: TypeAlias = Iterator[Fault]


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its function and what a row must and may give it."""

    name: str
    function: Callable[..., Faults]
    arguments: Mapping[str, Any]
    defaults: Mapping[str, Any]
    subject: str
    even_if_absent: bool
    holds: Callable[..., bool] | None

    @property
    def required(self) -> frozenset[str]:
        """The arguments a row must give."""
        return frozenset(self.arguments.keys() - self.defaults.keys())

    @property
    def promise(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


_WORDS: dict[str, Word] = {}


def word(
    name: str, *, even_if_absent: bool = False, holds: Callable[..., bool] | None = None
) -> Callable[[Callable[..., Faults]], Callable[..., Faults]]:
    """Add a function to the vocabulary under `name`."""

    def add(function: Callable[..., Faults]) -> Callable[..., Faults]:
        if name in _WORDS:
            raise ValueError(f"two words are named {name}")
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        arguments = {p.name: hints[p.name] for p in parameters}
        defaults = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        subject = next((p.name for p in parameters if paths_in(hints[p.name])), "")
        _WORDS[name] = Word(name, function, arguments, defaults, subject, even_if_absent, holds)
        return function

    return add


def paths_in(hint: Any) -> bool:
    """Whether an argument of this type takes paths."""
    return hint in (Path, Each, Both) or any(paths_in(part) for part in get_args(hint))


def takes_many(hint: Any) -> bool:
    """Whether an argument of this type stands for many values at once."""
    return hint in (Each, Both) or any(takes_many(part) for part in get_args(hint))


def optional(hint: Any) -> Any:
    """The type of an argument without its `| None`."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


@functools.cache
def vocabulary() -> Mapping[str, Word]:
    """All words by name, from every module of this package."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return _WORDS
