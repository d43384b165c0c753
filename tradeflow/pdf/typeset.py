"""A page model to bytes, with typst. Same document, same fonts: same bytes."""

import functools
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import segno
import typst

from tradeflow.errors import ContentError
from tradeflow.model.catalogue import catalogue
from tradeflow.pdf.fonts import fonts
from tradeflow.pdf.page import Job, page

ROWS_MAX = 6_000  # lines of all tables of one document
CHARACTERS_MAX = 1_500_000
TEMPLATE = "documents/_common/print/page.typ"


class TooLong(Exception):
    """The document has more lines or text than a PDF of it may have."""


def pdf(job: Job) -> bytes:
    """The document as a PDF/A-3 with its data embedded. Raises TooLong."""
    made = page(job)
    rows = sum(len(block.get("rows", ())) for block in made["blocks"])
    text = orjson.dumps(made).decode()
    if rows > ROWS_MAX or len(text) > CHARACTERS_MAX:
        raise TooLong(f"{rows:,} lines and {len(text):,} characters; at most {ROWS_MAX:,} and {CHARACTERS_MAX:,} are printed")
    inputs = {"page": text, "data": (job.embedded or job.body).decode(), "qr": _code(job.verify or job.sha256), "type": job.type}
    year, month, day, hour, minute, second = made["created"]
    at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    written: Any = _compiler().compile(
        _template(job.type), format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=int(at.timestamp())
    )
    return bytes(written)


@functools.cache
def _compiler() -> typst.Compiler:
    known = fonts()
    return typst.Compiler(root="/", font_paths=list(known.folders), ignore_system_fonts=not known.missing)


@functools.cache
def _template(type_: str) -> bytes:
    """The template of a message (documents/<message>/page.typ) or the common one: the first content root that has it."""
    own = catalogue().message(type_).folder / "page.typ"
    found: list[Path] = [file for file in (own, *(root / TEMPLATE for root in catalogue().roots)) if file.exists()]
    if not found:
        raise ContentError(TEMPLATE, 1, "the template of printed documents is missing")
    return found[0].read_bytes()


def _code(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True))


def digest(written: bytes) -> str:
    """The hash of a PDF."""
    return hashlib.sha256(written).hexdigest()
