"""A document from one format to another, with the report of what is lost on the way."""

from dataclasses import dataclass

from tradeflow.codec import canonical, formats, intake, xml
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.model.format import Loss, Reading

OWN = {"json": "application/json", "xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class Conversion:
    """A document in another format: the file, its media type, what the file does not say, and what was not understood of the first.

    `findings` are what a document needs before it can be lodged, where a partner's file does not say all of it.
    """

    type: str
    number: str
    media_type: str
    body: bytes
    losses: tuple[Loss, ...] = ()
    not_taken: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()


def convert(body: bytes, content_type: str, to: str) -> Conversion:
    """The document in these bytes in the format `to`: json, xml or the id of a format. BadInput as for a message that is lodged.

    To JSON goes also what a file of a format says of a document that is not whole: most partners know no trade of ours.
    """
    try:
        document, not_taken = intake.read_whole(body, content_type)
    except BadInput as refusal:
        reading = intake.read_partly(body, content_type) if to == "json" and refusal.code == "SCHEMA_INVALID" else None
        if reading is None:
            raise
        return _partly(reading, tuple(refusal.findings))
    media_type, made, losses = written(document, to)
    return Conversion(document.type, document.number, media_type, made, losses, not_taken)


def _partly(reading: Reading, findings: tuple[Finding, ...]) -> Conversion:
    header = reading.tree.get("document")
    number = header.get("number", "") if isinstance(header, dict) else ""
    body = canonical.encode(reading.tree)
    return Conversion(reading.type, str(number), OWN["json"], body, (), reading.losses, findings)


def written(document: Document, to: str) -> tuple[str, bytes, tuple[Loss, ...]]:
    """The document in a format: media type, bytes and losses. BadInput NOT_ACCEPTABLE 406 where it has no such form."""
    if to == "json":
        return OWN[to], document.canonical, ()
    if to == "xml":
        return OWN[to], xml.write(document), ()
    if to not in formats.kinds():
        have = ", ".join((*OWN, *formats.kinds()))
        raise BadInput("NOT_ACCEPTABLE", say("There is no format %(to)s; there are %(have)s.", to=repr(to[:40]), have=have), 406)
    made = formats.write(document, to)
    return formats.kinds()[to].media_type, made.body, made.losses


def content_type_of(name: str, body: bytes) -> str:
    """The media type of a file, by what its bytes look like and else by the end of its name; "" where neither says."""
    kind = formats.detect(body) or formats.by_suffix("." + name.rpartition(".")[2])
    if kind:
        return kind.media_type
    head = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return OWN["json"] if head.startswith(b"{") else OWN["xml"] if head.startswith(b"<") else ""
