"""What the hub says about who acts for whom, and about what waits for a second person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct


class Mandate(Struct):
    """`agent` may act in the name of `party_id`. What is null limits nothing."""

    mandate_id: str
    party_id: str
    agent: str
    roles: list[str] | None
    types: list[str] | None
    trade_id: str | None
    amount_max: str | None
    currency: str | None
    given_by: str
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


class Mandates(Struct):
    """Mandates that a party gave or holds."""

    items: list[Mandate]


class ReleaseRule(Struct):
    """Messages of this type need a second person: all of them, or those from an amount on. "*" is every type without a rule of its own."""

    type: str
    amount_from: str | None
    currency: str | None


class ReleaseRules(Struct):
    """The rules of a party."""

    items: list[ReleaseRule]


class HeldLinks(Struct):
    """Where to look next."""

    self: str


class Held(Struct):
    """A message that waits, or waited, for a second person of its party. Nothing of it is in the trade until it is released."""

    held_id: str
    party_id: str
    trade_id: str
    message_id: UUID
    type: str
    role: str
    sha256: str
    because: str
    held_by: str
    agent: str
    mandate_id: str
    held_at: datetime
    expires_at: datetime
    state: Literal["waiting", "released", "rejected", "expired"]
    settled_by: str
    settled_at: datetime | None
    note: str
    links: HeldLinks


class HeldMessages(Struct):
    """What waits and waited."""

    items: list[Held]
