"""A finding: one thing wrong with a message, in words a shipping clerk understands."""

from enum import StrEnum
from typing import Any

import msgspec


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
