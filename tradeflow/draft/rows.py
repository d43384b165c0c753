"""Rows of draft.toml: where a message takes its values from. documents/_common/draft.toml holds those that several share.

A source is written "kind:rest":
  purchase_order:lines[].quantity   the newest document of this type, or of any type the alias names, that has the path
  same                              the newest document that has the same path with the same type
  here:lines[].line_amount          what the draft holds already
  ref:order                         a reference to the newest document of this type or alias
  refs:insurance_declaration        a reference to each of them, as the elements of a list
  role:exporter                     the party in this role: as documents describe it, else its card in the register
  me                                the party that the draft is for
  as                                the role it acts in
  mine:signature                    the newest document lodged by that party itself, of whatever type, that has the path
  trade:incoterm                    a term the trade was opened with
  me:name, role:insurer:name        one member of that party
  last:signature                    the same, among its documents of the same type
  required                          references to the documents that the credit, else the contract, asks for, with their originals
  asked:bill_of_lading:originals    what the credit, else the contract, asks of documents of this type
  every:vgm_declaration:container   what each document of this type has, as the elements of a list
  any:insurance_declaration:declaration_no   the same, in every shipment of the trade: for numbers that go on from one to the next
  hash:chain                        the hash of the newest document of this type or alias, without its envelope
  title:to_order                    of the bill that the party holds: to_order (mine, another's, nobody's), last_link, the bill itself
  clock:presentation_21d            when this clock runs out
"""

import functools
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.content import load

OF_TITLE = ("last_link", "to_order", "bill")
OF_TRADE = ("ref", "refs", "required", "trade", "clock", "hash", "every", "any", "asked", "title")
OF_PARTIES = ("role", "me", "as", "mine", "last")
SPECIAL = ("same", "here", *OF_PARTIES, *OF_TRADE)


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sources": "from"}, kw_only=True):
    """One row: the first of `sources` that has something fills `path`; `all` collects a list; `make` computes from `of`.

    `only` copies these members of an object; `value` is what stands there where nothing else says; `drop` leaves out what a more
    general row filled; `when` asks that a source has one of these values (as text, "" = nothing).
    """

    path: Annotated[str, Meta(min_length=1)]
    sources: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    make: str = ""
    of: tuple[str, ...] = ()
    args: dict[str, Any] = {}
    only: tuple[str, ...] = ()
    value: Any = None
    drop: bool = False
    when: dict[str, list[str]] = {}
    file: str = ""
    line: int = 0

    def defect(self, what: str) -> ContentError:
        """The content error for this row."""
        return ContentError(self.file, self.line, f"draft of {self.path}: {what}")


class Same(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What needs no row: shared types and paths that mean the same on every document, and those names that do not."""

    types: frozenset[str]
    paths: frozenset[str]
    never: frozenset[str]


class To(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets a document: the first of `who` that finds anybody (see `addressees.py`); `when` as in a row."""

    who: tuple[str, ...]
    when: dict[str, list[str]] = {}


class Sheet(msgspec.Struct, frozen=True):
    """The rows of one file."""

    fill: tuple[Row, ...] = ()
    to: tuple[To, ...] = ()  # whom a draft is addressed to, if they take part; nothing said: every role that could get it
    near: tuple[str, ...] = ()  # the country in which it happens: the first of these sources that is known, else the sender's
    whom: dict[str, tuple[To, ...]] = {}  # rows of `to` that several messages share
    alias: dict[str, tuple[str, ...]] = {}
    above: dict[str, dict[str, tuple[str, ...]]] = {}  # process -> fields, and of some the members, that hold within what carries it, too
    same: Same = Same(frozenset(), frozenset(), frozenset())


@functools.cache
def sheet(file: Path) -> Sheet:
    """The rows of a file, empty if there is none; ContentError at the first that is not well formed."""
    if not file.is_file():
        return Sheet()
    table = load(file)
    lines = [n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if re.match(r"\s*\{\s*path\s*=", text)]
    made = table.data.get("fill", [])
    if unknown := table.data.keys() - {"fill", "to", "near", "whom", "alias", "above", "same"}:
        raise table.defect(f"unknown key {', '.join(sorted(unknown))}", min(unknown))
    if not isinstance(made, list) or len(made) != len(lines):
        raise ContentError(str(file), 1, "fill is a list of rows, each on a line of its own")
    rows = []
    for body, line in zip(made, lines, strict=True):
        try:
            rows.append(msgspec.convert({**body, "file": str(file), "line": line}, Row))
        except msgspec.ValidationError as error:
            raise ContentError(str(file), line, f"draft of {body.get('path', '?')}: {error}") from error
    try:
        told = {"to": _to(table.data.get("to", ())), "whom": {k: _to(v) for k, v in table.data.get("whom", {}).items()}}
        rest = msgspec.convert({**{k: v for k, v in table.data.items() if k != "fill"}, **told}, Sheet)
    except msgspec.ValidationError as error:
        raise ContentError(str(file), 1, str(error)) from error
    return msgspec.structs.replace(rest, fill=tuple(rows))


def _to(rows: Any) -> list[Any]:
    """A row that is a text has no alternative and no condition."""
    return [{"who": [row]} if isinstance(row, str) else row for row in rows]


@functools.cache
def common(book: Catalogue) -> Sheet:
    """What all messages share: of the first content root that says something."""
    sheets = [sheet(root / "documents" / "_common" / "draft.toml") for root in book.roots]
    fill = tuple(row for one in sheets for row in one.fill)
    aliases = {name: types for one in reversed(sheets) for name, types in one.alias.items()}
    above = {process: fields for one in reversed(sheets) for process, fields in one.above.items()}
    whom = {name: rows for one in reversed(sheets) for name, rows in one.whom.items()}
    same = next((one.same for one in sheets if one.same.types), Same(frozenset(), frozenset(), frozenset()))
    return Sheet(fill, alias=aliases, above=above, whom=whom, same=same)
