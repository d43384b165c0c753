"""What a role sees of a trade: the rows of visibility.toml and kinds.toml, resolved to paths of messages."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Field, MessageType, catalogue

ALL = "*"
NESTING_MAX = 6


class Redact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"but": "except"}):
    """One thing withheld: `text` is what people read; the rest says from which messages, which fields, and when not."""

    text: str
    messages: tuple[str, ...] = (ALL,)
    but: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    payables: tuple[str, ...] = ()
    unless: str = ""

    def concerns(self, message: str) -> bool:
        """Whether the row takes anything from this message type."""
        return not self.payables and _named(self.messages, message) and not _named(self.but, message)


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths that belong to a kind in some messages."""

    messages: tuple[str, ...]
    paths: tuple[str, ...]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of fields, by type, by the last part of the path, by groups of paths, and by other kinds."""

    text: str
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    fields: tuple[Group, ...] = ()


class Sight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one role sees."""

    states: tuple[str, ...]
    messages: tuple[str, ...]
    redact: tuple[Redact, ...]

    def region(self, key: str) -> bool:
        """Whether the role sees the state of "instance.region"."""
        instance, _, region = key.partition(".")
        process = instance.partition("#")[0]
        return process in self.states or f"{process}.{region}" in self.states


@functools.cache
def sights() -> Mapping[str, Sight]:
    """What every role sees, by role. It is the hub's rule of today, also for trades that began under older tables."""
    return {role: msgspec.convert(row, Sight) for role, row in machine().content["visibility"].items()}


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """The kinds of fields, by name."""
    return {name: msgspec.convert(row, Kind) for name, row in machine().content["kinds"].items()}


@functools.cache
def sees_type(role: str, message: str) -> bool:
    """Whether a role may read all documents of this type, not only those it sent or got."""
    sight = sights().get(role)
    return sight is not None and (message in sight.messages or role in catalogue().message(message).visible_to)


@functools.cache
def paths_of(row: Redact, message: str) -> frozenset[str]:
    """The paths of a message that a row withholds; "*" for all of it."""
    if not row.concerns(message):
        return frozenset()
    if ALL in row.fields:
        return frozenset((ALL,))
    type_ = catalogue().message(message)
    own = {path for path in row.fields if exists(type_, path)}
    if row.only:
        return frozenset({field.path for field in type_.fields if not within(field.path, row.only)} - {"document.number"})
    return frozenset(own.union(*(_of_kind(kinds()[name], type_) for name in row.kinds)))


def _of_kind(kind: Kind, type_: MessageType) -> set[str]:
    found = {path for path, field in _walk(type_.fields, type_) if field.object in kind.types or _last(path) in kind.names}
    for group in kind.fields:
        if _named(group.messages, type_.id):
            found |= {path for path in group.paths if exists(type_, path)}
    return found.union(*(_of_kind(kinds()[name], type_) for name in kind.kinds))


def _walk(fields: Iterable[Field], type_: MessageType, before: str = "", depth: int = 0) -> Iterator[tuple[str, Field]]:
    for field in fields:
        path = before + field.path
        yield path, field
        if field.object and depth < NESTING_MAX:
            yield from _walk(type_.catalogue.types[field.object], type_, f"{path}.", depth + 1)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _named(patterns: Iterable[str], message: str) -> bool:
    return any(fnmatchcase(message, pattern) for pattern in patterns)


def exists(type_: MessageType, path: str) -> bool:
    """Whether a message has a field at this path, or fields below it."""
    return any(p == path or p.startswith(f"{path}.") for p, _ in _walk(type_.fields, type_))


def within(path: str, outer: Iterable[str]) -> bool:
    """Whether a path is one of these, or lies below one of them."""
    return any(one in (ALL, path) or path.startswith(f"{one}.") for one in outer)


def common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """What both withhold: a party in two roles sees what either sees."""
    return frozenset({p for p in one if within(p, other)} | {p for p in other if within(p, one)})


def holds(unless: str, roles: Iterable[str], terms: Mapping[str, Any], addressed: bool, data: Mapping[str, Any]) -> bool:
    """Whether the exception of a row is given, so that it does not apply."""
    if unless == "addressed":
        return addressed
    name, equals, value = unless.partition("=")
    if not equals:
        return unless in roles
    return str(terms.get(name.removeprefix("term:")) if name.startswith("term:") else data.get(name)) == value
