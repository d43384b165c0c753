"""UN/EDIFACT D.24A: interchanges to documents and back, by the rows of documents/<message>/formats/edifact.toml."""

import contextlib
import io
import itertools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from tradeflow.adapters.edifact.acknowledging import acknowledgements
from tradeflow.adapters.edifact.answers import answered
from tradeflow.adapters.edifact.envelope import Message, messages
from tradeflow.adapters.edifact.party import envelope_of, said_by_envelope, wrapped
from tradeflow.adapters.edifact.reading import Reader
from tradeflow.adapters.edifact.refusal import fault, malformed, refused
from tradeflow.adapters.edifact.rows import Compiler, Plan
from tradeflow.adapters.edifact.syntax import ASCII_LEVELS
from tradeflow.adapters.edifact.writing import Writer

from tradeflow.errors import BadInput, ContentError, Problem
from tradeflow.model.document import Document
from tradeflow.model.finding import Finding
from tradeflow.model.format import CHANGED, DROPPED, Acknowledgement, Loss, Reading, Sheet, Written

MESSAGES_COUNTED = 10_000


class Edifact:
    """The codec. It is made once with the rows of all messages; plans are compiled when first needed."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, Plan] = {}

    def detect(self, body: bytes) -> bool:
        """An interchange begins with UNA or UNB."""
        return body[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t").startswith((b"UNA", b"UNB"))

    def read(self, body: bytes) -> Reading:
        """The one message of an interchange."""
        first, count = _first_of(body)
        if first is None:
            raise malformed("The interchange holds no message")
        readings = [] if count > 1 else [self._reading(first)]
        faults = [*first.interchange.faults, *(found for _, own in readings for found in own)]
        if count > 1:
            many = f"{count} messages" if count < MESSAGES_COUNTED else f"{count} messages or more"
            faults.append(fault(f"The interchange holds {many}; lodge them one by one, each gets an answer of its own"))
        if faults:
            raise refused(faults)
        return readings[0][0]

    def each(self, source: BinaryIO) -> Iterator[tuple[Message, Reading | None, list[Finding]]]:
        """Every message of an interchange of any size, one after the other: the message, what it says if it can be read, and its faults."""
        for message in messages(source):
            try:
                reading, faults = self._reading(message)
                yield message, reading, faults
            except BadInput as refusal:
                yield message, None, list(refusal.findings)

    def documents(self, body: bytes) -> Iterator[Reading]:
        """Every message of an interchange that is in order; one that cannot be read is given with its faults. BadInput where it is not."""
        found = list(itertools.islice(self.each(io.BytesIO(body)), MESSAGES_COUNTED))
        if found and found[0][0].interchange.faults:
            raise refused(found[0][0].interchange.faults)
        for _, reading, faults in found:
            yield replace(reading, faults=tuple(faults)) if reading else Reading("", {}, faults=tuple(faults))

    def answer(self, body: bytes, refusal: Problem | None, moment: datetime) -> bytes:
        """CONTRL for an interchange that was lodged, and APERAK where the application refused what the syntax let pass."""
        made: bytes = answered(body, refusal, moment)
        return made

    def acknowledgements(self, body: bytes) -> tuple[Acknowledgement, ...]:
        """What partners' CONTRL and APERAK say about what was sent to them; nothing where the interchange holds documents."""
        found: tuple[Acknowledgement, ...] = acknowledgements(body)
        return found

    def interchange(self, body: bytes) -> str:
        """Sender, recipient and control reference of an interchange; "" where UNB cannot be read."""
        with contextlib.suppress(BadInput):
            first = next(messages(io.BytesIO(body)), None)  # it may end before its first message
            whole = first.interchange if first else None
            return f"{whole.sender}/{whole.recipient}/{whole.reference}" if whole and whole.reference else ""
        return ""

    def write(self, document: Document) -> Written:
        """A document as an interchange of one message."""
        plan = self._plan(document.type)
        writer = Writer(plan, document, said_by_envelope(document))
        body = wrapped(plan.type, document, list(writer.segments()))
        return Written(body, tuple(writer.losses))

    def check(self, sheet: Sheet) -> list[ContentError]:
        """The first defect of the rows of a message, and a message that cannot be told from another one."""
        try:
            plan = Compiler(sheet).plan()
        except ContentError as defect:
            return [defect]
        twins = [other for other in self._sheets if other != sheet.message.id and self._mark(self._plan_or_none(other)) == self._mark(plan)]
        return (
            [sheet.defect(f"{plan.type} {self._mark(plan)[1]} stands for {twins[0]} too: the BGM rows must differ", "BGM")] if twins else []
        )

    def _reading(self, message: Message) -> tuple[Reading, list[Finding]]:
        plan = self._chosen(message)
        losses = [*self._renamed(message, plan), *_foreign_letters(message)]
        reader = Reader(plan)
        tree = reader.tree(message.segments, envelope_of(message, plan.message), message.directory == "D.24A")
        return Reading(plan.message.id, tree, (*losses, *reader.losses)), reader.faults

    def _renamed(self, message: Message, plan: Plan) -> Iterator[Loss]:
        """A document name that none of ours has is read as the usual one, and said."""
        for segment in message.segments:
            if segment.tag == "BGM" and plan.usual and segment.value(0) != (mark := self._mark(plan)[1]):
                yield Loss("BGM", DROPPED, f"BGM says {segment.value(0)[:6]!r}; it is read as {mark}, a {plan.message.name.lower()}")
                segment.elements[:1] = [[mark, *(segment.elements[0][1:] if segment.elements else [])]]

    def _chosen(self, message: Message) -> Plan:
        """The plan for a message: by its type, and by the document name of BGM where several documents of ours have that type."""
        plans = [self._plan(id) for id in self._sheets if self._sheets[id].table.data.get("message") == message.type]
        bgm = next((segment for segment in message.segments if segment.tag == "BGM"), None)
        named = [plan for plan in plans if bgm and bgm.value(0) == self._mark(plan)[1]]
        usual = [plan for plan in plans if plan.usual]
        if named or usual or len(plans) == 1:
            return (named or usual or plans)[0]
        if not plans:
            types = sorted({str(sheet.table.data.get("message")) for sheet in self._sheets.values()})
            what, hint = f"No document is bound to the message type {message.type[:12]!r}", f"Bound are {', '.join(types)}."
        else:
            codes = ", ".join(f"{self._mark(plan)[1]} ({plan.message.name.lower()})" for plan in plans)
            what, hint = (
                f"BGM {bgm.value(0)[:6] if bgm else ''!r} names no document that {message.type} stands for",
                f"Possible are {codes}.",
            )
        raise BadInput("UNKNOWN_MESSAGE", f"{what}. {hint}", 400, findings=[fault(what, message.segments[0].position, hint)])

    def _mark(self, plan: Plan | None) -> tuple[str, str]:
        """What tells a message of ours from others: the message type and the document name code of BGM."""
        bgm = next((row for row in plan.rows if row.tag == "BGM"), None) if plan else None
        return (plan.type if plan else "", bgm.asked[0][2] if bgm and bgm.asked else uuid.uuid4().hex)

    def _plan(self, id: str) -> Plan:
        if id not in self._plans:
            self._plans[id] = Compiler(self._sheets[id]).plan()
        return self._plans[id]

    def _plan_or_none(self, id: str) -> Plan | None:
        try:
            return self._plan(id)
        except ContentError:
            return None  # reported where its own rows are checked


def _foreign_letters(message: Message) -> Iterator[Loss]:
    if message.interchange.level in ASCII_LEVELS:
        for segment in message.segments:
            if not all(one.isascii() for element in segment.elements for one in element):
                what = f"UNB says {message.interchange.level}, but there are letters outside of it: they are read as UTF-8 or ISO 8859-1"
                yield Loss(f"{segment.tag} (segment {segment.position})", CHANGED, what)
                return


def _first_of(body: bytes) -> tuple[Message | None, int]:
    """The first message of an interchange, and how many there are; nobody counts on for ever."""
    first, count = None, 0
    for message in messages(io.BytesIO(body)):
        first, count = first or message, count + 1
        if count == MESSAGES_COUNTED:
            break
    return first, count


__all__ = ["Edifact", "Loss"]
