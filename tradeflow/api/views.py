"""The shapes of answers, for the API description. Tests hold every answer against them; more members may come."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from tradeflow.machine.answers import Allowed
from tradeflow.model.finding import Finding
from tradeflow.model.trade import DocumentEntry, Participant, Payable, TitleState

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Problem(Struct):
    """Why a request was not carried out (RFC 9457). Nothing has changed."""

    type: Annotated[str, Meta(description="Where the code is explained.", examples=["/docs/errors#OUT_OF_ORDER"])]
    title: Annotated[str, Meta(description="The code as a sentence, always the same.")]
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What is wrong with this request.")]
    code: Annotated[str, Meta(pattern="^[A-Z][A-Z_]+$", description="Stable; for programs.", examples=["OUT_OF_ORDER"])]
    retry: Annotated[bool, Meta(description="Whether the very same request may work later.")]
    findings: Annotated[list[Finding], Meta(description="Everything that is wrong, each with its place.")]
    allowed: Annotated[list[Allowed], Meta(description="What would be accepted now instead.")]
    candidates: Annotated[list[str], Meta(description="Process instances that match where one had to be named.")]
    instance: Annotated[str, Meta(description="The path of the request.")]
    incident: Annotated[str, Meta(description="Tell it to the operator; only with INTERNAL.")] | UnsetType = UNSET


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
    kind: Literal["open", "message", "event"]
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


class Attempt(Struct):
    """One try to hand a delivery over."""

    n: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    error: str | None


class Delivery(Struct):
    """One recipient's copy and how it fares."""

    delivery_id: UUID
    message_id: UUID | None
    kind: Literal["message", "notice"]
    type: str
    sender: str
    party_id: str
    role: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    attempt_list: list[Attempt]


class Deliveries(Struct):
    """The caller's deliveries of a trade."""

    items: list[Delivery]


class Sender(Struct):
    """Who sent it, in which role."""

    party_id: str
    role: str


class NoticeText(Struct):
    """A status line: nothing to answer."""

    text: str
    regions: list[str]


class InboxLinks(Struct):
    """Where the message is."""

    message: str
    trade: str


class InboxItem(Struct, rename={"sender": "from"}):
    """One delivery. A message is fetched by its link; a notice is all here."""

    position: int
    delivery_id: UUID
    trade_id: str
    kind: Literal["message", "notice"]
    message_id: UUID | None
    type: str
    function: str
    sender: Sender
    role: str
    delivered_at: datetime
    acknowledged_at: datetime | None
    links: InboxLinks | UnsetType = UNSET
    notice: NoticeText | UnsetType = UNSET


class Inbox(Struct):
    """Deliveries in the order they arrived. `next` is the position to go on from."""

    items: list[InboxItem]
    next: int


class Acknowledged(Struct):
    """When a delivery was first acknowledged."""

    delivery_id: UUID
    acknowledged_at: datetime


class Party(Struct):
    """The name card of a party."""

    party_id: str
    name: str
    country: str


class Key(Struct):
    """An API key without its secret."""

    key_id: str
    party_id: str
    name: str
    roles: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Keys(Struct):
    """A party's keys."""

    items: list[Key]


class IssuedKey(Struct):
    """A new API key. `key` is shown here and never again."""

    key_id: str
    party_id: str
    name: str
    key: Annotated[str, Meta(pattern="^tf_[0-9a-f]+_.+$")]
    roles: list[str] | None
    expires_at: datetime | None


class Clock(Struct):
    """The time by which deadlines count, and whether it can be set."""

    now: datetime
    sandbox: bool


class Live(Struct):
    """The process answers."""

    status: Literal["live"]


class Ready(Struct):
    """The database answers, too."""

    status: Literal["ready"]
    now: datetime


class MessageLine(Struct):
    """A message type in the list."""

    type: str
    name: str
    category: str
    processes: list[int]
    from_roles: list[str]
    to_roles: list[str]
    links: dict[str, str]


class Catalogue(Struct):
    """All message types."""

    items: list[MessageLine]


class FieldView(Struct, omit_defaults=True):
    """One field: `path` with `[]` after a list, `of` the type of an object or element."""

    path: str
    name: str
    type: str
    required: bool
    of: str = ""
    codelist: str = ""
    rule: str = ""


class RuleView(Struct):
    """One rule that every message of the type is held against."""

    id: str
    severity: Literal["error", "warning", "info", "conflict"]
    text: str
    hint: str
    source: str


class UseView(Struct):
    """One transition that a message of the type fires."""

    process: str
    region: str
    state: list[str]
    to: str
    by: list[str]
    function: list[str]


class MessageView(Struct):
    """Everything about a message type."""

    type: str
    name: str
    schema_version: str
    known_as: str
    category: str
    processes: list[int]
    from_roles: list[str]
    to_roles: list[str]
    action: str
    legal: str
    replies: list[str]
    notes: str
    standards: dict[str, str]
    fields: list[FieldView]
    rules: list[RuleView]
    uses: list[UseView]
    samples: list[str]
    links: dict[str, str]


class CodeView(Struct, omit_defaults=True):
    """One code; a meaning where the code does not speak for itself."""

    code: str
    meaning: str = ""


class Codes(Struct, omit_defaults=True):
    """A code list: closed if it has codes, else `pattern` decides."""

    name: str
    source: str
    pattern: str = ""
    codes: list[CodeView] = []
