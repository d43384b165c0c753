"""A finding: one thing wrong with a message, in words a shipping clerk understands."""

import hashlib
from enum import StrEnum
from typing import Any

import msgspec

_canonical = msgspec.json.Encoder(order="deterministic")


class Severity(StrEnum):
    """error refuses the message; the others are shown and stay with it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    CONFLICT = "conflict"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one rule found at one place.

    pointer is a JSON Pointer (RFC 6901) into the JSON form of the document, for XML input too.
    found and expected are the two values that disagree; other names the document and pointer of the
    second value where it stands in another document ("packing_list GL-PL-25-0098#/totals/packages").
    document is set where the finding is across the documents of the trade: the one the pointer leads into ("packing_list
    GL-PL-25-0098"); such a finding has an id, and `cure` names the roles that can lodge a version without it. `withheld` lists
    the members that the reader may not see. cell is where the value stands in a table that was lodged: "lines!F7".
    """

    rule: str
    severity: Severity
    pointer: str
    message: str
    hint: str = ""
    found: Any = None
    expected: Any = None
    other: str = ""
    source: str = ""
    document: str = ""
    id: str = ""
    cure: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    cell: str = ""


def place(finding: Finding) -> tuple[str, str, str, str]:
    """What a finding across documents is about, whatever the values are: found again at the same place, it is the same disagreement."""
    return finding.rule, finding.document, finding.pointer, finding.other


def identity(finding: Finding) -> str:
    """The id of a finding across documents: its place and both values. Other values are another finding, which nobody has accepted yet."""
    said = _canonical.encode([*place(finding), finding.found, finding.expected])
    return hashlib.sha256(said).hexdigest()[:16]
