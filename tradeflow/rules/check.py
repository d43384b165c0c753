"""All defects of rule content at once, for `tradeflow check`."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import TypeVar

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.model.goods import controls
from tradeflow.rules.binding import Rule
from tradeflow.rules.cross import bound, cross_files, cross_rule
from tradeflow.rules.evaluate import attach, bind_own
from tradeflow.rules.rows import Row, rows, shared_files

T = TypeVar("T")


def check_rules(known: Catalogue | None = None) -> list[ContentError]:
    """Every row that is not well formed, fits no message, stands twice, or names an unknown word, argument, path, message or document."""
    known = known or catalogue()
    found: list[ContentError] = []
    shared = _read(found, shared_files(known.roots))
    attached: set[tuple[str, int]] = set()
    for message in (known.message(id) for id in known.ids()):
        own = _read(found, [message.folder / "rules.toml"])
        made = _made(found, [*((row, attach) for row in shared), *((row, bind_own) for row in own)], message)
        attached |= {(row.file, row.line) for row in made}
        found += _twice(made, message)
    broken = {(error.file, error.line) for error in found}
    found += [row.defect("it applies to no message") for row in shared if (row.file, row.line) not in attached | broken]
    _try(found, partial(controls, known.roots))
    crossing = _read(found, cross_files(known.roots))
    for row in crossing:
        _check_cross(found, row, known)
    return list({str(error): error for error in found}.values())


def _read(found: list[ContentError], files: Iterable[Path]) -> list[Row]:
    return [row for file in files if file.exists() for row in _try(found, partial(rows, file)) or ()]


def _made(
    found: list[ContentError], wanted: list[tuple[Row, Callable[[Row, MessageType], Rule | None]]], message: MessageType
) -> list[Row]:
    return [row for row, binder in wanted if _try(found, partial(binder, row, message)) is not None]


def _twice(made: list[Row], message: MessageType) -> list[ContentError]:
    first: dict[str, Row] = {}
    found = []
    for row in made:
        if row.id in first:
            found.append(row.defect(f"{message.id} has this rule already, from {first[row.id].file}:{first[row.id].line}"))
        first.setdefault(row.id, row)
    return found


def _check_cross(found: list[ContentError], row: Row, known: Catalogue) -> None:
    rule = _try(found, partial(cross_rule, row, known))
    if rule is None:
        return
    for types in product(*rule.types.values()):
        _try(found, partial(bound, rule, types, known))


def _try(found: list[ContentError], make: Callable[[], T]) -> T | None:
    try:
        return make()
    except ContentError as error:
        found.append(error)
        return None
