"""What the hub says about channels."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class KindPart(Struct):
    """A setting or a secret of a kind. A `generated` secret is made by the hub where none is given."""

    name: str
    text: str
    type: str
    required: bool
    generated: bool


class ChannelKind(Struct):
    """A kind of channel and what it wants to be told."""

    kind: str
    name: str
    summary: str
    settings: list[KindPart]
    secrets: list[KindPart]


class ChannelKinds(Struct):
    """The kinds of channels this hub has."""

    items: list[ChannelKind]


class HoursView(Struct, rename={"from_": "from"}):
    """When a channel is open."""

    zone: str
    days: list[str]
    from_: str
    to: str


class SecretView(Struct):
    """A live secret; its value is not told."""

    name: str
    created_at: datetime
    expires_at: datetime | None


class ChannelView(Struct):
    """A channel: how it is set and how it fares. Times of the breaker and the hours are the hub's."""

    party_id: str
    name: str
    kind: str
    message_types: list[str]
    notices: bool
    format: str
    settings: dict[str, Any]
    hours: HoursView | None
    state: Literal["active", "paused", "disabled"]
    reason: str
    breaker: Literal["closed", "open", "half_open"]
    failures: int
    wait_until: datetime | None
    opens_at: datetime | None
    last_error: str
    waiting: int
    quarantined: int
    secrets: list[SecretView]
    created_at: datetime
    changed_at: datetime
    issued: dict[str, str] | UnsetType = UNSET


class ChannelList(Struct):
    """A party's channels."""

    items: list[ChannelView]


class ChannelTest(Struct):
    """How a test delivery fared."""

    delivery_id: UUID
    result: Literal["sent", "retry", "failed"]
    said: str
