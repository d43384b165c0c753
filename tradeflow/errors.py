"""What can go wrong, as one tree.

Problem                     anything a caller is told about (RFC 9457 problem details)
├── BadInput                4xx: bytes, syntax, schema or rules; carries all findings
├── Refused                 4xx: understood, but not allowed now; says what is allowed instead
├── Missing                 404: no such thing, or not yours to see
└── Unavailable             503: try again later
ContentError                a defect in documents/, workflows/ or adapters/ (file, line, what)
EmbeddedError               an embedded server could not start
"""

from dataclasses import dataclass, field
from typing import Any

from tradeflow.model.finding import Finding


@dataclass(eq=False)
class Problem(Exception):
    """An answer other than success. `code` is stable; `detail` is for people; `retry` says whether the same call may work later."""

    code: str
    detail: str
    status: int = 400
    retry: bool = False
    findings: list[Finding] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    wait_seconds: int = 0  # how long until the same call may work, where that is known
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class BadInput(Problem):
    """The bytes, the syntax, the schema or a rule: fix the document and send it again."""


class Refused(Problem):
    """The document may be fine, but the trade does not accept it now, from this party."""


class Missing(Problem):
    """There is no such thing, or it is not yours to see: the answer is the same."""


class Unavailable(Problem):
    """The hub cannot do it now; nothing was stored."""


@dataclass(eq=False)
class ContentError(Exception):
    """A defect in content. str() is "file:line: what" so that editors can jump there."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class EmbeddedError(RuntimeError):
    """An embedded server could not be started or reached; the text says what to do."""
