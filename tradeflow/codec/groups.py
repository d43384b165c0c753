"""Which part of a form a field stands in: rows of form.toml, a message's own before those that all share."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tradeflow.codec.shape import Node, shape
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.model.content import load

REST = "rest"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a form. It takes fields by path, by shared type or by name, in this order of precedence."""

    id: str
    title: Annotated[str, Meta(min_length=1)]
    paths: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def groups(mt: MessageType) -> tuple[tuple[Group, tuple[Node, ...]], ...]:
    """The parts of a message's form, each with its fields; a part without fields is left out. The envelope has none."""
    return _groups(mt)


@functools.cache
def _groups(mt: MessageType) -> tuple[tuple[Group, tuple[Node, ...]], ...]:
    plan = rows(mt)
    taken: dict[str, list[Node]] = {group.id: [] for group in plan}
    for node in shape(mt).members:
        if node.name != "message":
            taken[_group(plan, node)].append(node)
    return tuple((group, tuple(sorted(nodes, key=lambda n: not n.required))) for group in plan if (nodes := taken[group.id]))


def rows(mt: MessageType) -> tuple[Group, ...]:
    """The groups of a message in the order of its form; ContentError for a row that does not fit."""
    own = _read(str(mt.folder / "form.toml"))
    shared = tuple(group for root in mt.catalogue.roots for group in _read(str(root / "documents" / "_common" / "form.toml")))
    names = {group.id for group in own}
    return (*own, *(group for group in shared if group.id not in names))


@functools.cache
def _read(file: str) -> tuple[Group, ...]:
    if not Path(file).is_file():
        return ()
    table = load(Path(file))
    try:
        return msgspec.convert(table.data.get("group", []), tuple[Group, ...])
    except msgspec.ValidationError as error:
        raise table.defect(str(error)) from None


def _group(plan: tuple[Group, ...], node: Node) -> str:
    for by in ("paths", "types", "names"):
        wanted = {"paths": node.path.removesuffix("[]"), "types": node.type, "names": node.name}[by]
        found = next((group.id for group in plan if wanted and wanted in getattr(group, by)), "")
        if found:
            return found
    inside = {member.type for member in node.members} if not node.type else set()
    return next((group.id for group in plan if inside and inside <= set(group.types)), REST)


def check_groups(book: Catalogue) -> Iterator[ContentError]:
    """Every defect of the groups of every message: a path that is none of its own."""
    for id_ in book.ids():
        mt = book.message(id_)
        try:
            own, known = _read(str(mt.folder / "form.toml")), {node.path.removesuffix("[]") for node in shape(mt).members}
        except ContentError as error:
            yield error
            continue
        for group in own:
            yield from (
                ContentError(str(mt.folder / "form.toml"), 1, f"{mt.id} has no field {path}") for path in group.paths if path not in known
            )
