"""workflows/_common/desks.toml: which messages and decisions wait at whose desk, and in which states."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.machine.tables import Machine
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.content import Table, load

FILE = Path("workflows/_common/desks.toml")


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a desk. `waits`: region ("process.region") -> states; `does`: messages and events; `documents`: what one reads for it."""

    id: str
    name: str
    waits: dict[str, tuple[str, ...]]
    does: tuple[str, ...]
    documents: tuple[str, ...] = ()


class Desk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The work of the parties in some roles."""

    name: str
    roles: tuple[str, ...]
    section: tuple[Section, ...]


@functools.cache
def desks() -> Mapping[str, Desk]:
    """Every desk of all content roots by its id, in the order of the files. Raises ContentError."""
    return {id: desk for root in content_roots() for id, desk, _ in _read(root)}


def _read(root: Path) -> Iterator[tuple[str, Desk, Table]]:
    file = root / FILE
    if not file.is_file():
        return
    table = load(file)
    for id, body in table.data.items():
        try:
            yield id, msgspec.convert(body, Desk), table
        except msgspec.ValidationError as error:
            raise table.defect(f"desk {id}: {error}", id) from error


def check_desks(machine: Machine, book: Catalogue, roots: Iterable[Path]) -> list[ContentError]:
    """Every desk that cannot be read, stands twice, or names what there is not; every entry that nobody at the desk could ever do."""
    found: list[ContentError] = []
    seen: set[str] = set()
    for root in roots:
        try:
            for id, desk, table in _read(root):
                faults = ["stands twice"] if id in seen else []
                seen.add(id)
                faults += [*_faults(machine, book, desk)]
                found += [table.defect(f"desk {id}: {fault}", id) for fault in faults]
        except ContentError as error:
            found.append(error)
    return found


def _faults(machine: Machine, book: Catalogue, desk: Desk) -> Iterator[str]:
    yield from (f"unknown role {role}" for role in desk.roles if role not in book.roles)
    for section in desk.section:
        for key, states in section.waits.items():
            region = machine.region(key)
            if region is None:
                yield f"{section.id}: there is no region {key}"
                continue
            yield from (f"{section.id}: {key} has no state {state}" for state in states if state not in region.states)
        yield from (f"{section.id}: there is no message {name}" for name in section.documents if name not in book.ids())
        yield from (f"{section.id}: {name} {why}" for name in section.does if (why := _undoable(machine, book, desk, section, name)))


def _undoable(machine: Machine, book: Catalogue, desk: Desk, section: Section, name: str) -> str:
    """Why nobody at this desk could ever do it, or ""."""
    if name not in book.ids() and name not in machine.events:
        return "is neither a message nor an event"
    for key, states in section.waits.items():
        region = machine.region(key)
        rows = region.on.get(name, ()) if region is not None else ()
        for row in rows:
            by = set(row.by) if row.messages else {*(row.decided_by or machine.events[name].by)}
            if by & set(desk.roles) and set(row.source) & set(states):
                return ""
    return "is taken from none of these roles in none of these states"
