"""The words guards are written with. Every module of this package is imported; every function marked @word is a word.

A word is a function of a Case and plain arguments (str, int, bool, list of str) that answers with a Verdict.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from msgspec.structs import replace

from tradeflow.language.sentences import say
from tradeflow.model.finding import Finding, Severity

if TYPE_CHECKING:
    from tradeflow.machine.case import Case
    from tradeflow.model.document import Document


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, why, and what would make it hold."""

    holds: bool
    because: str
    unlock: str = ""
    findings: tuple[Finding, ...] = ()


def misstated(rule: str, path: str, found: Any, expected: Any, other: str = "") -> Finding:
    """What a guard found at a place of the message, beside what it expects there: told as a rule would tell it."""
    says = say(
        "%(path)s is %(found)s, expected %(expected)s.",
        path=path,
        found=_plain(found) or "not given",
        expected=_plain(expected) or "nothing",
    )
    pointer = "/" + path.replace(".", "/")
    return Finding(
        rule,
        Severity.ERROR,
        pointer,
        says,
        say("Say %(expected)s.", expected=_plain(expected)),
        _plain(found),
        _plain(expected),
        other,
        f"guard {rule}",
    )


def at_fault(rule: str, document: "Document", path: str, found: Any, expected: Any) -> Finding:
    """What a guard found in an earlier document of the trade, beside what would have let the message pass."""
    return replace(misstated(rule, path, found, expected), document=f"{document.type} {document.number}")


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int)) else f"{value:f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Word:
    """`reads`: document types it always looks at (arguments may name more); `state_only`: the state of the trade decides it."""

    name: str
    call: Callable[..., Verdict]
    reads: frozenset[str]
    reads_args: tuple[str, ...]
    state_only: bool
    text: str
    types: Mapping[str, Any]
    required: frozenset[str]

    def defects(self, args: Mapping[str, Any]) -> list[str]:
        """What is wrong with the arguments of a row that uses this word."""
        wrong = [f"{self.name} takes no argument {name}" for name in args if name not in self.types]
        wrong += [f"{self.name} needs {name}" for name in sorted(self.required - args.keys())]
        wrong += [
            f"{self.name}: {k} is not {_says(self.types[k])}" for k, v in args.items() if k in self.types and not _fits(v, self.types[k])
        ]
        return wrong


@dataclass(frozen=True, slots=True)
class Term:
    """A word with the arguments of one row."""

    word: Word
    args: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, case: "Case") -> Verdict:
        return self.word.call(case, **self.args)

    def documents(self) -> frozenset[str]:
        """The document types this term looks at besides the message itself."""
        named: set[str] = set()
        for name in self.word.reads_args:
            value = self.args.get(name, ())
            named.update([value] if isinstance(value, str) else value)
        return self.word.reads | named


_words: dict[str, Word] = {}


def word(
    *, reads: Iterable[str] = (), reads_args: Iterable[str] = (), state_only: bool = False
) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Make a function of (case, **args) a word of the guard vocabulary.

    `reads` are document types it looks at; `reads_args` names arguments that list more of them;
    `state_only` says that neither the message nor any document is needed.
    """

    def mark(call: Callable[..., Verdict]) -> Callable[..., Verdict]:
        name = call.__name__
        if name in _words:
            raise ValueError(f"two words are called {name}")
        parameters = list(inspect.signature(call).parameters.values())[1:]
        hints = {p.name: p.annotation for p in parameters}
        needed = frozenset(p.name for p in parameters if p.default is inspect.Parameter.empty)
        text = " ".join((call.__doc__ or "").split())
        _words[name] = Word(name, call, frozenset(reads), tuple(reads_args), state_only, text, hints, needed)
        return call

    return mark


@cache
def words() -> dict[str, Word]:
    """All words by name; importing the modules of this package registers them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_words)


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is list:
        return isinstance(value, list) and all(_fits(v, get_args(kind)[0]) for v in value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _says(kind: Any) -> str:
    return (
        "a list of text" if get_origin(kind) is list else {str: "text", int: "a whole number", bool: "true or false"}.get(kind, str(kind))
    )
