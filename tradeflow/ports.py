"""What the inside asks of the outside. Implementations live in store/, worker/ and adapters/."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, Self
from uuid import UUID

from tradeflow.errors import ContentError
from tradeflow.model.document import Document
from tradeflow.model.format import Reading, Sheet, Written


class Doorbell(Protocol):
    """Wakes workers. It may fail or be lost: the sweeper finds all work without it."""

    def ring(self, bucket: int) -> None:
        """Say that this bucket has work. Never raises, never waits for a network."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker holds until its lease ends. `token` fences every write about it."""

    trade_id: str
    delivery_id: UUID
    message_id: UUID | None
    party_id: str
    role: str
    kind: str
    type: str
    attempt: int
    token: UUID
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery on its way to a partner. `payload` is the message as its receiver may see it, or the notice.

    `delivery_id` is the same on every try: give it to the partner, who knows a repetition by it. `sequence` is the version of the trade
    after the event that caused it: what one party gets of one trade grows in it. `test` marks a delivery that belongs to no trade.
    """

    delivery_id: UUID
    trade_id: str
    sequence: int
    message_id: UUID | None
    kind: str  # message | notice | test
    type: str
    function: str
    sender: str
    sender_role: str
    party_id: str
    role: str
    attempt: int
    content_type: str  # application/json, application/xml, or that of the format which the channel speaks
    payload: bytes
    at: datetime  # the hub's time
    suffix: str = ""  # of a file that holds it, such as ".edi"; "" where the content type says it
    printed: bytes = b""  # the same as PDF, for kinds whose adapter.toml says prints; empty for notices and what cannot be printed

    @property
    def test(self) -> bool:
        return self.kind == "test"


@dataclass(frozen=True, slots=True)
class Sent:
    """The partner's side took it over: this is the receipt. `said` is what it answered, for people."""

    said: str = ""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Not now. `after_seconds` is how long the partner asked to be left alone; without it the ladder of retries decides."""

    why: str
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Never, as it is: a person has to look. `disables` says that nothing at all can pass here any more: the whole channel stops."""

    why: str
    disables: bool = False


SendResult = Sent | RetryLater | Failed


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What a channel is made from. `secrets` holds every live value of a name, the newest first.

    `internal` lets addresses of the machine itself (loopback) through, for sandboxes and tests; tradeflow.model.addresses says which.
    """

    party_id: str
    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    internal: bool = False
    data_dir: str = ""  # the hub's own folder, for what a kind keeps on disk
    hub: Mapping[str, Any] = field(default_factory=dict)  # those of the hub's settings that adapter.toml names
    format: str = "json"  # what the partner speaks: json, xml, a format or a business adapter


class Channel(Protocol):
    """One way to a partner. A class of adapters/<kind>/ that adapter.toml names; made once for each channel from its ChannelSettings.

    A kind may also have `faults(settings) -> list[str]` as a static method: what is wrong with settings that adapter.toml cannot say.
    """

    def __init__(self, given: ChannelSettings) -> None: ...

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Hand one delivery over. Runs outside any transaction and is cancelled when its time is over; what it raises is tried again."""

    async def close(self) -> None:
        """Let connections go: the channel was changed, or the hub stops."""


class Format(Protocol):
    """A codec: documents in the form that other systems speak. It is made with the rows of all messages that have it, by message.

    It is pure: no clock, no network, no state between calls. Bytes that are no message of the format at all are refused with
    BadInput MALFORMED, and a message type that no document of ours is bound to with BadInput UNKNOWN_MESSAGE.
    """

    def __init__(self, sheets: Mapping[str, Sheet]) -> None: ...

    def detect(self, body: bytes) -> bool:
        """Whether the bytes look like this format; cheap, by the first few of them."""

    def read(self, body: bytes) -> Reading:
        """The one document in a file; the schema and the rules judge it afterwards."""

    def write(self, document: Document) -> Written:
        """A document as a file. Losses that the codec knows of; what is dropped or changed is found by reading it back."""

    def check(self, sheet: Sheet) -> list[ContentError]:
        """Every defect of the rows of one message, with file and line."""


class NullDoorbell:
    """Rings nowhere; the sweeper does all the work."""

    def ring(self, bucket: int) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes that came in by a channel, with all that the channel knows. `party_id` is whom it authenticated, "" for nobody."""

    channel: str  # the kind of channel: file_drop, sftp, email
    address: str  # where it came from, for people: a folder, user@host, an e-mail address
    name: str  # of the file
    body: bytes
    content_type: str = ""  # as declared; "" where the channel knows none
    party_id: str = ""
    reason: str = ""  # why it is no message at all but only to be kept, such as "bounced"
    format: str = ""  # what the channel speaks; a business adapter translates what comes in by it


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an arrival. `answer` is the receipt or the problem, as HTTP has it; it goes back by the same channel."""

    status: int
    answer: bytes
    quarantine_id: UUID | None = None
    reply: bytes = b""  # the answer in the format of the file, where that has one of its own
    reply_name: str = ""  # what its name ends in: "reply.edi"

    @property
    def outcome(self) -> str:
        """accepted: it is in its trade; held: it waits for a second person of its party; refused: it waits in quarantine."""
        if self.quarantine_id is not None:
            return "refused"
        return "held" if self.status == HELD else "accepted"


HELD: Final = 202
Take = Callable[[Arrival], Awaitable[Taken]]


class Inlet(Protocol):
    """What a kind of channel may also do: fetch what its partner left. Found by the method being there."""

    async def fetch(self, take: Take) -> int:
        """One look. Takes every complete file, answers it and puts it aside; returns how many. Seeing a file twice is harmless."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server of the hub for partners is made from. `channels` tells the active channels that it serves, as they are now."""

    host: str
    port: int
    data_dir: str
    hub: Mapping[str, Any]
    channels: Callable[[], Awaitable[Sequence[ChannelSettings]]]
    take: Take


class Server(Protocol):
    """A server that adapter.toml names: it listens while its block runs, and starts where its setting gives it a port."""

    def __init__(self, given: ServerSettings) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    @property
    def port(self) -> int:
        """Where it listens."""
