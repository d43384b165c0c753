"""check_catalogue(): names in documents/ that mean nothing, and what is declared and never used."""

from collections.abc import Iterable, Iterator

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import STANDARDS, Catalogue, Field
from tradeflow.model.content import Table, load

ROLES = ("from_roles", "to_roles", "visible_to")


def check_catalogue(known: Catalogue) -> list[ContentError]:
    """Every such defect, with file and line."""
    found: list[ContentError] = []
    rows = list(known.envelope)
    blocks: set[str] = set()
    for id in known.ids():
        try:
            message = known.message(id)
        except ContentError:
            continue  # reported where the message is compiled
        rows += message.fields
        blocks |= set(message.uses)
        found += _names(known, id, load(message.folder / "message.toml"))
    types = _types(known, rows)
    rows += [row for name in types for row in known.types[name]]
    lists = {row.codelist for row in rows}
    for what, used in (("blocks", blocks), ("types", types), ("codelists", lists)):
        found += _unused(known, what, used)
    return found


def _names(known: Catalogue, id: str, table: Table) -> Iterator[ContentError]:
    data = table.data
    for key in ROLES:
        for role in data.get(key, ()):
            if role not in known.roles:
                yield table.defect(f"{id}: {key} names unknown role {role}", role)
        if key != "visible_to" and not data.get(key):
            yield table.defect(f"{id}: {key} names nobody", key)
    for reply in data.get("replies", ()):
        if reply not in known.ids():
            yield table.defect(f"{id}: replies names unknown message {reply}", reply)
    for standard in data.get("standards", {}):
        if standard not in STANDARDS:
            yield table.defect(f"{id}: unknown standard {standard}", standard, last=True)


def _types(known: Catalogue, rows: Iterable[Field]) -> set[str]:
    """The shared types that these rows are made of, and those that these are made of."""
    found: set[str] = set()
    todo = [row.object for row in rows if row.object]
    while todo:
        name = todo.pop()
        if name not in found and name in known.types:
            found.add(name)
            todo += [row.object for row in known.types[name] if row.object]
    return found


def _unused(known: Catalogue, what: str, used: set[str]) -> Iterator[ContentError]:
    for root in known.roots:
        file = root / "documents" / "_common" / f"{what}.toml"
        if file.exists():
            table = load(file)
            yield from (table.defect(f"{name} in {what} is used by no message", name) for name in table.data if name not in used)
