"""Goods that need a licence: the rows of workflows/_common/goods.toml as rules and guards read them."""

import functools
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tradeflow.model.content import load


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the control list: the first digits of an HS code, under which scheme it is controlled and what has to be applied for."""

    hs: str
    scheme: str
    kind: str
    text: str


@functools.cache
def controls(roots: tuple[Path, ...], listing: str = "controlled") -> tuple[Control, ...]:
    """The rows of one list in all content roots; ContentError if one is not well formed."""
    return tuple(row for root in roots for row in _rows(root / "workflows" / "_common" / "goods.toml", listing))


def control(code: str, rows: Iterable[Control]) -> Control | None:
    """The row with the most digits that an HS or national code starts with, or None: these goods are free."""
    return max((row for row in rows if code.startswith(row.hs)), key=lambda row: len(row.hs), default=None)


def _rows(file: Path, listing: str) -> list[Control]:
    if not file.is_file():
        return []
    table = load(file)
    try:
        return msgspec.convert(table.data.get(listing, []), list[Control])
    except msgspec.ValidationError as error:
        raise table.defect(f"{listing}: {error}", listing) from error
