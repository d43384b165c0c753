"""The shapes of requests about partners, mandates and release."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from tradeflow.api.shapes import Line, PartyId, RoleId, TradeId
from tradeflow.api.shapes_people import Days, Roles, Token

_END = r"$(?!\n)"
TypeId = Annotated[str, Meta(pattern=f"^[a-z][a-z0-9_]{{1,59}}{_END}", description="A message type.", examples=["commercial_invoice"])]
Types = Annotated[list[TypeId], Meta(min_length=1, max_length=100)]
Amount = Annotated[Decimal, Meta(description="Decimal text, as in messages.")]
Currency = Annotated[str, Meta(pattern=f"^[A-Z]{{3}}{_END}", examples=["USD"])]


class NewPartner(Struct, forbid_unknown_fields=True):
    """A party of this hub, and the role in which it takes part from now on."""

    party_id: PartyId
    role: RoleId


class Leaving(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who takes part no longer, in which role. `successor` takes over in the same moment; the exporter or importer may name one."""

    party_id: PartyId
    role: RoleId
    successor: PartyId | None = None
    note: Annotated[str, Meta(max_length=1000, description="Why; kept with the event.")] = ""


class HandOver(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets the message instead: a party that plays the role it was sent to."""

    party_id: PartyId
    note: Annotated[str, Meta(max_length=1000, description="Why; kept with the event.")] = ""


class Discard(Struct, forbid_unknown_fields=True):
    """Why nobody needs the message any more."""

    note: Annotated[str, Meta(min_length=1, max_length=1000, examples=["The new carrier has the booking by another message."])]


class NewPartnerInvitation(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A role to fill. `note` is for people: whom the invitation is meant for."""

    role: RoleId
    days: Days = 7
    note: Line = "-"


class JoinTrade(Struct, forbid_unknown_fields=True):
    """The token of an invitation into a trade."""

    token: Token


class NewMandate(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who may act in the name of the caller's party, until when by the hub's clock, and within which limits; absent or null is none."""

    agent: PartyId
    ends_at: Annotated[datetime, Meta(tz=True)]
    roles: Roles | None = None
    types: Types | None = None
    trade_id: TradeId | None = None
    amount_max: Amount | None = None
    currency: Currency | None = None


class NewReleaseRule(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Messages of this type ("*": all without a rule of their own) need a second person: from this amount on, or all."""

    type: Annotated[str, Meta(pattern=rf"^([a-z][a-z0-9_]{{1,59}}|\*){_END}", examples=["payment_instruction"])]
    amount_from: Amount | None = None
    currency: Currency | None = None


class NewReleaseRules(Struct, forbid_unknown_fields=True):
    """The rules from now on."""

    items: Annotated[list[NewReleaseRule], Meta(max_length=100)]


class HeldRejection(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Why it will not be lodged."""

    note: Line = "-"
