"""The door: bytes of any sender become a document, or one refusal that says everything that is wrong with them."""

import codecs
import difflib
from dataclasses import replace
from typing import Any

from tradeflow.codec import canonical, formats, json, xml
from tradeflow.codec.malformed import malformed
from tradeflow.codec.shape import NAMESPACE
from tradeflow.codec.wording import finding, printable, shown
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import Catalogue, MessageType
from tradeflow.model.catalogue import catalogue as shared_catalogue
from tradeflow.model.document import Document, Tree
from tradeflow.model.format import Loss, Reading
from tradeflow.settings import settings

_OURS = b'"schema_version"'  # every document of ours says it in its envelope
_CHARSETS = {"json": ("utf-8", "ascii"), "xml": ("utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1")}
# The only ways a text can bring in a carriage return or a character that no document may hold: by escape, by number, or in UTF-16
_SUSPECT = {"json": (rb"\u", rb"\b", rb"\f", rb"\r", b"\xef\xbf"), "xml": (b"&#", b"\x00")}


def read(body: bytes, content_type: str, catalogue: Catalogue | None = None) -> Document:
    """The document in a message body.

    BadInput: TOO_LARGE 413, UNSUPPORTED_MEDIA_TYPE 415, MALFORMED 400, UNKNOWN_MESSAGE 400, SCHEMA_INVALID 422.
    """
    return read_whole(body, content_type, catalogue)[0]


def read_whole(body: bytes, content_type: str, catalogue: Catalogue | None = None) -> tuple[Document, tuple[Loss, ...]]:
    """The same, and what stands in the body that the document has no field for: nothing in JSON and XML, which refuse it."""
    document, reading = read_placed(body, content_type, catalogue)
    return document, reading.losses if reading else ()


def read_placed(body: bytes, content_type: str, catalogue: Catalogue | None = None) -> tuple[Document, Reading | None]:
    """The same, and what a format of the outside said; None for JSON and XML of our own."""
    limit = settings().body_bytes_max
    if len(body) > limit:
        what = say("The message has %(body)s bytes, at most %(limit)s are accepted.", body=f"{len(body):,}", limit=f"{limit:,}")
        raise BadInput("TOO_LARGE", what, 413, findings=[finding("", what, found=len(body), expected=limit)])
    known = catalogue or shared_catalogue()
    form, charset = _form(body, content_type)
    if form == "json":
        return _read_json(body, known), None
    if form == "xml":
        return _read_xml(body, charset, known), None
    _, reading = _read_format(body, form, known)
    return formats.judged(reading, known), reading


def read_partly(body: bytes, content_type: str) -> Reading | None:
    """What a file of a format says, whether or not it is all that a document of ours needs; None for JSON and XML of our own.

    BadInput MALFORMED and UNKNOWN_MESSAGE for files that are no message of the format, or none that is bound.
    """
    form, _ = _form(body, content_type)
    if form in ("json", "xml"):
        return None
    mt, reading = _read_format(body, form, shared_catalogue())
    return replace(reading, tree=canonical.clean(mt, reading.tree))


def opened(body: bytes, content_type: str, catalogue: Catalogue | None = None) -> tuple[MessageType, Tree, tuple[Loss, ...]]:
    """What stands in a body, right or not, for somebody to finish: its type, its tree as it is, and what has no field.

    BadInput where nothing can be made of it; XML of our own is taken only where it follows its schema.
    """
    known = catalogue or shared_catalogue()
    form, charset = media_type(content_type)
    if form == "xml" and (kind := formats.detect(body)):
        form = kind.id
    if form == "json":
        tree = json.parse(body)
        envelope = tree.get("message")
        return message_type(known, envelope.get("type") if isinstance(envelope, dict) else None), tree, ()
    if form == "xml":
        document = _read_xml(body, charset, known)
        return message_type(known, document.type), json.parse(document.canonical), ()
    if not formats.codec(form).detect(body):
        raise malformed(f"This is no {formats.kinds()[form].name}")
    reading = formats.codec(form).read(body)
    return message_type(known, reading.type), reading.tree, reading.losses


def media_type(content_type: str) -> tuple[str, str]:
    """("json", "xml" or the id of a format, charset or "") of a Content-Type; BadInput UNSUPPORTED_MEDIA_TYPE for any other."""
    media, *parameters = [part.strip().lower() for part in content_type.split(";")]
    kind = formats.by_media_type(media)  # first: application/ubl+xml is no XML of ours
    form = "json" if media == "application/json" or (media.endswith("+json") and not kind) else ""
    form = "xml" if media in ("application/xml", "text/xml") or (media.endswith("+xml") and not kind) else form
    form, charsets = (kind.id, kind.charsets) if kind else (form, _CHARSETS.get(form, ()))
    charset = next((value.strip(' "') for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "charset"), "")
    if not form or (charset and _codec(charset) not in charsets):
        others = ", ".join(one.media_type for one in formats.kinds().values())
        said = printable(content_type) or "(none)"
        what = say(
            "Content type %(said)s is not accepted; send application/json or application/xml in UTF-8, or %(others)s.",
            said=said,
            others=others,
        )
        raise BadInput("UNSUPPORTED_MEDIA_TYPE", what, 415, findings=[finding("", what, found=printable(content_type))])
    return form, charset


def message_type(known: Catalogue, said: Any, hint: str = "") -> MessageType:
    """The message type of that name; BadInput UNKNOWN_MESSAGE with the nearest names if there is none."""
    if isinstance(said, str) and not hint:
        try:
            return known.message(said.strip())
        except KeyError:
            pass
    near = difflib.get_close_matches(said[:80], known.ids(), n=3) if isinstance(said, str) else []
    what = "The message does not say its type" if said is None else say("There is no message type %(type)s", type=repr(shown(said)))
    hint = hint or (say("Did you mean %(code)s?", code=" or ".join(near)) if near else "The catalogue lists all message types.")
    refusal = finding("/message/type", f"{what}.", hint=hint, found=shown(said), expected=near or None)
    raise BadInput("UNKNOWN_MESSAGE", f"{what}. {hint}", 400, findings=[refusal])


def _read_json(body: bytes, known: Catalogue) -> Document:
    tree = json.parse(body)
    envelope = tree.get("message")
    mt = message_type(known, envelope.get("type") if isinstance(envelope, dict) else None)
    return _document(mt, tree, body, "json")


def _read_xml(body: bytes, charset: str, known: Catalogue) -> Document:
    root = xml.root(body)
    said = root.getroottree().docinfo.encoding or "UTF-8"
    if charset and not _codec(said).startswith(_codec(charset)):
        raise malformed(f"The content type says {charset}, the document is {said}", line=1, column=1)
    namespace, _, name = root.tag.rpartition("}")
    ours = namespace == "{" + NAMESPACE
    mt = message_type(known, name, "" if ours else f'Declare xmlns="{NAMESPACE}" on the root element.')
    return _document(mt, xml.bind(root, mt), body, "xml")


def _form(body: bytes, content_type: str) -> tuple[str, str]:
    """Format and charset; what stands in a body says what application/xml and application/json leave open."""
    form, charset = media_type(content_type)
    if (form == "xml" or (form == "json" and _OURS not in body)) and (kind := formats.detect(body)):
        form = kind.id
    return form, charset


def _read_format(body: bytes, form: str, known: Catalogue) -> tuple[MessageType, Reading]:
    kind, codec = formats.kinds()[form], formats.codec(form)
    if not codec.detect(body):
        raise malformed(f"The content type says {kind.media_type}, but this is no {kind.name}")
    reading = codec.read(body)
    return message_type(known, reading.type), reading


def _document(mt: MessageType, tree: Tree, body: bytes, form: str) -> Document:
    suspect = any(mark in body for mark in _SUSPECT[form])
    return canonical.of(mt, canonical.clean(mt, tree) if suspect else tree)


def _codec(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return ""
