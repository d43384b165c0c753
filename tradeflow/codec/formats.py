"""The formats of the outside: a codec in adapters/<format>/, bound to messages by documents/<message>/formats/<format>.toml.

Found by themselves: a folder with an adapter.toml whose port is "format" is a codec, and a message has a format where it has rows for it.
"""

import functools
import importlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tradeflow.codec import canonical
from tradeflow.codec.loss import losses
from tradeflow.codec.malformed import malformed
from tradeflow.codec.validator import invalid
from tradeflow.errors import BadInput, ContentError, Problem
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.model.content import Table, load
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.model.format import ASIDE, Acknowledgement, Reading, Sheet, Written
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
    rows: str  # the name of the files that bind messages to it, without .toml
    every: bool  # whether it has all messages, with rows or without

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
    known, kind = book or catalogue(), kinds()[id]
    common: dict[str, tuple[Table, Any]] = {}
    for root in known.roots:
        file = root / "documents" / "_common" / "formats" / f"{kind.rows}.toml"
        if file.exists():
            table = load(file)
            common |= {name: (table, body) for name, body in table.data.items() if name not in common}
    files = {id_: known.message(id_).folder / "formats" / f"{kind.rows}.toml" for id_ in known.ids()}
    tables = {id_: load(file) if file.exists() else Table(file, {}) for id_, file in files.items() if kind.every or file.exists()}
    return {id_: Sheet(known.message(id_), table, common) for id_, table in tables.items()}


def formats_of(type_: str) -> list[Kind]:
    """The formats that a message can be written in."""
    return [kind for kind in kinds().values() if type_ in sheets(kind.id)]


def write(document: Document, id: str) -> Written:
    """A document in a format, and the whole truth about what it loses: what was written is read back and compared."""
    if document.type not in sheets(id):
        have = ", ".join(kind.id for kind in formats_of(document.type)) or "none besides JSON and XML"
        raise BadInput(
            "NOT_ACCEPTABLE",
            say("A %(type)s has no form in %(name)s; it has %(have)s.", type=document.type, name=kinds()[id].name, have=have),
            406,
        )
    made = codec(id)
    written = made.write(document)
    back = made.read(written.body)
    aside = [loss for loss in written.losses if loss.kind == ASIDE]
    reasons = {loss.pointer: loss.message for loss in written.losses if loss.kind != ASIDE}
    return Written(written.body, (*losses(document, back.tree, reasons), *aside))


def template(message: MessageType, id: str) -> bytes:
    """A file of a format to fill in, with an example. BadInput NOT_ACCEPTABLE 406 where the format has no such thing."""
    made = getattr(codec(id), "template", None) if id in kinds() else None
    if made is None:
        have = ", ".join(kind.suffixes[0] for kind in kinds().values() if hasattr(codec(kind.id), "template"))
        raise BadInput("NOT_ACCEPTABLE", say("There is no template of that kind; there are %(have)s.", have=have), 406)
    body: bytes = made(message.id, _example(message))
    return body


def _example(message: MessageType) -> Document | None:
    """The first valid sample of a message: what a person copies from."""
    for file in sorted((message.folder / "samples" / "valid").glob("*.json")):
        return canonical.document(message.id, json.loads(file.read_bytes()))
    return None


def documents(body: bytes, kind: Kind) -> Iterator[Reading]:
    """Every document of a file, those of formats that hold one by one as that one. BadInput where it is no file of the format."""
    made = codec(kind.id)
    if not made.detect(body):
        raise malformed(f"This is no {kind.name}")
    each = getattr(made, "documents", None)
    yield from each(body) if each else [made.read(body)]


def answer(body: bytes, id: str, refusal: Problem | None, moment: datetime) -> bytes | None:
    """What a format answers to a file by itself, such as CONTRL; None where it has no such thing, or the file is none of it."""
    made = getattr(codec(id), "answer", None) if id in kinds() and codec(id).detect(body) else None
    return made(body, refusal, moment) if made else None


def acknowledgements(body: bytes, id: str) -> tuple[Acknowledgement, ...]:
    """What a file acknowledges of what was sent before, such as a partner's CONTRL; nothing where it holds documents. BadInput."""
    made = getattr(codec(id), "acknowledgements", None)
    return made(body) if made else ()


def interchange(body: bytes, id: str) -> str:
    """By what its sender tells a file of a format from others; "" where the format has no such thing."""
    made = getattr(codec(id), "interchange", None)
    return made(body) if made else ""


def judged(reading: Reading, known: Catalogue | None = None) -> Document:
    """The document that a file says. BadInput SCHEMA_INVALID with everything that is wrong, at its place in the file."""
    if not reading.type:
        raise BadInput("UNKNOWN_MESSAGE", reading.faults[0].message, 400, findings=list(reading.faults))
    message = (known or catalogue()).message(reading.type)
    found: list[Finding] = []
    try:
        document = canonical.of(message, canonical.clean(message, reading.tree))
        if not reading.faults:
            return document
    except BadInput as refusal:
        found = refusal.findings
    told = {fault.pointer for fault in reading.faults}
    raise invalid(message, [*reading.faults, *placed((one for one in found if one.pointer not in told), reading)])


def placed(findings: Iterable[Finding], reading: Reading) -> list[Finding]:
    """Findings with the cell that each is about, where the file has cells."""
    return [replace(one, cell=one.cell or reading.place(one.pointer)) for one in findings]


def check_formats(book: Catalogue) -> Iterator[ContentError]:
    """Every defect of the rows: what the codec says of them, and files that no codec is there for."""
    for root in book.roots:
        for file in sorted((root / "documents").glob("*/formats/*.toml")):
            if file.stem not in {kind.rows for kind in kinds().values()}:
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
    module, rows, every = f"tradeflow.adapters.{folder}", str(data.get("rows", folder)), bool(data.get("every_message", False))
    return Kind(folder, str(data["name"]), media_types, suffixes, charsets, module, str(data["class"]), rows, every)
