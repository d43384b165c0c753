"""What looks the same in every document is drawn once: blocks in which nothing stands, and the patterns of new rows.

A form of a bill of lading has 570 fields, of which a few dozen are filled; drawing all of them anew for every page took five times as long.
"""

import functools
from collections.abc import Callable
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tradeflow.codec.shape import Node
from tradeflow.model.catalogue import MessageType
from tradeflow.portal.entry.read import BLANK
from tradeflow.portal.entry.view import Blank, Block, Drawing

KEPT_MAX = 8_000
_ANY = '{% from "entry.html" import any with context %}{{ any(item) }}'
_ROW = '{% from "entry.html" import pattern_row with context %}{{ pattern_row(row, form, columns) }}'


def drawers(environment: Environment) -> dict[str, Callable[[Any], Markup]]:
    """The functions `blank` and `pattern` of templates, for one language."""

    one, many = environment.from_string(_ANY), environment.from_string(_ROW)

    @functools.lru_cache(KEPT_MAX)
    def block(kind: MessageType, node: Node, at: str, label: str, needed: bool) -> str:
        item = Drawing(kind, {}, {}, ()).any(node, None, at, needed, whole=True)
        item.label = label
        return one.render(item=item)

    @functools.lru_cache(KEPT_MAX)
    def row(kind: MessageType, node: Node, at: str, columns: tuple[str, ...], form: str) -> str:
        made = Drawing(kind, {}, {}, ()).pattern(node, at, columns)
        return many.render(row=made, form=form, columns=len(columns))

    def blank(item: Blank) -> Markup:
        plain = _plain(item.name)
        return _placed(block(item.kind, item.node, plain, item.label, item.needed), plain, item.name)

    def pattern(item: Block) -> Markup:
        plain = _plain(item.name)
        assert item.node is not None, "lists know what their rows are"
        assert item.kind is not None, "and of which message"
        return _placed(row(item.kind, item.node, plain, item.column_names, item.form), plain, item.name)

    return {"blank": blank, "pattern": pattern}


def _plain(name: str) -> str:
    """The name with every index left open: what is drawn at it fits in every row."""
    return "/".join(BLANK if part.isdecimal() else part for part in name.split("/"))


def _placed(text: str, plain: str, name: str) -> Markup:
    if plain != name:
        text = text.replace(plain, name).replace(plain.replace("/", "."), name.replace("/", "."))
    return Markup(text)  # noqa: S704 - made by the templates, which escape
