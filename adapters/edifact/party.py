"""Who sends what to whom: the envelope of a document in UNB, UNH and the first segments, and back."""

import re
import uuid
from datetime import datetime
from typing import Any

from tradeflow.adapters.edifact.envelope import Message
from tradeflow.adapters.edifact.syntax import CHARSETS, Segment, Signs, text_of

from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Document, Tree
from tradeflow.model.ids import short_reference

_NAMESPACE = uuid.UUID("6d7a6f0e-4a0b-5c0e-9d1c-0d0f5b6b2a11")  # of message identifiers made from interchange references
_UUID = re.compile(r"[0-9a-fA-F]{32}").fullmatch
PARTY_MAX, ROLE_MAX = 35, 35


def said_by_envelope(document: Document) -> set[str]:
    """The pointers of what UNB, UNH and the message type say of a document."""
    said = {"/message/type", "/message/schema_version"}
    sender, recipient = document.get("message.sender"), document.get("message.recipients")[0]
    if _fits(sender):
        said |= {"/message/sender/party_id", "/message/sender/role"}
    if _fits(recipient):
        said |= {"/message/recipients/0/party_id", "/message/recipients/0/role"}
    if _reference(document):
        said.add("/message/id")
    return said


def wrapped(type_: str, document: Document, segments: list[Segment]) -> bytes:
    """The segments as an interchange of one message, in UNOC where it has all the characters, else in UNOW."""
    number = _control(document)
    unh = Segment("UNH", [["1"], [type_, "D", "24A", "UN"], [_reference(document)]])
    unt = Segment("UNT", [[str(len(segments) + 2)], ["1"]])
    inside = text_of([unh, *segments, unt])
    moment: datetime = document.get("message.created_at")
    parties = [_party(document.get("message.sender")), _party(document.get("message.recipients")[0])]
    level, version, day = ("UNOC", "3", "%y%m%d") if _western(inside + text_of([Segment("UNB", parties)])) else ("UNOW", "4", "%Y%m%d")
    unb = Segment("UNB", [[level, version], *parties, [moment.strftime(day), moment.strftime("%H%M")], [number]])
    text = f"UNA{''.join(_una())}\n" + text_of([unb]) + inside + text_of([Segment("UNZ", [["1"], [number]])])
    return bytes(text.encode(CHARSETS[level]))


def _western(text: str) -> bool:
    """Whether UNOC has all the characters, and its bytes could not be taken for UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode(CHARSETS["UNOC"]).decode("utf-8")
    except UnicodeEncodeError:
        return False
    except UnicodeDecodeError:
        return True
    return False


def envelope_of(message: Message, kind: MessageType) -> Tree:
    """The `message` member of a document, as far as it stands outside the message's own segments."""
    whole = message.interchange
    reference = message.segments[0].value(2)
    made = f"{whole.sender}/{whole.reference}/{message.reference}"
    own: dict[str, Any] = {
        "id": str(uuid.UUID(reference)) if _UUID(reference) else str(uuid.uuid5(_NAMESPACE, made)),
        "type": kind.id,
        "schema_version": kind.schema_version,
        "function": "9",
        "sender": _named(whole.sender, whole.sender_role, kind.from_roles),
        "recipients": [_named(whole.recipient, whole.recipient_role, kind.to_roles)],
    }
    if moment := _moment(whole.prepared):
        own["created_at"] = moment
    return {"message": own}


def _named(party: str, role: str, roles: tuple[str, ...]) -> dict[str, str]:
    """A party as UNB names it; the role where it is said, or where the message leaves no choice."""
    said = {"party_id": party, "role": role or (roles[0] if len(roles) == 1 else "")}
    return {name: value for name, value in said.items() if value}


def _fits(party: dict[str, Any]) -> bool:
    return len(party["party_id"]) <= PARTY_MAX and len(party["role"]) <= ROLE_MAX


def _party(party: dict[str, Any]) -> list[str]:
    return [party["party_id"][:PARTY_MAX], "ZZZ", party["role"][:ROLE_MAX]]


def _reference(document: Document) -> str:
    """The message identifier without hyphens, as the common access reference (0068); "" where it is none."""
    text = str(document.get("message.id"))
    plain = text.replace("-", "")
    return plain if _UUID(plain) and str(uuid.UUID(plain)) == text else ""


def _control(document: Document) -> str:
    """The interchange control reference (0020, at most 14 characters): made from the message identifier, which a CONTRL leads back to."""
    made: str = short_reference(uuid.UUID(str(document.get("message.id"))))
    return made


def _moment(text: str) -> str:
    for form in ("%y%m%d%H%M", "%Y%m%d%H%M"):
        try:
            return datetime.strptime(text, form).isoformat() + "Z" if len(text) <= 12 else ""  # noqa: DTZ007 UNB has no offset; UTC
        except ValueError:
            continue
    return ""


def _una() -> tuple[str, ...]:
    signs = Signs()
    return signs.component, signs.element, signs.decimal, signs.release, " ", signs.end
