"""Is this file what was lodged here, and is it current? For anyone who holds it, and nothing more than that."""

import asyncio
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from tradeflow.app.printing import Printing
from tradeflow.app.redaction import MARKER
from tradeflow.codec import intake
from tradeflow.errors import BadInput, Missing
from tradeflow.model.ids import TRADE_ID

Json = dict[str, Any]
Verdict = Literal["current", "replaced", "partial", "unknown", "unreadable"]
PDF = b"%PDF-"
EMBEDDED_BYTES_MAX = 4_000_000
_EMBEDDED = re.compile(rb"<<(?:(?!endobj).){0,600}?/EmbeddedFile(?:(?!endobj).){0,600}?>>\s*stream\r?\n", re.DOTALL)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What is known of a file or a hash.

    current: it is the newest version of a document of this hub. replaced: a later version took its place. partial: a copy from which
    fields are withheld; the document it names is here, but what the copy shows cannot be compared. unknown: no such document.
    unreadable: no document of this hub is in the file. `known` has type, number, version, newest and lodged_at.
    """

    verdict: Verdict
    known: Json | None = None
    from_pdf: bool = False


async def of_hash(printing: Printing, trade_id: str, sha256: str) -> Authenticity:
    """Of the hash on a print, as its code gives it."""
    if not (TRADE_ID.fullmatch(trade_id) and _SHA256.fullmatch(sha256)):
        return Authenticity("unknown")
    try:
        known = await printing.verified(trade_id, sha256)
    except Missing:
        return Authenticity("unknown")
    return Authenticity("current" if known["current"] else "replaced", known)


async def of_file(printing: Printing, body: bytes) -> Authenticity:
    """Of a document as JSON or XML, in any order of members and with any blanks, or of a print as PDF with the document in it."""
    pdf = body.startswith(PDF)
    inner = await asyncio.to_thread(embedded, body) if pdf else body
    read = await asyncio.to_thread(_read, inner) if inner else None
    if read is None:
        return Authenticity("unreadable", from_pdf=pdf)
    trade_id, sha256, partial = read
    found = await of_hash(printing, trade_id, sha256)
    if partial and found.known:
        return Authenticity("partial", found.known, pdf)
    return Authenticity(found.verdict, found.known, pdf)


def _read(body: bytes) -> tuple[str, str, bool] | None:
    """(trade, hash, whether it is a partial copy) of a document; None where it is none of ours."""
    if body.lstrip()[:1] == b"{":
        partial = _partial(body)
        if partial:
            return partial
        kind = "application/json"
    else:
        kind = "application/xml"
    try:
        document = intake.read(body, kind)
    except BadInput:
        return None
    return str(document.data["message"]["trade_id"]), document.sha256, False


def _partial(body: bytes) -> tuple[str, str, bool] | None:
    """The document that a copy with withheld fields says it was taken from."""
    try:
        tree = json.loads(body)
        mark, message = tree.get(MARKER), tree.get("message")
        if isinstance(mark, dict) and isinstance(message, dict):
            return str(message.get("trade_id")), str(mark.get("sha256")), True
    except (ValueError, RecursionError):
        return None
    return None


def embedded(pdf: bytes) -> bytes:
    """The document inside a print of this hub; b"" where there is none. Nothing else of the file is looked at."""
    found = _EMBEDDED.search(pdf)
    if found is None:
        return b""
    inflate = zlib.decompressobj()
    try:
        if b"/FlateDecode" not in found[0]:
            return pdf[found.end() : pdf.find(b"endstream", found.end())].rstrip(b"\r\n")
        return inflate.decompress(pdf[found.end() :], EMBEDDED_BYTES_MAX)
    except zlib.error:
        return b""
