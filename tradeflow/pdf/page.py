"""The whole page of a document: head, blocks and foot, as data for the template. Nothing of it is markup."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tradeflow.codec import canonical
from tradeflow.codec.shape import shape
from tradeflow.language.catalogues import DEFAULT, N_
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import Document, get
from tradeflow.pdf.fonts import SUBSTITUTE, fonts, printable
from tradeflow.pdf.layout import layout, node_at
from tradeflow.pdf.reader import Reader, language, named, read_by, said
from tradeflow.pdf.sheet import Sheet
from tradeflow.pdf.values import coded, day, moment

WORD_MAX, BREAK_EVERY = 40, 8  # characters of a word that stays whole, and of the parts of a longer one
_LONG = re.compile(rf"[^\s\u0e00-\u0e7f\u3000-\u9fff]{{{WORD_MAX},}}")
SCRIPTS = {"zh_Hant": ("zh", "HK"), "zh_Hans": ("zh", "CN")}  # language -> whose forms of Han characters its readers expect
UNPRINTABLE = N_("Some characters cannot be printed with the fonts of this hub; they are shown as %(mark)s.")
RECIPIENTS_MAX = 3  # named in the foot of each page
ZERO_WIDTH_SPACE = "\u200b"
Json = dict[str, Any]


class Job(msgspec.Struct, frozen=True):
    """A document to print: the canonical JSON that its reader may see, what was withheld, and where it can be verified.

    `sha256` is the hash of the document as lodged, whatever was withheld; `embedded` is what travels inside the PDF.
    """

    type: str
    body: bytes
    sha256: str
    verify: str = ""
    withheld: tuple[str, ...] = ()
    embedded: bytes = b""
    lodged: bool = True
    language: str = DEFAULT
    bilingual: bool = False  # names in English and in the language


def page(job: Job) -> Json:
    """What the template prints for a job."""
    with read_by(Reader(job.language, job.bilingual)):
        return _page(job)


def _page(job: Job) -> Json:
    mt, document = catalogue().message(job.type), canonical.load(job.type, job.body)
    data = document.data
    blocks = Sheet(mt, data, job.withheld, Reader(job.language, job.bilingual)).blocks()
    text = job.body.decode()
    made: Json = {
        "title": named(layout(mt).title or mt.name),
        "number": document.number,
        "version": str(document.version),
        "date": day(data["document"]["issue_date"]) if get(data, "document.issue_date") else "",
        "created": _stamp(data),
        "badge": _function(mt, data),
        "notes": _notes(job, mt.negotiable or mt.is_title_document),
        "message": _message(data),
        "verify": job.verify,
        "sha256": job.sha256,
        "fonts": list(fonts().families),
        "language": dict(zip(("lang", "region"), SCRIPTS.get(job.language) or han(text), strict=True)),
        "blocks": blocks,
        "words": _words(document),
        "landscape": layout(mt).landscape,
        "parties": "" if layout(mt).rows else _parties(data),
    }
    cleaned = _clean(made)
    if SUBSTITUTE in str(cleaned["blocks"]) and SUBSTITUTE not in text:
        cleaned["notes"].append(said(UNPRINTABLE, mark=SUBSTITUTE))
    return dict(cleaned)


def _words(document: Document) -> Json:
    """The words of the template itself; the page's number and how many there are take the places {page} and {pages}."""
    return {
        "number": named("No."),
        "date": named("Date"),
        "version": named("Version"),
        "which": said("%(number)s · version %(n)s", number=document.number, n=document.version),
        "page": said("Page {page} of {pages}"),
        "verify": said("Verify: scan the code, or open"),
    }


def han(text: str) -> tuple[str, str]:
    """The language whose forms Han characters are printed in: they look different in China, Hong Kong and Japan."""
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja", "JP"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko", "KR"
    characters = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    if not characters:
        return "en", "GB"
    simple, traditional = (sum(_writes(one, c) for c in characters) for one in ("gb2312", "big5"))
    return ("zh", "CN") if simple >= traditional else ("zh", "HK")


def _writes(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _stamp(data: Mapping[str, Any]) -> list[int]:
    at = data["message"]["created_at"]
    return [at.year, at.month, at.day, at.hour, at.minute, at.second]


def _function(mt: Any, data: Mapping[str, Any]) -> str:
    code, node = str(data["message"]["function"]), node_at(shape(mt), "message.function")
    return "" if code == "9" or node is None else coded(node, code)


def _notes(job: Job, title: bool) -> list[str]:
    notes = []
    if title:
        notes.append(said("Print of a record. Non-negotiable: whoever holds this paper has no claim to the goods or the money by it."))
    if job.withheld:
        notes.append(said("%(n)s fields are withheld from this reader; the hash is that of the whole document.", n=len(job.withheld)))
    if not job.lodged:
        notes.append(said("Printed from a file. Whether a hub holds this document is what the code verifies."))
    return notes


def _message(data: Mapping[str, Any]) -> str:
    message = data["message"]
    return said(
        "Trade %(trade)s. Message %(id)s of %(moment)s from %(sender)s to %(recipients)s",
        trade=message["trade_id"],
        id=message["id"],
        moment=moment(message["created_at"]),
        sender=_who(message["sender"], {}),
        recipients=_recipients(data, {}),
    )


def _parties(data: Mapping[str, Any]) -> str:
    """From whom to whom, by name where the document says the name of the party: a notice often has no box for either."""
    names = dict(_names(data))
    return said("From %(sender)s to %(recipients)s", sender=_who(data["message"]["sender"], names), recipients=_recipients(data, names))


def _recipients(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    recipients = data["message"]["recipients"]
    to = ", ".join(_who(one, names) for one in recipients[:RECIPIENTS_MAX])
    more = len(recipients) - RECIPIENTS_MAX
    return said("%(names)s and %(n)s more", names=to, n=more) if more > 0 else to


def _who(party: Mapping[str, Any], names: Mapping[str, str]) -> str:
    known = catalogue().roles.get(party["role"])
    role = said(known.name) if known and language() != DEFAULT else party["role"].replace("_", " ")
    return f"{names.get(party['party_id'], party['party_id'])} ({role})"


def _names(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("party_id"), str) and isinstance(value.get("name"), str):
            yield value["party_id"], value["name"]
        for one in value.values():
            yield from _names(one)
    elif isinstance(value, list):
        for one in value:
            yield from _names(one)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _breakable(printable(value))
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: one if name in ("verify", "sha256", "fonts") else _clean(one) for name, one in value.items()}
    return value


def _breakable(text: str) -> str:
    """Long words get places to break, so that they stay inside their box."""
    if len(text) < WORD_MAX:
        return text
    return _LONG.sub(lambda found: ZERO_WIDTH_SPACE.join(re.findall(rf".{{1,{BREAK_EVERY}}}", found[0])), text)
