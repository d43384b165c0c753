"""The formats of the outside: a codec in adapters/<format>/, bound to messages by documents/<message>/formats/<format>.toml.

Found by themselves: a folder with an adapter.toml whose port is "format" is a codec, and a message has a format where it has rows for it.
"""

import functools
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradeflow.codec.loss import losses
from tradeflow.errors import BadInput, ContentError
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.content import Table, load
from tradeflow.model.document import Document
from tradeflow.model.format import ASIDE, Sheet, Written
from tradeflow.ports import Format

PORT = "format"


@dataclass(frozen=True, slots=True)
class Kind:
    """One format as its adapter.toml describes it."""

    id: str
    name: str
    media_types: tuple[str, ...]  # the first is the one that is answered with
    suffixes: tuple[str, ...]
    charsets: tuple[str, ...]
    module: str
    type: str  # the class

    @property
    def media_type(self) -> str:
        """The media type that files of this format are sent with."""
        return self.media_types[0]


@functools.cache
def kinds() -> dict[str, Kind]:
    """All formats by id, from the manifests alone: no codec is loaded."""
    found: dict[str, Kind] = {}
    for folder in importlib.import_module("tradeflow.adapters").__path__:
        for file in sorted(Path(folder).glob("*/adapter.toml")):
            table = load(file)
            if table.data.get("port") == PORT:
                kind = _kind(table, file.parent.name)
                found.setdefault(kind.id, kind)
    return found


def by_media_type(media_type: str) -> Kind | None:
    """The format that files of a media type are in, or None."""
    return next((kind for kind in kinds().values() if media_type in kind.media_types), None)


def by_suffix(suffix: str) -> Kind | None:
    """The format that files with a suffix (".edi") are in, or None."""
    return next((kind for kind in kinds().values() if suffix.lower() in kind.suffixes), None)


def detect(body: bytes) -> Kind | None:
    """The format that bytes look like, or None: JSON and XML of our own are none of these."""
    return next((kind for kind in kinds().values() if codec(kind.id).detect(body)), None)


@functools.cache
def codec(id: str) -> Format:
    """The codec of a format, with the rows of all messages that have it."""
    kind = kinds()[id]
    made: Format = getattr(importlib.import_module(kind.module), kind.type)(sheets(id))
    return made


@functools.cache
def sheets(id: str, book: Catalogue | None = None) -> dict[str, Sheet]:
    """The rows of all messages that have a format, by message type."""
    known = book or catalogue()
    common: dict[str, tuple[Table, Any]] = {}
    for root in known.roots:
        file = root / "documents" / "_common" / "formats" / f"{id}.toml"
        if file.exists():
            table = load(file)
            common |= {name: (table, body) for name, body in table.data.items() if name not in common}
    files = {id_: known.message(id_).folder / "formats" / f"{id}.toml" for id_ in known.ids()}
    return {id_: Sheet(known.message(id_), load(file), common) for id_, file in files.items() if file.exists()}


def formats_of(type_: str) -> list[Kind]:
    """The formats that a message can be written in."""
    return [kind for kind in kinds().values() if type_ in sheets(kind.id)]


def write(document: Document, id: str) -> Written:
    """A document in a format, and the whole truth about what it loses: what was written is read back and compared."""
    if document.type not in sheets(id):
        have = ", ".join(kind.id for kind in formats_of(document.type)) or "none besides JSON and XML"
        raise BadInput("NOT_ACCEPTABLE", f"A {document.type} has no form in {kinds()[id].name}; it has {have}.", 406)
    made = codec(id)
    written = made.write(document)
    back = made.read(written.body)
    aside = [loss for loss in written.losses if loss.kind == ASIDE]
    reasons = {loss.pointer: loss.message for loss in written.losses if loss.kind != ASIDE}
    return Written(written.body, (*losses(document, back.tree, reasons), *aside))


def check_formats(book: Catalogue) -> Iterator[ContentError]:
    """Every defect of the rows: what the codec says of them, and files that no codec is there for."""
    for root in book.roots:
        for file in sorted((root / "documents").glob("*/formats/*.toml")):
            if file.stem not in kinds():
                yield ContentError(str(file), 1, f"there is no codec for {file.stem}: no folder adapters/{file.stem} with port = {PORT!r}")
    for id in kinds():
        try:
            bound: Mapping[str, Sheet] = sheets(id, book)
        except ContentError as defect:
            yield defect
            continue
        for sheet in bound.values():
            yield from codec(id).check(sheet)


def _kind(table: Table, folder: str) -> Kind:
    data = table.data
    needed = ("name", "class", "media_types", "suffixes")
    for key in needed:
        if not data.get(key):
            raise table.defect(f"a format needs {key}")
    media_types, suffixes, charsets = (tuple(str(one) for one in data.get(key, ())) for key in ("media_types", "suffixes", "charsets"))
    return Kind(folder, str(data["name"]), media_types, suffixes, charsets, f"tradeflow.adapters.{folder}", str(data["class"]))
