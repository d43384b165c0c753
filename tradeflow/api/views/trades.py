"""What commands and queries about trades answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from tradeflow.machine.answers import Allowed
from tradeflow.machine.clocks import RunningClock
from tradeflow.model.finding import Finding
from tradeflow.model.trade import Consent, Departure, DocumentEntry, Participant, Payable, TitleState

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


class RulesEvaluated(Struct):
    """How many rules looked at the message alone, and at it among the documents of the trade."""

    message: int
    across_documents: int


class AcrossDocuments(Struct):
    """What the command did to the agreement of the trade's documents."""

    raised: Annotated[list[str], Meta(description="Ids of the new findings; they stand in `findings`.")]
    cured: Annotated[list[Finding], Meta(description="What a version put right.")]
    open: int
    accepted: int


class Receipt(Struct):
    """A command was carried out, once: `receipt` says that the hub has it, `response` what it did."""

    trade_id: str
    receipt: ReceiptPart
    response: ResponsePart
    findings: Annotated[
        list[Finding], Meta(description="Warnings and notes of the message, and what it newly disagrees with: those have a `document`.")
    ]
    rules_evaluated: RulesEvaluated
    across_documents: AcrossDocuments
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
    withheld: Annotated[int, Meta(description="How many changes the caller may not see.")] | UnsetType = UNSET


class TradeFinding(Struct):
    """A disagreement between documents of the trade, and what became of it. `cured_…` are there once it is gone."""

    id: str
    status: Literal["open", "accepted", "cured"]
    finding: Finding
    documents: Annotated[list[str], Meta(description="Every document the rule compared, as `type:number`.")]
    since: datetime
    raised_by: UUID | None
    accepted_by: list[Consent]
    still_to_accept: Annotated[list[list[str]], Meta(description="Who has not accepted yet; of each group any one role does.")]
    cured_at: datetime | UnsetType = UNSET
    cured_by: UUID | UnsetType | None = UNSET
    cured_in: list[str] | UnsetType = UNSET


class FindingCount(Struct):
    """How many findings the caller sees, by status."""

    open: int
    accepted: int
    cured: int


class Findings(Struct):
    """Where the documents of a trade disagree, or did. `rules` is the number of rules that concern its documents."""

    trade_id: str
    version: int
    items: list[TradeFinding]
    count: FindingCount
    rules: int


class Trade(Struct):
    """A trade as the caller sees it."""

    trade_id: str
    version: int
    now: Annotated[datetime, Meta(description="The hub's time of reading.")]
    terms: dict[str, Any]
    participants: list[Participant]
    departed: Annotated[list[Departure], Meta(description="Who took part in a role and does no longer.")]
    regions: Annotated[dict[str, Region], Meta(description="By `instance.region`, for example `contract.main`.")]
    documents: list[DocumentEntry]
    timers: Annotated[list[RunningClock], Meta(description="The first to run out first.")]
    titles: dict[str, TitleState]
    payables: dict[str, Payable]
    tasks: list[Task]
    findings: Annotated[list[TradeFinding], Meta(description="Where the documents disagree now: open, or accepted by the parties.")]
    allowed: list[Allowed]
    timeline: list[TimelineEvent]


class RefusedAnswer(Struct):
    """What the sender was answered."""

    code: str
    detail: str
    status: int
    findings: list[Finding]


class RefusedMessage(Struct):
    """A message that was not taken: it changed nothing, and its id stayed free."""

    message_id: UUID
    sender: str
    type: str
    received_at: datetime
    problem: RefusedAnswer


class Refusals(Struct):
    """The newest first."""

    items: list[RefusedMessage]


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


class Version(Struct):
    """One version of a document."""

    version: int
    function: str
    sender: str
    role: str
    lodged_at: datetime
    message_id: UUID
    sha256: Sha256
    payload_sha256: Sha256


class Versions(Struct):
    """Every version of a document that the caller may read."""

    trade_id: str
    type: str
    number: str
    items: list[Version]


class Verified(Struct):
    """The document that has a hash. `current` is false where a later version has replaced it, or it was withdrawn."""

    trade_id: str
    sha256: Sha256
    type: str
    number: str
    version: int
    lodged_at: datetime
    newest: int
    current: bool


class FieldDifference(Struct):
    """One field that is another. `old` is null where it was added, `new` where it was removed."""

    pointer: Annotated[str, Meta(description="JSON Pointer into the newer version; into the older one where the value was removed.")]
    name: Annotated[str, Meta(description="What the catalogue calls the field.")]
    line: Annotated[str, Meta(description="What identifies the element of a list, for example `line_no 2`; or empty.")]
    old: Any
    new: Any


class Diff(Struct, rename={"since": "from"}):
    """What two versions of a document differ in. `withheld` are the places the caller may not see."""

    trade_id: str
    type: str
    number: str
    since: int
    to: int
    items: list[FieldDifference]
    withheld: list[str]


class Source(Struct):
    """A document that the content in force is made of."""

    type: str
    number: str
    version: int
    sha256: Sha256


class WithheldField(Struct):
    """A field the caller may not see."""

    pointer: str
    name: str


class InForce(Struct):
    """The agreed content of a document now. `in_words` is what an amendment says in words only: read it beside the document."""

    trade_id: str
    type: str
    number: str
    made_of: list[Source]
    amendments: list[int]
    in_words: list[str]
    document: dict[str, Any]
    withheld: list[WithheldField]
