"""Binding a row to the messages it is about: words and paths looked up once, so that checking only reads values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, get_args, get_origin

from tradeflow.model.catalogue import MessageType
from tradeflow.model.finding import Finding
from tradeflow.rules.paths import Both, Each, Path, Paths, Step, UnknownPath
from tradeflow.rules.places import Place, RuleContext, Scope
from tradeflow.rules.rows import Row
from tradeflow.rules.wording import plain
from tradeflow.rules.words import Fault, Faults, Word, optional, takes_many, vocabulary


@dataclass(frozen=True, slots=True)
class Rule:
    """A row ready to be checked against documents of one message type (or of several, by name)."""

    row: Row
    scope: Scope
    subject: Path | None
    when: tuple[tuple[Path | str, frozenset[Any]], ...]
    function: Callable[..., Faults]
    holds: Callable[..., bool] | None
    arguments: tuple[Any, ...]

    @property
    def id(self) -> str:
        return self.row.id

    def findings(self, context: RuleContext) -> Iterator[Finding]:
        """Everything the rule finds wrong in this context."""
        found: list[Finding] = []
        self.check(context, found)
        return iter(found)

    def check(self, context: RuleContext, found: list[Finding]) -> None:
        """Add everything the rule finds wrong in this context to `found`."""
        names = self.subject.names if self.subject is not None else ()
        function, holds, arguments, when = self.function, self.holds, self.arguments, self.when
        for place in context.places(self.scope):
            node = place.node
            for name in names:
                node = node.get(name)
                if node is None:
                    break
            else:
                if holds is not None and holds(node, *arguments):
                    continue
                if when and not all(_given(path, place) in values for path, values in when):
                    continue
                found += [self._finding(place, fault) for fault in function(place, *arguments)]

    def _finding(self, place: Place, fault: Fault) -> Finding:
        row = self.row
        message = f"{row.text} {fault.because}"
        pointer, other, found, expected = fault.pointer or _pointer(fault.at, place), fault.other, fault.found, fault.expected
        if fault.against is not None and fault.against.document != fault.at.document and not other:
            if place.context.named(fault.at.document) is place.context.document:
                other = _elsewhere(fault.against, place, _pointer(fault.against, place))
            else:  # what is wrong is told where it stands in the document the rule is about
                other = _elsewhere(fault.at, place, pointer)
                pointer, found, expected = _pointer(fault.against, place), fault.expected, fault.found
        return Finding(row.id, row.severity, pointer, message, row.hint, plain(found), plain(expected), other, row.source)


def _elsewhere(path: Path | Each, place: Place, pointer: str) -> str:
    document = place.context.named(path.document)
    return f"{document.type} {document.number}#{pointer}"


def _given(path: Path | str, place: Place) -> Any:
    """A value `when` asks for: at a path, or a term of the trade; "" where there is none, "present" for a list or group that is."""
    if isinstance(path, Path):
        value = path.of(place)
        if isinstance(value, (list, dict)):
            return "present" if value else ""
        return "" if value is None else value
    state = place.context.state
    return state.terms.get(path, "") if state else ""


def _pointer(path: Path | Each, place: Place) -> str:
    return (path.path if isinstance(path, Each) else path).pointer(place)


def bind(row: Row, messages: Mapping[str, MessageType]) -> Rule:
    """The rule of a row over the messages by document name ("" for the only one); UnknownPath or ContentError if it does not fit."""
    known = vocabulary().get(row.check)
    if known is None:
        raise row.defect(f"unknown check {row.check}")
    wrong = (row.args.keys() - known.arguments.keys()) | (known.required - row.args.keys())
    if wrong:
        takes = ", ".join(f"{name}{'' if name in known.required else ' (optional)'}" for name in known.arguments)
        raise row.defect(f"check {row.check} takes {takes or 'no arguments'}; unknown or missing: {', '.join(sorted(wrong))}")
    paths = Paths(messages)
    subject = _subject(row, known, paths)
    given = {name: _argument(row, name, known.arguments[name], value, paths) for name, value in row.args.items()}
    arguments = tuple(given[name] if name in given else known.defaults[name] for name in known.arguments)
    when = tuple((_condition(path, paths), frozenset(value if isinstance(value, list) else [value])) for path, value in row.when.items())
    first = next(iter(messages))
    scope = paths.scope or Scope(f"{first}:", first)
    return Rule(row, scope, None if known.even_if_absent else subject, when, known.function, known.holds, arguments)


def _subject(row: Row, known: Word, paths: Paths) -> Path | None:
    given = row.args.get(known.subject)
    if not known.subject or given is None:
        return None
    first = given[0] if isinstance(given, list) and given else given
    if not isinstance(first, str):
        raise row.defect(f"{known.subject} must be a path")
    if takes_many(known.arguments[known.subject]):
        return None  # a rule over a whole list is applied once, to the document
    return paths.subject(first)


def _condition(path: str, paths: Paths) -> Path | str:
    return path.removeprefix("trade:") if path.startswith("trade:") else paths.path(path)


def _argument(row: Row, name: str, hint: Any, value: Any, paths: Paths) -> Any:
    hint = optional(hint)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise row.defect(f"{name} must be a list")
        return tuple(_argument(row, name, get_args(hint)[0], element, paths) for element in value)
    if hint in (Path, Each, Both):
        if not isinstance(value, str):
            raise row.defect(f"{name} must be a path")
        return paths.both(value) if hint is Both else paths.path(value) if hint is Path else paths.each(value)
    if hint is Step and isinstance(value, str):
        return paths.step(value)
    if hint is Decimal:
        try:
            return Decimal(value) if isinstance(value, (str, int)) else Decimal("")
        except InvalidOperation:
            raise row.defect(f"{name} must be a number, written as a string") from None
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise row.defect(f"{name} must be {hint.__name__}")
    return value


__all__ = ["Rule", "UnknownPath", "bind"]
