"""What goes into the store and what comes out: plain rows."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tradeflow.model.trade import DocumentEntry, Participant, TradeState


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier message of the same sender with the same id."""

    trade_id: str
    sha256: str
    status: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade at one version, and the hub's time of reading."""

    state: TradeState
    head_hash: bytes
    now: datetime
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """An accepted message and the exact bytes it was answered with."""

    message_id: UUID
    sender: str
    role: str
    type: str
    function: str
    content_type: str
    original_sha256: str
    sha256: str
    payload_sha256: str
    status: int
    answer: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One link of the chain. `body` is the list of changes as JSON."""

    kind: str
    party: str
    role: str
    key_id: str
    message_id: UUID | None
    body: bytes
    at: datetime
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One copy for one party: the message itself, or a notice whose text is `body`."""

    delivery_id: UUID
    kind: str
    party_id: str
    role: str
    type: str
    function: str
    sender: str
    sender_role: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A participant that is one no longer; `says` stands with what could not reach it."""

    party_id: str
    role: str
    says: str


@dataclass(frozen=True, slots=True)
class RedirectRow:
    """What becomes of a delivery to a party that left: pending goes out after all, withdrawn ends; `to` gets a copy as delivery `copy`."""

    delivery_id: UUID
    status: str
    says: str
    copy: UUID
    to: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Everything one command writes. `state.version` is the version after it; the trade must still be at the one before."""

    state: TradeState
    event: EventRow
    message: MessageRow | None = None
    payloads: list[tuple[str, bytes]] = field(default_factory=list)
    document: DocumentEntry | None = None
    deliveries: list[DeliveryRow] = field(default_factory=list)
    armed: list[tuple[str, str, str, datetime]] = field(default_factory=list)  # key, region, event, due
    disarmed: list[str] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)  # only when the trade is opened
    joined: list[Participant] = field(default_factory=list)  # afterwards
    left: list[LeftRow] = field(default_factory=list)
    redirected: list[RedirectRow] = field(default_factory=list)
    filed: list[DocumentEntry] = field(default_factory=list)  # only when it is opened with documents on file


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a call with an Idempotency-Key, for replays."""

    party_id: str
    command: str
    key: str
    request_sha256: str
    status: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """What was refused by its schema or a rule, kept for its sender."""

    trade_id: str
    message_id: UUID
    sender: str
    type: str
    original_sha256: str
    body: bytes
    answer: bytes
    received_at: datetime
