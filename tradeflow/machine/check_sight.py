"""Defects of visibility.toml and kinds.toml: roles without a row, messages, fields, kinds and exceptions that mean nothing."""

from collections.abc import Iterable
from fnmatch import filter as matching
from typing import Any

import msgspec

from tradeflow.machine.check_names import Names
from tradeflow.machine.sight import ALL, Kind, Redact, exists
from tradeflow.machine.source import Source, Sources

SEES = {"states", "messages", "redact"}


def check_sight(sources: Sources, names: Names) -> None:
    """Report every defect of what roles see."""
    known = {name: _kind(source, name, row, names) for source, name, row in sources.rows("kinds")}
    for source, name, kind in ((source, name, known[name]) for source, name, _ in sources.rows("kinds")):
        for other in kind.kinds if kind else ():
            if other not in known:
                source.report(source.table(name), f"kind {name}: unknown kind {other}")
    for source, role, row in sources.rows("visibility"):
        line = source.table(role)
        names.role(source, line, role, "visibility")
        if not isinstance(row, dict) or row.keys() != SEES:
            source.report(line, f"visibility of {role}: needs {', '.join(sorted(SEES))} and nothing else")
            continue
        for message in row["messages"]:
            names.message(source, source.line("messages =", line), message, f"visibility of {role}")
        for region in row["states"]:
            if not names.is_region(region, sources):
                source.report(source.line("states =", line), f"visibility of {role}: there is no region {region}")
        for number, redact in enumerate(row["redact"]):
            _redact(source, _line_of(source, line, number), f"visibility of {role}", redact, known, names)
    if sources.shared["visibility"]:
        told = {role for _, role, _ in sources.rows("visibility")}
        for role in sorted(set(names.book.roles) - told):
            sources.shared["visibility"][0].report(1, f"visibility: nothing says what {role} sees")


def _line_of(source: Source, table: int, number: int) -> int:
    """The line of a redact row: rows stand one a line below `redact = [`."""
    return source.line("redact = [", table) + number + 1


def _redact(source: Source, line: int, what: str, row: Any, kinds: dict[str, Any], names: Names) -> None:
    try:
        made = msgspec.convert(row, Redact)
    except msgspec.ValidationError as error:
        source.report(line, f"{what}: {error}")
        return
    if not (made.fields or made.kinds or made.only or made.payables):
        source.report(line, f"{what}: {made.text!r} takes nothing away: name fields, only, kinds or payables")
    messages = _messages(source, line, what, made.messages, names)
    _messages(source, line, what, made.but, names)
    _paths(source, line, what, (*made.fields, *made.only), messages, names)
    for kind in made.kinds:
        if kind not in kinds:
            source.report(line, f"{what}: unknown kind {kind}")
    for payable in made.payables:
        if payable not in names.payables:
            source.report(line, f"{what}: unknown payable kind {payable}")
    name, equals, _ = made.unless.partition("=")
    if made.unless not in ("", "addressed") and not equals and made.unless not in names.book.roles:
        source.report(line, f"{what}: unless {made.unless} is neither addressed, a role, term:NAME=VALUE nor PATH=VALUE")
    if equals and not name.startswith("term:"):
        _paths(source, line, what, (name,), messages, names)


def _messages(source: Source, line: int, what: str, patterns: Iterable[str], names: Names) -> list[str]:
    found = []
    for pattern in patterns:
        hits = matching(names.book.ids(), pattern)
        if not hits:
            source.report(line, f"{what}: unknown message {pattern}")
        found += hits
    return found


def _paths(source: Source, line: int, what: str, paths: Iterable[str], messages: list[str], names: Names) -> None:
    types = [names.book.message(message) for message in messages]
    for path in paths:
        if types and path != ALL and not any(exists(type_, path) for type_ in types):
            source.report(line, f"{what}: no message it is about has a field {path}")


def _kind(source: Source, name: str, row: Any, names: Names) -> Kind | None:
    line = source.table(name)
    try:
        made = msgspec.convert(row, Kind)
    except msgspec.ValidationError as error:
        source.report(line, f"kind {name}: {error}")
        return None
    for type_ in made.types:
        if type_ not in names.book.types:
            source.report(line, f"kind {name}: unknown type {type_}")
    for group in made.fields:
        _paths(source, line, f"kind {name}", group.paths, _messages(source, line, f"kind {name}", group.messages, names), names)
    return made
