"""What a hub answers, typed. Members a hub may add later are passed over; tests hold these shapes against the API description."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]


class Answer(Struct, frozen=True):
    """The bytes of an answer with their content type, where the answer is a document rather than a statement about one."""

    body: bytes
    content_type: str
    replayed: bool = False


class Finding(Struct, frozen=True):
    """One thing that is wrong: the rule, the place as a JSON Pointer, both values, and what to do."""

    rule: str
    severity: str
    pointer: str
    message: str
    hint: str = ""
    found: Any = None
    expected: Any = None
    other: str = ""
    source: str = ""
    document: str = ""
    cell: str = ""  # of a table that was lodged: "lines!F7"
    id: str = ""
    cure: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class Condition(Struct, frozen=True):
    """A condition of something allowed; `holds` is None where only the message itself can tell."""

    guard: str
    text: str
    holds: bool | None = None
    because: str = ""


class Allowed(Struct, frozen=True):
    """A message or an event that a region takes now, from these roles."""

    region: str
    instance: str
    by: list[str]
    to: list[str]
    message: str = ""
    event: str = ""
    function: list[str] = []
    guards: list[Condition] = []

    @property
    def open(self) -> bool:
        """Whether nothing is known yet that stands in its way."""
        return all(condition.holds is not False for condition in self.guards)


class Receipted(Struct, frozen=True):
    """The technical acknowledgement: the hub has it, and this is its hash."""

    trade_id: str
    version: int
    received_at: datetime
    event_sha256: str
    message_id: str = ""
    type: str = ""
    sha256: str = ""
    payload_sha256: str = ""
    event: str = ""


class Move(Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """One region that changed its state, or took note."""

    region: str
    transition: str
    source: str
    target: str


class Response(Struct, frozen=True):
    """The business answer: what the message did."""

    code: str
    moved: list[Move]


class SentTo(Struct, frozen=True):
    """One recipient's copy."""

    delivery_id: str
    party_id: str
    role: str
    kind: str


class Receipt(Struct, frozen=True):
    """A command was carried out, once."""

    trade_id: str
    receipt: Receipted
    response: Response
    findings: list[Finding]
    deliveries: list[SentTo]


class Region(Struct, frozen=True):
    """Where one region of a process stands."""

    state: str
    meaning: str
    since: datetime | None
    started: bool
    goal: bool
    terminal: bool


class DocumentEntry(Struct, frozen=True):
    """A document of the shared set: which one, by whom, and its hashes."""

    type: str
    number: str
    version: int
    message_id: str
    sha256: str
    payload_sha256: str
    role: str


class TimelineEvent(Struct, frozen=True):
    """One command that was carried out."""

    seq: int
    at: datetime
    kind: str
    party: str
    role: str
    message_id: str | None
    changes: list[Json]

    @property
    def moved(self) -> list[Move]:
        """The regions it moved, as far as the reader may see them."""
        return [
            Move(change["region"], change.get("transition", ""), change.get("source", ""), change["target"])
            for change in self.changes
            if change.get("change") == "moved"
        ]


class Participant(Struct, frozen=True):
    """A party in one of its roles."""

    party_id: str
    role: str


class Trade(Struct, frozen=True):
    """A trade as the caller sees it."""

    trade_id: str
    version: int
    now: datetime
    terms: Json
    participants: list[Participant]
    regions: dict[str, Region]
    documents: list[DocumentEntry]
    allowed: list[Allowed]
    timeline: list[TimelineEvent]
    findings: list[Json] = []
    timers: list[Json] = []


class TradeLine(Struct, frozen=True):
    """A trade in a list."""

    trade_id: str
    version: int
    created_at: datetime
    updated_at: datetime


class TradePage(Struct, frozen=True):
    """One page of trades; `next` is what to pass as `before` for the next one."""

    items: list[TradeLine]
    next: str | None


class AllowedNow(Struct, frozen=True):
    """Everything that is taken now."""

    items: list[Allowed]


class DocumentList(Struct, frozen=True):
    """The current documents of a trade."""

    items: list[DocumentEntry]


class Refused(Struct, frozen=True):
    """A message that was not taken, and the problem its sender was answered with."""

    message_id: str | None
    sender: str
    type: str
    received_at: datetime
    problem: Json


class RefusalList(Struct, frozen=True):
    """Messages that were not taken, the newest first."""

    items: list[Refused]


class FindingList(Struct, frozen=True):
    """Where the documents of a trade disagree, or did."""

    items: list[Json]
    rules: int


class ToType(Struct, frozen=True):
    """A required field that a draft could not fill."""

    pointer: str
    name: str
    type: str
    codelist: str = ""
    rule: str = ""


class Draft(Struct, frozen=True):
    """The next document as far as the trade can write it, envelope included; nothing is stored."""

    message: str
    role: str
    document: Json
    origins: list[Json]
    to_type: list[ToType]
    instance: str = ""
    candidates: list[str] = []


class WhyNot(Struct, frozen=True):
    """What stands between a role and a message, and the way to where it is taken."""

    message: str
    role: str
    taken: bool
    code: str = ""
    because: str = ""
    blocked_by: str = ""
    region: str = ""
    conditions: list[Condition] = []
    unlock: list[Json] = []
    may_not: str = ""
    roles: list[Json] = []


class Owed(Struct, frozen=True):
    """What a shipment still needs, and by role what may be sent now."""

    trade_id: str
    now: datetime
    items: list[Json]
    may_send: dict[str, list[str]]


class Links(Struct, frozen=True):
    """Where the message of a delivery is."""

    message: str = ""
    trade: str = ""


class InboxItem(Struct, frozen=True, rename={"sender": "from"}):
    """One delivery. A message is fetched with `client.message(item)`; a notice is all here."""

    position: int
    delivery_id: str
    trade_id: str
    kind: str
    message_id: str | None
    type: str
    function: str
    sender: Participant
    role: str
    delivered_at: datetime
    acknowledged_at: datetime | None
    links: Links = field(default_factory=Links)
    notice: Json = {}


class Inbox(Struct, frozen=True):
    """Deliveries in the order they arrived; `next` is the position to go on from."""

    items: list[InboxItem]
    next: int


class Acknowledged(Struct, frozen=True):
    """When a delivery was first acknowledged."""

    delivery_id: str
    acknowledged_at: datetime


class Party(Struct, frozen=True):
    """The name card of a party."""

    party_id: str
    name: str
    country: str


class IssuedKey(Struct, frozen=True):
    """A new API key; `key` is shown this once."""

    key_id: str
    party_id: str
    name: str
    key: str


class Clock(Struct, frozen=True):
    """The hub's time, and whether it can be set."""

    now: datetime
    sandbox: bool
