"""The answers to an interchange: CONTRL says whether its syntax was in order and where not, APERAK what the application found wrong.

CONTRL is version 2 of UN/EDIFACT's syntax service for syntax 3 (ISO 9735): UCI about the interchange, UCM about each message, UCS and UCD
about the segment and the element. Positions are counted from UNH as 1.
"""

import contextlib
import hashlib
import io
import itertools
import re
from collections.abc import Sequence
from datetime import datetime

from tradeflow.adapters.edifact.acknowledging import only_service
from tradeflow.adapters.edifact.envelope import Interchange, Message, messages
from tradeflow.adapters.edifact.refusal import SOURCE
from tradeflow.adapters.edifact.syntax import CHARSETS, Segment, text_of

from tradeflow.errors import BadInput, Problem
from tradeflow.model.finding import Finding, Severity

REJECTED, ACKNOWLEDGED = "4", "7"  # action coded (0083)
UNSPECIFIED, DUPLICATE = "18", "26"  # syntax error coded (0085)
NOBODY = "UNKNOWN"  # where UNB cannot be read
MESSAGES_MAX, ERRORS_MAX, ERC_MAX = 999, 99, 999
_SYNTAX = ("MALFORMED", "UNKNOWN_MESSAGE", "UNSUPPORTED_MEDIA_TYPE", "TOO_LARGE")
_PLACE = re.compile(r"\(segment (\d{1,9})\)")


def answered(body: bytes, refusal: Problem | None, moment: datetime) -> bytes:
    """The interchange that answers another one; nothing answers CONTRL. `refusal` is what the main path raised, None where all is well."""
    found, whole = _read(body)
    if only_service(found):
        return b""
    findings = list(refusal.findings) if refusal else []
    syntax = refusal is not None and refusal.code in _SYNTAX
    bodies = [_contrl(whole, found, findings if syntax else [], refusal)]
    if refusal is not None and not syntax:
        bodies.append(_aperak(found, refusal, findings, moment))
    return _wrapped(whole, bodies, hashlib.sha256(body).hexdigest()[:14].upper(), moment)


def _read(body: bytes) -> tuple[list[Message], Interchange]:
    """The messages as far as they can be cut, and what UNB said; nothing where there was no UNB that could be read."""
    found: list[Message] = []
    with contextlib.suppress(BadInput):
        found.extend(itertools.islice(messages(io.BytesIO(body)), MESSAGES_MAX))
    return found, found[0].interchange if found else Interchange()


def _contrl(whole: Interchange, found: list[Message], faults: Sequence[Finding], refusal: Problem | None) -> tuple[str, list[Segment]]:
    placed = {id(message): _within(message, faults) for message in found}
    inside = {id(fault) for own in placed.values() for _, fault in own}
    outside = [fault for fault in faults if id(fault) not in inside]
    action, error = ACKNOWLEDGED, ""
    if outside:
        action, error = REJECTED, _code(outside[0])
    elif refusal is not None and refusal.code == "DUPLICATE_MESSAGE":
        action, error = REJECTED, DUPLICATE
    parties = [[whole.sender, "ZZZ", whole.sender_role], [whole.recipient, "ZZZ", whole.recipient_role]]
    lines = [Segment("UCI", [[whole.reference or "0"], *parties, [action], *([[error]] if error else [])])]
    for message in found:
        own = placed[id(message)]
        unh = message.segments[0]
        kind = [unh.value(1, n) for n in range(4)]
        bad = bool(own) or action == REJECTED
        ends = [_code(fault) for at, fault in own if at in (1, len(message.segments))][:1]
        lines.append(Segment("UCM", [[message.reference or "0"], kind, [REJECTED if bad else ACKNOWLEDGED], *([ends] if ends else [])]))
        for at, fault in own[:ERRORS_MAX]:
            if at not in (1, len(message.segments)):
                lines.append(Segment("UCS", [[str(at)], [_code(fault)]]))
    return "CONTRL:2:2:UN", lines


def _within(message: Message, faults: Sequence[Finding]) -> list[tuple[int, Finding]]:
    """The faults whose segment belongs to a message, with the position counted from its UNH."""
    first, last = message.segments[0].position, message.segments[-1].position
    at = [(int(hit[1]), fault) for fault in faults if (hit := _PLACE.search(fault.message))]
    return [(position - first + 1, fault) for position, fault in at if first <= position <= last]


def _code(fault: Finding) -> str:
    return fault.source.removeprefix(SOURCE) if fault.source.startswith(SOURCE) else UNSPECIFIED


def _aperak(found: list[Message], refusal: Problem, findings: Sequence[Finding], moment: datetime) -> tuple[str, list[Segment]]:
    """What the application found, a group of ERC, FTX and RFF for each finding."""
    errors = [one for one in findings if one.severity == Severity.ERROR] or [
        Finding(refusal.code, Severity.ERROR, "", refusal.detail or refusal.code)
    ]
    lines = [
        Segment("BGM", [["313"], [refusal.code[:35]], ["27"]]),
        Segment("DTM", [["137", moment.strftime("%Y%m%d%H%M%S"), "204"]]),
    ]
    if found:
        lines.append(Segment("RFF", [["ACW", found[0].reference or "0"]]))
    for one in errors[:ERC_MAX]:
        text = " ".join(f"{one.message} {one.hint}".split())
        lines.append(Segment("ERC", [[one.rule[:17], "", "ZZZ"]]))
        lines.append(Segment("FTX", [["AAO"], [""], [""], [text[n : n + 512] for n in range(0, min(len(text), 2_560), 512)]]))
        if one.pointer:
            lines.append(Segment("RFF", [["ZZZ", one.pointer[:70]]]))
    return "APERAK:D:24A:UN", lines


def _wrapped(whole: Interchange, bodies: list[tuple[str, list[Segment]]], reference: str, moment: datetime) -> bytes:
    text = ""
    for n, (kind, lines) in enumerate(bodies, 1):
        unh = Segment("UNH", [[str(n)], kind.split(":")])
        text += text_of([unh, *lines, Segment("UNT", [[str(len(lines) + 2)], [str(n)]])])
    parties = [[whole.recipient or NOBODY, "ZZZ", whole.recipient_role], [whole.sender or NOBODY, "ZZZ", whole.sender_role]]
    unz = text_of([Segment("UNZ", [[str(len(bodies))], [reference]])])
    level, version, day = "UNOC", "3", "%y%m%d"
    try:
        text.encode(CHARSETS[level])
    except UnicodeEncodeError:
        level, version, day = "UNOW", "4", "%Y%m%d"
    unb = Segment("UNB", [[level, version], *parties, [moment.strftime(day), moment.strftime("%H%M")], [reference]])
    whole_text: str = "UNA:+.? '\n" + text_of([unb]) + text + unz
    return whole_text.encode(CHARSETS[level], "replace")
