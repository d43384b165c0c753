"""The HTML pages of the documentation. No script, nothing from another host."""

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from tradeflow.api import codes, described
from tradeflow.api.reference import reference
from tradeflow.machine.index import by_name, by_process, who
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import STANDARDS, Field, MessageType, catalogue
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import rules_of

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")
STATIC_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


def api_page(description: dict[str, Any]) -> bytes:
    """The reference of all operations."""
    return _page("reference.html", title="API reference", here="/docs", **reference(description))


@functools.cache
def errors_page() -> bytes:
    """Every code a problem may carry."""
    every = codes.every()
    process = [(name, code) for name, code in every.items() if name not in codes.HUB]
    groups = [("The trade and its documents", process), ("The request and the hub", list(codes.HUB.items()))]
    return _page("errors.html", title="Refusals", here="/docs/errors", groups=groups)


@functools.cache
def messages_page() -> bytes:
    """All message types in the order of a trade: process by process, each message where it is used."""
    kinds, processes = by_name(catalogue()), by_process(machine(), catalogue())
    return _page("messages.html", title="Messages", here="/docs/messages", count=len(kinds), kinds=kinds, groups=processes)


@functools.lru_cache(256)
def message_page(id: str) -> bytes:
    """One message type in full. Raises Missing UNKNOWN_MESSAGE."""
    kind = described.message_type(id)
    fields = _fields(kind)
    lists = {row.codelist for _, rows in fields for row in rows if row.codelist}
    return _page(
        "message.html",
        title=kind.name,
        here="",
        kind=kind,
        standards={STANDARDS.get(name, name): value for name, value in kind.standards.items()},
        fields=fields,
        codelists=[kind.catalogue.codelists[name] for name in sorted(lists)],
        rules=[rule.row for rule in rules_of(id)],
        crossing=[rule for rule in cross_rules() if any(id in types for types in rule.types.values())],
        uses=described.uses(kind),
        samples=described.samples(kind),
    )


def _fields(kind: MessageType) -> list[tuple[Markup, list[Field]]]:
    """The message's own rows, the envelope, and every shared type that occurs in them."""
    found = [(Markup("Content"), list(kind.fields)), (Markup("Envelope"), list(kind.catalogue.envelope))]
    seen: set[str] = set()
    wanted = [row.object for _, rows in found for row in rows if row.object]
    while wanted:
        name = wanted.pop(0)
        if name not in seen:
            seen.add(name)
            rows = list(kind.catalogue.types[name])
            found.append((Markup('<span id="type-{0}">{0}</span>').format(name), rows))
            wanted += [row.object for row in rows if row.object]
    return found


@functools.cache
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    prose = MarkdownIt("commonmark", {"html": False})
    made.filters["markdown"] = lambda text: Markup(prose.render(text))  # noqa: S704 - raw HTML in the text is escaped by the renderer
    made.filters["capitalised"] = lambda text: text[:1].upper() + text[1:]
    made.filters["role_names"] = _role_names
    made.filters["who"] = lambda ids: who(catalogue(), ids)
    return made


def _role_names(ids: Iterable[str]) -> list[str]:
    roles = catalogue().roles
    return [roles[id].name if id in roles else id for id in ids]


def _page(template: str, **values: Any) -> bytes:
    return _environment().get_template(template).render(**values).encode()
