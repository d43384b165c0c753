"""The envelopes: UNB/UNZ around an interchange, UNG/UNE around a group, UNH/UNT around a message, with their counts and references."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tradeflow.adapters.edifact.refusal import fault, malformed
from tradeflow.adapters.edifact.syntax import Segment, stream

from tradeflow.model.finding import Finding

SEGMENTS_MAX = 50_000  # of one message
FAULTS_MAX = 100


@dataclass(slots=True)
class Interchange:
    """What UNB says, and what was found to be wrong with the envelopes so far."""

    level: str = ""  # the character set that UNB names
    sender: str = ""
    sender_role: str = ""  # the internal identification (0008): the part the sender plays
    recipient: str = ""
    recipient_role: str = ""
    prepared: str = ""
    reference: str = ""
    messages: int = 0
    groups: int = 0
    faults: list[Finding] = field(default_factory=list)

    def wrong(self, what: str, position: int, found: object = None, expected: object = None, code: str = "13") -> None:
        """Note a fault; the first hundred are kept."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(fault(what, position, found=found, expected=expected, code=code))


@dataclass(slots=True)
class Message:
    """One message: its type and directory, and its segments from UNH to UNT."""

    interchange: Interchange
    type: str
    directory: str
    reference: str
    segments: list[Segment]


def messages(source: BinaryIO) -> Iterator[Message]:
    """The messages of a file one after the other; only one is held at a time.

    Wrong counts and references are noted in `interchange.faults`, that of UNZ when the iterator is at its end. BadInput MALFORMED
    where the file is no interchange.
    """
    yield from _messages(stream(source))


def _messages(segments: Iterable[Segment]) -> Iterator[Message]:
    whole: Interchange | None = None
    closed = False
    current: Message | None = None
    for segment in segments:
        tag, at = segment.tag, segment.position
        if tag == "UNB":
            if whole is not None:
                raise malformed("A second UNB: a file holds one interchange", at)
            whole = _opened(segment)
        elif whole is None:
            raise malformed(f"{tag} stands before UNB", at)
        elif closed:
            raise malformed(f"{tag} stands after UNZ", at)
        elif tag == "UNH":
            if current is not None:
                whole.wrong(f"Message {current.reference} has no UNT", at)
                yield current
            current = _begun(whole, segment)
        elif tag == "UNT":
            if current is None:
                raise malformed("UNT without UNH", at)
            current.segments.append(segment)
            _counted(whole, current, segment)
            yield current
            current = None
        elif tag == "UNZ":
            closed = True
            _closed(whole, segment)
        elif tag in ("UNG", "UNE"):
            whole.groups += tag == "UNG"
        elif current is None:
            raise malformed(f"{tag} stands outside a message", at)
        else:
            if len(current.segments) >= SEGMENTS_MAX:
                raise malformed(f"Message {current.reference} has more than {SEGMENTS_MAX:,} segments", at)
            current.segments.append(segment)
    if whole is None:
        raise malformed("The file has no UNB")
    if current is not None:
        whole.wrong(f"Message {current.reference} has no UNT", 0)
        yield current
    if not closed:
        whole.wrong("The interchange has no UNZ", 0)


def _opened(unb: Segment) -> Interchange:
    made = Interchange(
        level=unb.value(0),
        sender=unb.value(1),
        sender_role=unb.value(1, 2),
        recipient=unb.value(2),
        recipient_role=unb.value(2, 2),
        prepared=unb.value(3) + unb.value(3, 1),
        reference=unb.value(4),
    )
    if not made.reference:
        made.wrong("UNB has no interchange control reference (0020)", unb.position)
    return made


def _begun(whole: Interchange, unh: Segment) -> Message:
    whole.messages += 1
    kind, release = unh.value(1), f"{unh.value(1, 1)}.{unh.value(1, 2)}"
    if not kind:
        raise malformed("UNH does not name the message type", unh.position)
    return Message(whole, kind, release, unh.value(0), [unh])


def _counted(whole: Interchange, message: Message, unt: Segment) -> None:
    said, counted = unt.value(0), len(message.segments)
    if not said.isdecimal() or len(said) > 10 or int(said) != counted:
        whole.wrong(
            f"UNT counts {said[:12] or 'nothing'}, the message has {counted} segments",
            unt.position,
            found=said[:12],
            expected=counted,
            code="29",
        )
    if unt.value(1) != message.reference:
        found = unt.value(1)[:40]
        whole.wrong(
            f"UNT closes message {found!r}, UNH opened {message.reference[:40]!r}",
            unt.position,
            found=found,
            expected=message.reference[:40],
            code="28",
        )


def _closed(whole: Interchange, unz: Segment) -> None:
    said, counted = unz.value(0), whole.groups or whole.messages
    if not said.isdecimal() or len(said) > 10 or int(said) != counted:
        what = "groups" if whole.groups else "messages"
        whole.wrong(
            f"UNZ counts {said[:12] or 'nothing'}, the interchange has {counted} {what}",
            unz.position,
            found=said[:12],
            expected=counted,
            code="29",
        )
    if unz.value(1) != whole.reference:
        found = unz.value(1)[:40]
        whole.wrong(
            f"UNZ closes interchange {found!r}, UNB opened {whole.reference[:40]!r}",
            unz.position,
            found=found,
            expected=whole.reference[:40],
            code="28",
        )
