"""Paths of a rule: where in a document (or in one of several) its values stand.

    terms.incoterm                a value of the document
    lines[].quantity              the value in every line: the rule is applied to each line
    <Party>.lei                   in every value of a shared type, wherever the message has one; <date> for scalars, <A|B> for several
    packing_list:totals.packages  in the document of that type (rules across documents)

The first path of a rule is its subject and sets the scope: the list elements (or values of a type) the rule is applied
to one by one. The other paths are read beside the subject where they share its list, and from the top of the document
where they do not.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tradeflow.model.catalogue import SCALARS, Catalogue, Field, MessageType
from tradeflow.model.document import Document, DocumentSet
from tradeflow.rules.places import Place, Scope

WHOLE = "trade"  # the name of the newest document where a rule is over all documents of a trade
_STEP = re.compile(r"(?P<type>[a-z_0-9]+)(?:\((?P<member>[a-z_.]+)=(?P<value>\w+)\))?:(?P<path>[a-z_.]+)")
_PATH = re.compile(r"(?:(?P<document>[a-z_0-9]+):)?(?P<type><[A-Za-z|]+>)?\.?(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path to at most one value. `up` says how many enclosing places it starts from; -1 is the top of a document."""

    text: str
    document: str
    up: int
    names: tuple[str, ...]
    kind: str

    @property
    def label(self) -> str:
        """The path as a person is told it: the members below the line, party ... it is read in, after the document's name."""
        members = ".".join(self.names) or self.text
        return f"{self.document} {members}" if self.document else members

    def of(self, place: Place) -> Any:
        """The value at this path as seen from a place, or None where any member is absent."""
        node = place.node if self.up == 0 else self._start(place).node
        for name in self.names:
            node = node.get(name)
            if node is None:
                return None
        return node

    def pointer(self, place: Place) -> str:
        """The JSON Pointer of this path as seen from a place."""
        return self._start(place).pointer + "".join(f"/{name}" for name in self.names)

    def _start(self, place: Place) -> Place:
        if self.up < 0:
            return place.context.top(self.document)
        for _ in range(self.up):
            assert place.outer is not None
            place = place.outer
        return place


@dataclass(frozen=True, slots=True)
class Each:
    """A compiled path to any number of values: it may go through lists below the scope of its rule."""

    path: Path
    lists: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        return self.path.text

    @property
    def document(self) -> str:
        return self.path.document

    def values(self, place: Place) -> list[Any]:
        """Every value present, in document order; cheaper than `of` where no finding needs its pointer."""
        value = self.path.of(place)
        if value is None:
            return []
        found = [value]
        for names in self.lists:
            below = []
            for elements in found:
                for element in elements:
                    node = element
                    for name in names:
                        node = node.get(name)
                        if node is None:
                            break
                    else:
                        below.append(node)
            found = below
        return found

    def of(self, place: Place) -> Iterator[tuple[str, Any]]:
        """Every (JSON Pointer, value) present, in document order."""
        value = self.path.of(place)
        if value is None:
            return
        found = [(self.path.pointer(place), value)]
        for names in self.lists:
            found = [pair for pointer, elements in found for n, el in enumerate(elements) for pair in _dig(f"{pointer}/{n}", el, names)]
        yield from found


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of business that documents of some types stand for: "type:path" or "type(member=value):path", several joined by " or "."""

    text: str
    parts: tuple[tuple[str, str, str, str], ...]

    def of(self, docs: DocumentSet) -> Iterator[tuple[Any, Document, str]]:
        """Every value present in a set: the value, its document, and the path it stands at."""
        for type_, member, wanted, path in self.parts:
            for document in docs.of(type_):
                value = document.get(path)
                if value is not None and (not member or document.get(member) == wanted):
                    yield value, document, path


@dataclass(frozen=True, slots=True)
class Both:
    """One path in each of the documents of a rule, in the order the rule names them."""

    text: str
    paths: tuple[Path, ...]


def _dig(pointer: str, node: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in names:
        node = node.get(name)
        if node is None:
            return
        pointer = f"{pointer}/{name}"
    yield pointer, node


class UnknownPath(ValueError):
    """A path that the message does not define, or that leads to many values where one is wanted."""


class Paths:
    """Compiles the paths of one rule against the message (or messages, by document name) it is about."""

    def __init__(self, messages: Mapping[str, MessageType]) -> None:
        self.messages = messages
        self.scope: Scope | None = None

    def subject(self, text: str) -> Path:
        """Compile the first path: it sets the scope. UnknownPath if the message has no such path or no value of the type."""
        document, type_, rest = self._split(text)
        scope = self._type_scope(document, type_) if type_ else Scope(f"{document}:", document)
        head, last = _lists(rest)
        for names in head:
            scope = Scope(f"{scope.key}{'.' if scope.branches else ''}{'.'.join(names)}[]", document, ((scope, names, True),))
        self.scope = scope
        return Path(text, document, 0, last, self._kind(document, type_, rest, text))

    def path(self, text: str) -> Path:
        """Compile a path to one value; UnknownPath if it goes through a list the subject does not go through."""
        each = self.each(text)
        if each.lists:
            raise UnknownPath(f"{text} may stand for several values; only the first path of a rule may go through a list")
        return each.path

    def each(self, text: str) -> Each:
        """Compile a path to any number of values."""
        document, type_, rest = self._split(text)
        kind = self._kind(document, type_, rest, text)
        own = f"{document}:{type_}{'.' if type_ and rest else ''}{rest}"
        scope, up = self.scope, 0
        while scope is not None and scope.branches:
            if scope.document == document and (own == scope.key or own.startswith(scope.key + ".")):
                head, last = _lists(own[len(scope.key) + 1 :])
                steps = [*head, last]
                return Each(Path(text, document, up, steps[0], kind), tuple(steps[1:]))
            scope, up = scope.branches[0][0], up + 1
        if type_:
            raise UnknownPath(f"{text}: {type_} may stand only where the first path of the rule stands")
        head, last = _lists(rest)
        steps = [*head, last]
        return Each(Path(text, document, -1, steps[0], kind), tuple(steps[1:]))

    def both(self, text: str) -> Both:
        """Compile a path that every document of the rule has."""
        return Both(text, tuple(self.path(f"{name}:{text}" if name else text) for name in self.messages))

    def step(self, text: str) -> Step:
        """Compile a stage of business; UnknownPath where no message has it."""
        known, parts = next(iter(self.messages.values())).catalogue, []
        for one in text.split(" or "):
            match = _STEP.fullmatch(one)
            if match is None:
                raise UnknownPath(f"{one}: a step is type:path or type(member=value):path")
            type_, member, value, path = (match[name] or "" for name in ("type", "member", "value", "path"))
            if type_ not in known.ids():
                raise UnknownPath(f"{one}: unknown document {type_}")
            if missing := [name for name in (path, member) if name and known.message(type_).field_at(name) is None]:
                raise UnknownPath(f"{one}: {type_} has no such path {missing[0]}")
            parts.append((type_, member, value, path))
        return Step(text, tuple(parts))

    def _split(self, text: str) -> tuple[str, str, str]:
        """The document a path is in, its type in angle brackets (of several only those the message has) and the members after it."""
        match = _PATH.fullmatch(text)
        assert match is not None  # the pattern takes any text
        document, type_ = match["document"] or "", match["type"] or ""
        if document not in self.messages:
            raise UnknownPath(f"{text}: no document {document or 'without a name'} among the documents of this rule")
        if type_:
            message = self.messages[document]
            names = type_[1:-1].split("|")
            if unknown := [name for name in names if name not in SCALARS and name not in message.catalogue.types]:
                raise UnknownPath(f"{text}: no type {', '.join(unknown)}")
            present = [name for name in names if where(message, name)]
            if not present:
                raise UnknownPath(f"{type_}: {message.id} has no value of this type")
            type_ = f"<{'|'.join(sorted(present))}>"
        return document, type_, match["rest"]

    def _kind(self, document: str, type_: str, rest: str, text: str) -> str:
        message = self.messages[document]
        if type_ and not rest:
            return type_[1:-1]
        kinds = set()
        for name in type_[1:-1].split("|"):
            rows: tuple[Field, ...] = message.catalogue.types.get(name, ()) if type_ else (*message.catalogue.envelope, *message.fields)
            at = functools.partial(message.catalogue.field_of, name) if type_ else message.field_at
            row = at(rest) or at(rest + "[]")
            if row is None and not any(known.path.startswith(rest + ".") for known in rows):
                raise UnknownPath(f"{text}: {name or message.id} has no such path")
            kinds.add(row.scalar or row.object if row else "")
        return "|".join(sorted(kinds))

    def _type_scope(self, document: str, type_: str) -> Scope:
        root = Scope(f"{document}:", document)
        branches = []
        for path in (path for name in type_[1:-1].split("|") for path in where(self.messages[document], name)):
            outer = root
            head, last = _lists(path)
            for names in head if last else head[:-1]:
                outer = Scope(f"{outer.key}{'.' if outer.branches else ''}{'.'.join(names)}[]", document, ((outer, names, True),))
            branches.append((outer, last or head[-1], not last))
        return Scope(f"{document}:{type_}", document, tuple(branches))


def where(message: MessageType, type_: str) -> tuple[str, ...]:
    """Every path of a message at which a value of a shared or scalar type stands, envelope included."""
    return tuple(_places(message).get(type_, ()))


@functools.cache
def _places(message: MessageType) -> dict[str, list[str]]:
    """The paths of a message by the type of what stands there; walked once, for whatever type is asked for."""
    found: dict[str, list[str]] = {}
    for type_, path in _walk(message.catalogue, (*message.catalogue.envelope, *message.fields), ""):
        found.setdefault(type_, []).append(path)
    return found


def _walk(catalogue: Catalogue, rows: tuple[Field, ...], prefix: str) -> Iterator[tuple[str, str]]:
    for row in rows:
        path, inner = prefix + row.path, row.object
        yield inner or row.scalar, path
        if inner:
            yield from _walk(catalogue, catalogue.types[inner], f"{path}.")


def _lists(path: str) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """The members up to each list on a path, and those after the last one ("a.b[].c" -> [("a", "b")], ("c",))."""
    *head, last = path.split("[]")
    return [tuple(part.strip(".").split(".")) for part in head], tuple(part for part in last.strip(".").split(".") if part)
