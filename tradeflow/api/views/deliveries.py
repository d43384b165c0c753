"""What the inbox and the lists of deliveries answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType


class Attempt(Struct):
    """One try to hand a delivery over: to the inbox where `channel` is empty, else through that channel.

    `outcome` is also `acknowledged` or `rejected` for what the receiver's own system said about it afterwards (CONTRL, APERAK).
    """

    n: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    error: str | None
    channel: str


class AcknowledgedFile(Struct):
    """What a partner's system said about one delivery to it."""

    kind: Annotated[str, Meta(description="CONTRL: about the syntax. APERAK: about the content.")]
    accepted: bool
    said: str
    trade_id: str
    delivery_id: UUID
    message_id: UUID
    type: str


class Acknowledgements(Struct):
    """The deliveries that a partner's acknowledgements answered."""

    acknowledgements: list[AcknowledgedFile]


class Way(Struct):
    """A delivery on its way through a channel of its receiver. Next try, breaker and hours are in the hub's time.

    `status`: `pending`, `sent` (the partner's system took it over: the receipt), `quarantined` (a person has to look: `owner` says whose it
    is), `withdrawn` (no longer needed: acknowledged from the inbox, or the channel is gone). `attempts` counts tries through the channel.
    """

    name: str
    kind: str
    status: Literal["pending", "sent", "quarantined", "withdrawn"]
    attempts: int
    next_attempt_at: datetime
    last_error: str
    owner: str
    receipt: str
    sent_at: datetime | None
    state: Literal["active", "paused", "disabled", "removed"]
    reason: str
    breaker: Literal["closed", "open", "half_open"]
    wait_until: datetime | None
    opens_at: datetime | None


class Delivery(Struct):
    """One recipient's copy and how it fares.

    `delivered`: it is in the inbox. `acknowledged`: the receiver said that it has taken it over. `channel` is its way to the receiver's own
    system, where the receiver wants one. `quarantined`: a person has to decide, `owner` if it is not both sides. `withdrawn`:
    nobody gets it by this delivery, `last_error` says why.
    """

    trade_id: str
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
    reason: Annotated[str, Meta(description="`recipient_gone`: its receiver left the trade before it arrived.")]
    owner: Annotated[str, Meta(description="Who decides about it, where that is one side only.")]
    created_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    channel: Way | None
    attempt_list: list[Attempt]


class Deliveries(Struct):
    """The caller's deliveries of a trade."""

    items: list[Delivery]


class DeliveryPage(Struct):
    """The caller's deliveries of all trades; `next` is where the next page begins."""

    items: list[Delivery]
    next: UUID | None


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
