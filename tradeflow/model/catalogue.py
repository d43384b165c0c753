"""The catalogue: every message as content in documents/<type>/message.toml, read when first asked for.

Listing the catalogue reads folder names only; a message costs one small file; what messages share is read once.
A defect in content raises ContentError with the file and the line to look at.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.model.codelists import CodeList
from tradeflow.model.content import Table, load

SCALARS = frozenset({"string", "text", "id", "code", "boolean", "integer", "decimal", "percent", "date", "datetime"})
SHORTHAND = {
    "amount": "Amount",
    "quantity": "Quantity",
    "measure": "Measure",
    "party": "Party",
    "bank": "Bank",
    "location": "Location",
    "signature": "Signature",
    "period": "Period",
}
STANDARDS = {
    "ubl": "OASIS UBL",
    "edifact": "UN/EDIFACT",
    "cefact": "UN/CEFACT",
    "swift": "SWIFT",
    "iata": "IATA",
    "dcsa": "DCSA",
    "wco": "WCO",
    "ktdde": "KTDDE",
    "uncl1001": "UNCL 1001",
}  # which a message names its nearest relatives in


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a message, block or type: a path, what a person calls it, and what may stand there."""

    path: str
    name: str
    type: str
    of: str = ""
    codelist: str = ""
    required: bool = False
    rule: str = ""

    @property
    def scalar(self) -> str:
        """The scalar type of the value (of each element of a list), or "" where it is an object."""
        kind = self.of if self.type == "list" else self.type
        return kind if kind in SCALARS else ""

    @property
    def object(self) -> str:
        """The name of the shared type of the value (of each element of a list), or "" where it is a scalar."""
        if self.scalar:
            return ""
        return self.of if self.type in ("object", "list") else SHORTHAND[self.type]


@dataclass(frozen=True, slots=True)
class Role:
    """One of the parts a party can play in a trade; `also` lists the names it bears in other rules and forms."""

    id: str
    name: str
    group: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MessageType:
    """One business message. `fields` are resolved (blocks first, a later path replaces an earlier) without the envelope."""

    id: str
    name: str
    schema_version: str
    known_as: str
    processes: tuple[int, ...]
    category: str
    from_roles: tuple[str, ...]
    to_roles: tuple[str, ...]
    visible_to: tuple[str, ...]
    action: str
    mode: str
    legal: str
    is_title_document: bool
    negotiable: bool
    replies: tuple[str, ...]
    uses: tuple[str, ...]
    notes: str
    standards: Mapping[str, str]
    fields: tuple[Field, ...]
    folder: Path
    catalogue: "Catalogue" = field(repr=False)

    def field_at(self, path: str) -> Field | None:
        """The row that defines a path of the whole message ("lines[].quantity.value", "message.id"), or None.

        A path that names a group of rows ("totals") has no row of its own: None.
        """
        return self.catalogue.row_at(self._by_path, path)

    @functools.cached_property
    def _by_path(self) -> dict[str, Field]:
        return {row.path: row for row in (*self.fields, *self.catalogue.envelope)}


class Catalogue:
    """Messages and what they share, from one or more content roots; a later root may add but never override."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = tuple(roots)
        self._messages: dict[str, MessageType] = {}

    @functools.cached_property
    def _folders(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in self.roots:
            for file in sorted((root / "documents").glob("*/message.toml")):
                if file.parent.name in found:
                    raise ContentError(str(file), 1, f"message {file.parent.name} is already defined in {found[file.parent.name]}")
                found[file.parent.name] = file.parent
        return dict(sorted(found.items()))

    def ids(self) -> list[str]:
        """All message types, sorted, from the folder names alone."""
        return list(self._folders)

    def message(self, id: str) -> MessageType:
        """One message type; KeyError if there is none of that name."""
        known = self._messages.get(id)
        if known is None:
            known = self._messages[id] = self._read(id, self._folders[id])
        return known

    @functools.cached_property
    def envelope(self) -> tuple[Field, ...]:
        """The rows of the `message` member, which every message carries first."""
        return tuple(row for table in self._shared("envelope") for row in self._rows(table, table.data, "fields"))

    @functools.cached_property
    def types(self) -> dict[str, tuple[Field, ...]]:
        """Shared object types by name."""
        return {name: tuple(self._rows(table, body, name)) for name, body, table in self._named("types")}

    @functools.cached_property
    def blocks(self) -> dict[str, tuple[Field, ...]]:
        """Blocks of rows that several messages use, by name."""
        return {name: tuple(self._rows(table, body, name)) for name, body, table in self._named("blocks")}

    @functools.cached_property
    def codelists(self) -> dict[str, CodeList]:
        """Code lists by name."""
        return {name: CodeList.read(name, body, table) for name, body, table in self._named("codelists")}

    @functools.cached_property
    def roles(self) -> dict[str, Role]:
        """Who takes part in a trade, by role id."""
        return {
            name: Role(name, str(body["name"]), str(body.get("group", "")), tuple(body.get("also", ())))
            for name, body, _ in self._named("roles")
        }

    def field_of(self, type_: str, path: str) -> Field | None:
        """The row that defines a path of a shared type, following further ones as far as needed, or None."""
        return self.row_at(self._rows_of_types[type_], path) if type_ in self.types else None

    def row_at(self, rows: Mapping[str, Field], path: str) -> Field | None:
        """The row that defines `path` among rows by their paths, or None."""
        known, head = rows.get(path), path
        while known is None and (head := head.rpartition(".")[0]):
            row = rows.get(head)
            if row is not None and row.object:
                return self.row_at(self._rows_of_types[row.object], path[len(head) + 1 :])
        return known

    @functools.cached_property
    def _rows_of_types(self) -> dict[str, dict[str, Field]]:
        return {name: {row.path: row for row in rows} for name, rows in self.types.items()}

    def _shared(self, name: str) -> Iterator[Table]:
        for root in self.roots:
            file = root / "documents" / "_common" / f"{name}.toml"
            if file.exists():
                yield load(file)

    def _named(self, name: str) -> Iterator[tuple[str, dict[str, Any], Table]]:
        seen: dict[str, Path] = {}
        for table in self._shared(name):
            for key, body in table.data.items():
                if key in seen:
                    raise table.defect(f"{key} is already defined in {seen[key]}", key)
                seen[key] = table.file
                yield key, body, table

    def _rows(self, table: Table, body: Mapping[str, Any], where: str) -> Iterator[Field]:
        seen: set[str] = set()
        for row in table.rows(body, where):
            if row["path"] in seen:
                raise table.defect(f"path {row['path']} stands twice in {where}", row["path"], last=True)
            seen.add(row["path"])
            yield self._row(table, row)

    def _row(self, table: Table, row: dict[str, Any]) -> Field:
        path = row["path"]
        unknown = row.keys() - Field.__dataclass_fields__.keys()
        if unknown:
            raise table.defect(f"{path}: unknown key {', '.join(sorted(unknown))}", path)
        try:
            made = Field(**row)
        except TypeError as error:
            raise table.defect(f"{path}: needs path, name and type", path) from error
        if made.type not in SCALARS | SHORTHAND.keys() | {"object", "list"}:
            raise table.defect(f"{path}: unknown type {made.type}", path)
        if (made.type == "list") != path.endswith("[]"):
            raise table.defect(f"{path}: a path ends in [] exactly when its type is list", path)
        if made.type in ("object", "list") and not made.of:
            raise table.defect(f"{path}: type {made.type} needs `of`", path)
        return made

    def _read(self, id: str, folder: Path) -> MessageType:
        table = load(folder / "message.toml")
        merged: dict[str, Field] = {}
        for block in table.data.get("uses", ()):
            if block not in self.blocks:
                raise table.defect(f"unknown block {block} in uses", "uses")
            merged |= {row.path: row for row in self.blocks[block]}
        merged |= {row.path: row for row in self._rows(table, table.data, "fields")}
        self._check(table, merged)
        known = MessageType.__dataclass_fields__.keys() - {"id", "fields", "folder", "catalogue"}
        values = {"known_as": "", "notes": "", "standards": {}, "uses": [], "visible_to": [], "replies": [], **table.data}
        values.pop("fields", None)
        wrong = (values.keys() - known) | (known - values.keys())
        if wrong:
            raise table.defect(f"unknown or missing: {', '.join(sorted(wrong))}")
        frozen: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return MessageType(id=id, fields=tuple(merged.values()), folder=folder, catalogue=self, **frozen)

    def _check(self, table: Table, merged: Mapping[str, Field]) -> None:
        groups = {path.rsplit(".", 1)[0] for path in merged if "." in path}
        for row in merged.values():
            if row.object and row.object not in self.types:
                raise table.defect(f"{row.path}: unknown type {row.object}", row.path)
            if row.codelist and row.codelist not in self.codelists:
                raise table.defect(f"{row.path}: unknown code list {row.codelist}", row.path)
            if row.path in groups:
                raise table.defect(f"{row.path} has a row of its own and rows below it", row.path)
            if row.path.split(".")[0].removesuffix("[]") in ("message", "ext"):
                raise table.defect(f"{row.path}: message and ext are reserved", row.path)


@functools.cache
def catalogue() -> Catalogue:
    """The process-wide catalogue over all content roots."""
    return Catalogue(content_roots())
