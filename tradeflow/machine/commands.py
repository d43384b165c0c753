"""What can be asked of a trade: open it, open one that begins in the middle, lodge a message, raise an event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding
from tradeflow.model.trade import Participant


@dataclass(frozen=True, slots=True)
class Open:
    """Open a trade. The party opening it must be one of the participants."""

    trade_id: str
    terms: dict[str, Any]
    participants: list[Participant]
    party: str


@dataclass(frozen=True, slots=True)
class Lodge:
    """A message that passed its schema and its rules."""

    document: Document
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Raise:
    """An event: a timer that came due, what a person decides, what is reported from outside.

    `region` is "instance.region", or "" where only one live region expects the event. `party` is empty for timers.
    `findings` are those an examiner lists; a note that words them does as well.
    """

    event: str
    region: str = ""
    party: str = ""
    role: str = "platform"
    note: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Seed:
    """Open a trade that begins in the middle: the states it is in, and the documents on file that led there.

    `given` maps "instance.region" to a state; every other region is in its initial one. The date of a document is that of its envelope.
    """

    trade_id: str
    terms: dict[str, Any]
    participants: list[Participant]
    given: dict[str, str]
    history: tuple[Lodge, ...] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    """A party accepts a finding across documents as it stands, in one of its roles."""

    finding: Finding
    party: str
    role: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A party takes part from now on. `party`, the exporter or importer, says so; or invited it and it accepted."""

    participant: Participant
    party: str
    invitation: str = ""
    accepted_by: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """A party takes part no longer in a role. `party` says so: itself, or the exporter or importer, who may name a successor."""

    participant: Participant
    party: str
    successor: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """What becomes of a message that could not reach a party before it left. `to` is who gets it instead, "" where nobody does.

    `way` is handed_over, sent_anyway or discarded.
    """

    delivery_id: str
    message_id: str
    participant: Participant
    way: str
    to: str = ""
    note: str = ""


Command: TypeAlias = Open | Lodge | Raise | Seed | Accept | Join | Leave | Redirect


def _no_cross(_: Sequence[str]) -> list[Finding]:
    return []


@dataclass(frozen=True, slots=True)
class Context:
    """Everything besides the state that a decision may depend on.

    `now` is aware; `docs` holds at least the current documents of the types needs.documents_for() names, as they were before
    this message; `findings` are those of the message's own rules; `cross` evaluates X- rules on demand, over the trade's
    documents with the message among them.
    """

    now: datetime
    docs: DocumentSet = field(default_factory=DocumentSet)
    findings: Sequence[Finding] = ()
    cross: Callable[[Sequence[str]], list[Finding]] = _no_cross
