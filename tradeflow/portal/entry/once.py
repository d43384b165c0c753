"""What looks the same in every document is drawn once: fields, blocks in which nothing stands, patterns of new rows, lists of codes.

Templates draw each of them with marks where a name, a value or an origin goes, which are filled in for every page: a form of a bill of
lading has 570 fields, of which a few dozen are filled. What was found in a field is drawn anew. A party looks alike in every message.
"""

import functools
import re
import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from babel import Locale
from jinja2 import Environment
from markupsafe import Markup, escape

from tradeflow.codec.shape import Node
from tradeflow.draft import Origin
from tradeflow.language.catalogues import DEFAULT, translations
from tradeflow.model.catalogue import MessageType
from tradeflow.pdf.layout import layout
from tradeflow.portal.entry.lookups import listed
from tradeflow.portal.entry.view import ID, NAME, Blank, Block, Control, Drawing, dotted

KEPT_MAX = 4_000
VALUE, OFFSET, ORIGIN, LABEL = "\ue002", "\ue003", "\ue004", "\ue005"  # of the area for private use, as NAME and ID
_MARKS = re.compile(f"([{NAME}{ID}{OFFSET}{ORIGIN}{LABEL}]|{VALUE}[{VALUE}\n]*)")
_PARTS = ("any", "control", "input", "pattern_row", "origin_of")


@dataclass(frozen=True, slots=True)
class Mould:
    """A text with marks: at every second place one of them."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Mould":
        return cls(tuple(sys.intern(part[0] if n % 2 else part) for n, part in enumerate(_MARKS.split(text))))  # most stand in many

    def filled(self, marks: Mapping[str, str]) -> Markup:
        made = list(self.parts)
        made[1::2] = [marks[mark] for mark in made[1::2]]
        return Markup("".join(made))  # noqa: S704 - made by the templates, which escape; what is filled in is escaped before


class Drawer:
    """Draws for one language."""

    def __init__(self, environment: Environment) -> None:
        parts = {name: f'{{% from "entry.html" import {name} with context %}}{{{{ {name}(*given) }}}}' for name in _PARTS}
        self._parts = {name: environment.from_string(text) for name, text in parts.items()}
        self._kept: dict[Hashable, Mould] = {}
        self._origin = functools.lru_cache(KEPT_MAX)(self._origin_anew)

    def blank(self, item: Blank) -> Markup:
        """A block in which nothing stands."""

        def anew() -> str:
            made = Drawing(item.kind, {}, {}, ()).any(item.node, None, NAME, item.needed, whole=True)
            made.label = item.label
            return self._drawn("any", made)

        key = (item.node, _tables(item.kind, item.node), item.label, item.needed)
        return self._mould(key, anew).filled({NAME: item.name, ID: dotted(item.name)})

    def pattern(self, item: Block) -> Markup:
        """What a new row of a list is made from."""
        node, kind = item.node, item.kind
        assert node is not None, "lists know what their rows are"
        assert kind is not None, "and of which message"

        def anew() -> str:
            row = Drawing(kind, {}, {}, ()).pattern(node, NAME, item.column_names)
            return self._drawn("pattern_row", row, item.form, len(item.column_names))

        key = (node, _tables(kind, node), item.column_names, item.form)
        return self._mould(key, anew).filled({NAME: item.name, ID: dotted(item.name)})

    def whole(self, item: Control) -> Markup:
        """A field with its name."""
        return self._field(item, "control", item.label, "")

    def typed(self, item: Control, label: str) -> Markup:
        """The box of a field that has its name elsewhere; `label` is for those who do not see where."""
        return self._field(item, "input", "", label)

    def _field(self, item: Control, part: str, named: str, label: str) -> Markup:
        more = (label,) if label else ()
        like = _like(item)
        if like is None or item.findings:
            return Markup(self._drawn(part, item, *more))  # noqa: S704 - as above

        def anew() -> str:
            origin = Origin("mark", ORIGIN) if item.origin else None
            moulded = replace(item, name=NAME, value=like, offset=OFFSET if item.offset else "", origin=origin)
            return self._drawn(part, moulded, *((LABEL,) if label else ()))

        mould = self._mould((item.node, part, item.kind, named, item.needed, like, bool(item.offset), item.origin is not None), anew)
        marks = {NAME: item.name, ID: dotted(item.name), VALUE: escape(item.value), OFFSET: escape(item.offset), LABEL: escape(label)}
        if item.origin:
            origin = item.origin
            marks[ORIGIN] = self._origin(origin.kind, origin.text, origin.type, origin.number)
        return mould.filled(marks)

    def _origin_anew(self, kind: str, text: str, type_: str, number: str) -> str:
        return str(escape(Markup(self._drawn("origin_of", Origin(kind, text, type_, number))).striptags()))  # noqa: S704 - as above

    def _drawn(self, part: str, *given: Any) -> str:
        return self._parts[part].render(given=given)

    def _mould(self, key: Hashable, anew: Callable[[], str]) -> Mould:
        found = self._kept.get(key)
        if found is None:
            found = Mould.of(anew())
            if len(self._kept) >= KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found


def drawers(environment: Environment, language: str) -> dict[str, Callable[..., Markup]]:
    """The functions of templates, for one language."""
    made = Drawer(environment)
    return {
        "blank": made.blank,
        "pattern": made.pattern,
        "whole": made.whole,
        "typed": made.typed,
        "options_of": functools.partial(options_of, language),
    }


@functools.cache
def options_of(language: str, name: str) -> Markup:
    """What fields may hold, for a list that comes with the page; each code with what it means in the language."""
    gettext, locale = translations(language).gettext, Locale.parse(language)
    known: Mapping[str, str] = {"currency": locale.currencies, "country": locale.territories}.get(name, {}) if language != DEFAULT else {}
    meant = ((code, known.get(code) or gettext(text)) for code, text in listed(name))
    return Markup("").join(Markup('<option value="{}">{}</option>').format(code, text) for code, text in meant)


def _like(item: Control) -> str | None:
    """What stands for the value while a field is drawn for many values: the looks of a box depend on its lines, its length, its choice.

    None where the value is one of a kind.
    """
    if item.kind == "yesno":
        return item.value if item.value in ("", "true", "false") else None
    if item.kind == "select":
        known = item.node.codelist.values if item.node and item.node.codelist else {}
        return item.value if item.value in known or not item.value else None
    if item.kind == "area":
        return None if item.value.startswith("\n") else VALUE + "\n" * item.value.count("\n")
    usual = {"date": 10, "moment": 16}.get(item.kind, 1)
    short = {"date": (0, 10), "moment": (0, 16, 19)}.get(item.kind)
    return VALUE * usual if short is None or len(item.value) in short else VALUE


def _tables(kind: MessageType, node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What of the layout of a message decides how a node looks: the columns of the lists in it."""
    lists = _lists(node)
    return tuple((path, columns) for path, columns in layout(kind).tables if path.removesuffix("[]") in lists)


@functools.cache
def _lists(node: Node) -> frozenset[str]:
    own = {node.path.removesuffix("[]")} if node.repeats else set[str]()
    return frozenset(own).union(*(_lists(member) for member in node.members))
