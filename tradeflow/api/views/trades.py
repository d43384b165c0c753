"""What commands and queries about trades answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from tradeflow.machine.answers import Allowed
from tradeflow.model.finding import Finding
from tradeflow.model.trade import DocumentEntry, Participant, Payable, TitleState

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class ReceiptPart(Struct):
    """The technical acknowledgement: the hub has it, and this is its hash."""

    trade_id: str
    version: Annotated[int, Meta(description="Of the trade after this command.")]
    received_at: datetime
    event_sha256: Annotated[Sha256, Meta(description="This command's link in the chain of the trade's events.")]
    message_id: UUID | UnsetType = UNSET
    type: str | UnsetType = UNSET
    sha256: Annotated[Sha256, Meta(description="Of the canonical JSON (RFC 8785) of the message.")] | UnsetType = UNSET
    payload_sha256: Annotated[Sha256, Meta(description="The same without the member `message`.")] | UnsetType = UNSET
    event: str | UnsetType = UNSET


class Move(Struct, rename={"source": "from", "target": "to"}):
    """One region that changed its state."""

    region: str
    transition: str
    source: str
    target: str


class ResponsePart(Struct):
    """The business answer: what the message did."""

    code: Literal["accepted"]
    moved: list[Move]


class SentTo(Struct):
    """One recipient's copy."""

    delivery_id: UUID
    party_id: str
    role: str
    kind: Literal["message", "notice"]


class TradeLinks(Struct):
    """Where to read on."""

    trade: str
    allowed: str


class Receipt(Struct):
    """A command was carried out, once: `receipt` says that the hub has it, `response` what it did."""

    trade_id: str
    receipt: ReceiptPart
    response: ResponsePart
    findings: Annotated[list[Finding], Meta(description="Warnings and notes; none of them an error.")]
    deliveries: list[SentTo]
    links: TradeLinks


class Region(Struct):
    """One region of a process instance: where it stands, in words."""

    state: str
    meaning: str
    since: datetime | None
    started: bool
    goal: bool
    terminal: bool


class Timer(Struct):
    """A running clock: it raises `event` in `region` at `due_at`."""

    timer: str
    region: str
    event: str
    armed_at: datetime
    due_at: datetime
    why: str


class Task(Struct):
    """A message somebody has been asked for."""

    message: str
    region: str


class TimelineEvent(Struct):
    """One command that was carried out, chained by hash to the one before."""

    seq: int
    at: datetime
    kind: Literal["open", "seed", "message", "event", "clock", "upgrade"]
    party: str
    role: str
    message_id: UUID | None
    sha256: Sha256
    changes: list[dict[str, Any]]


class Trade(Struct):
    """A trade as the caller sees it."""

    trade_id: str
    version: int
    now: Annotated[datetime, Meta(description="The hub's time of reading.")]
    terms: dict[str, Any]
    participants: list[Participant]
    regions: Annotated[dict[str, Region], Meta(description="By `instance.region`, for example `contract.main`.")]
    documents: list[DocumentEntry]
    timers: list[Timer]
    titles: dict[str, TitleState]
    payables: dict[str, Payable]
    tasks: list[Task]
    allowed: list[Allowed]
    timeline: list[TimelineEvent]


class TradeLine(Struct):
    """A trade in a list."""

    trade_id: str
    version: int
    created_at: datetime
    updated_at: datetime


class Trades(Struct):
    """One page. `next` is the value of `before` for the next one; null on the last."""

    items: list[TradeLine]
    next: str | None


class AllowedNow(Struct):
    """Every message and event that is accepted now."""

    items: list[Allowed]


class Documents(Struct):
    """The current documents of a trade."""

    items: list[DocumentEntry]
