"""What partners answer to our interchanges: CONTRL about the syntax, APERAK about the content, read as acknowledgements.

CONTRL (ISO 9735) names the interchange by its control reference (0020) in UCI; action 4 anywhere rejects, 7 and 8 acknowledge. UCM, UCS
and UCD say which message, segment and element were wrong. APERAK names what it answers in RFF and DOC, and what was wrong in ERC and FTX.
"""

import io
from collections.abc import Iterator

from tradeflow.adapters.edifact.envelope import Message, messages
from tradeflow.adapters.edifact.refusal import fault, refused
from tradeflow.adapters.edifact.syntax import Segment

from tradeflow.model.format import Acknowledgement

SERVICE, APPLICATION = "CONTRL", "APERAK"
TYPES = (SERVICE, APPLICATION)
REJECTED = "4"  # action coded (0083); 7 acknowledges, 8 says only that the interchange was received
ERROR_MESSAGE, ACKNOWLEDGEMENT, NOT_ACCEPTED = "313", "312", "27"  # document name (1001), message function (1225)
REFERENCES_MAX = 20
ERRORS = {  # syntax error coded (0085)
    "2": "syntax version or level not supported",
    "7": "interchange recipient is not the actual recipient",
    "12": "invalid value",
    "13": "missing",
    "14": "value not supported in this position",
    "15": "not supported in this position",
    "16": "too many constituents",
    "17": "no agreement",
    "18": "unspecified error",
    "19": "invalid decimal notation",
    "20": "character invalid as service character",
    "21": "invalid characters",
    "22": "invalid service characters",
    "23": "unknown interchange sender",
    "24": "too old",
    "25": "test indicator not supported",
    "26": "duplicate detected",
    "28": "references do not match",
    "29": "control count does not match",
    "30": "groups and messages mixed",
    "32": "lower level empty",
    "33": "invalid occurrence outside a message or group",
    "35": "too many repetitions",
    "36": "too many repetitions of a segment group",
    "37": "invalid type of characters",
    "39": "data element too long",
    "40": "data element too short",
}


def acknowledgements(body: bytes) -> tuple[Acknowledgement, ...]:
    """What an interchange acknowledges; nothing where it holds documents. BadInput where it holds both, or is not in order."""
    if not any(kind.encode() in body for kind in TYPES):
        return ()
    found = list(messages(io.BytesIO(body)))
    kinds = {message.type for message in found}
    if not kinds & set(TYPES):
        return ()
    faults = list(found[0].interchange.faults)
    if kinds - set(TYPES):
        faults.append(fault(f"The interchange holds {', '.join(sorted(kinds))}: send acknowledgements and documents apart"))
    made = [_contrl(message) if message.type == SERVICE else _aperak(message) for message in found]
    faults += [
        fault(f"{message.type} {message.reference[:14]} does not say what it answers", message.segments[0].position, code="13")
        for message, one in zip(found, made, strict=True)
        if message.type in TYPES and not one.references
    ]
    if faults:
        raise refused(faults)
    return tuple(made)


def only_service(found: list[Message]) -> bool:
    """Whether an interchange holds nothing but CONTRL: that is never answered with CONTRL (ISO 9735), or two hubs would go on for ever."""
    return bool(found) and all(message.type == SERVICE for message in found)


def _contrl(message: Message) -> Acknowledgement:
    uci = next((segment for segment in message.segments if segment.tag == "UCI"), None)
    actions = [segment.value(*_ACTION[segment.tag]) for segment in message.segments if segment.tag in _ACTION]
    references = (uci.value(0),) if uci and uci.value(0) else ()
    return Acknowledgement(SERVICE, references, REJECTED not in actions, "; ".join(_told(message.segments)))


_ACTION = {"UCI": (3, 0), "UCF": (3, 0), "UCM": (2, 0)}


def _told(segments: list[Segment]) -> Iterator[str]:
    at = ""
    for segment in segments:
        if segment.tag in _ACTION:
            element = _ACTION[segment.tag][0]
            level = {"UCI": "interchange", "UCF": "group", "UCM": "message"}[segment.tag]
            place = f" in {segment.value(element + 2)}{_element(segment, element + 3)}" if segment.value(element + 2) else ""
            yield f"{level} {segment.value(0)}: action {segment.value(element)}{_error(segment.value(element + 1))}{place}"
        elif segment.tag == "UCS":
            at = segment.value(0)
            yield f"segment {at}{_error(segment.value(1))}"
        elif segment.tag == "UCD":
            yield f"segment {at}{_element(segment, 1)}{_error(segment.value(0))}"


def _element(segment: Segment, n: int) -> str:
    """The place that S011 names: element, component, repetition, each from 1."""
    place = ".".join(filter(None, (segment.value(n, 0), segment.value(n, 1))))
    return f" element {place}" + (f" repetition {segment.value(n, 2)}" if segment.value(n, 2) else "") if place else ""


def _error(code: str) -> str:
    return f", error {code} ({ERRORS[code]})" if code in ERRORS else f", error {code}" if code else ""


def _aperak(message: Message) -> Acknowledgement:
    bgm = next((segment for segment in message.segments if segment.tag == "BGM"), Segment("BGM", []))
    references, said, errors = [], [f"document {bgm.value(0) or '?'}"], 0
    for segment in message.segments:
        if segment.tag == "ERC":
            errors += 1
            said.append(f"error {segment.value(0)}")
        elif segment.tag == "FTX":
            said.append(" ".join(" ".join(segment.value(3, n) for n in range(5)).split()))
        elif segment.tag == "RFF" and not errors and segment.value(0, 1):
            references.append(segment.value(0, 1))
        elif segment.tag == "DOC" and segment.value(1):
            references.append(segment.value(1))
    kind, function = bgm.value(0), bgm.value(2)
    bad = kind == ERROR_MESSAGE or function == NOT_ACCEPTED or (errors > 0 and kind != ACKNOWLEDGEMENT)
    named = tuple(dict.fromkeys(references))[:REFERENCES_MAX]
    return Acknowledgement(APPLICATION, named, not bad, "; ".join(filter(None, said)))
