"""The door: bytes of any sender become a document, or one refusal that says everything that is wrong with them."""

import difflib
from typing import Any

from tradeflow.codec import canonical, json
from tradeflow.codec.wording import finding, printable
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.model.catalogue import catalogue as shared_catalogue
from tradeflow.model.document import Document
from tradeflow.settings import settings

_CHARSETS = {"json": {"utf-8", "us-ascii"}, "xml": {"utf-8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1"}}


def read(body: bytes, content_type: str, catalogue: Catalogue | None = None) -> Document:
    """The document in a message body.

    BadInput: TOO_LARGE 413, UNSUPPORTED_MEDIA_TYPE 415, MALFORMED 400, UNKNOWN_MESSAGE 400, SCHEMA_INVALID 422.
    """
    limit = settings().body_bytes_max
    if len(body) > limit:
        what = f"The message has {len(body):,} bytes, at most {limit:,} are accepted."
        raise BadInput("TOO_LARGE", what, 413, findings=[finding("", what, found=len(body), expected=limit)])
    known = catalogue or shared_catalogue()
    if wire_form(content_type) == "json":
        return _read_json(body, known)
    return _read_xml(body, known)


def wire_form(content_type: str) -> str:
    """ "json" or "xml" for a media type; BadInput UNSUPPORTED_MEDIA_TYPE for any other type or charset."""
    media, *parameters = [part.strip().lower() for part in content_type.split(";")]
    charset = next((p.partition("=")[2].strip().strip('"') for p in parameters if p.startswith("charset")), "utf-8")
    form = "json" if media == "application/json" or media.endswith("+json") else ""
    form = "xml" if media in ("application/xml", "text/xml") or media.endswith("+xml") else form
    if not form or charset not in _CHARSETS[form]:
        what = f"Content type {printable(content_type) or '(none)'} is not accepted; send application/json or application/xml."
        raise BadInput("UNSUPPORTED_MEDIA_TYPE", what, 415, findings=[finding("", what, found=printable(content_type))])
    return form


def message_type(known: Catalogue, id: Any) -> MessageType:
    """The message type of that name; BadInput UNKNOWN_MESSAGE with the nearest names if there is none."""
    if isinstance(id, str) and id.strip() in known.ids():
        return known.message(id.strip())
    near = difflib.get_close_matches(str(id)[:80], known.ids(), n=3)
    said = "The message does not say its type" if id is None else f"There is no message type '{printable(str(id))}'"
    hint = f"Did you mean {' or '.join(near)}?" if near else "The catalogue lists all message types."
    refusal = finding("/message/type", f"{said}.", hint=hint, found=None if id is None else printable(str(id)), expected=near or None)
    raise BadInput("UNKNOWN_MESSAGE", f"{said}. {hint}", 400, findings=[refusal])


def _read_json(body: bytes, known: Catalogue) -> Document:
    tree = json.parse(body)
    envelope = tree.get("message")
    mt = message_type(known, envelope.get("type") if isinstance(envelope, dict) else None)
    if b"\\" in body or b"\xef\xbf" in body:  # only so can a JSON text bring characters that no document may hold
        tree = canonical.clean(mt, tree)
    return canonical.of(mt, tree)


def _read_xml(body: bytes, known: Catalogue) -> Document:
    raise NotImplementedError
