"""The shapes of requests: what the small JSON bodies hold. Anything else in them is refused."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tradeflow.model.finding import Finding
from tradeflow.model.ids import PARTY_ID, TRADE_ID

_END = r"$(?!\n)"  # Python's $ also stands before a last newline
PartyId = Annotated[
    str,
    Meta(
        pattern=f"^{PARTY_ID.pattern}{_END}",
        description="A party of this hub: small letters, digits and hyphens.",
        examples=["golden-lantern"],
    ),
]
TradeId = Annotated[
    str,
    Meta(
        pattern=f"^{TRADE_ID.pattern}{_END}",
        description="The reference of a trade: 6 to 35 capital letters, digits, dots and hyphens.",
        examples=["GLL-2025-0117"],
    ),
]
RoleId = Annotated[
    str, Meta(pattern=f"^[a-z][a-z_]{{1,39}}{_END}", description="A role, as the messages' `from_roles` name it.", examples=["exporter"])
]
Scope = Literal["read", "lodge", "decide", "admin"]
Line = Annotated[str, Meta(pattern=rf"^\S(.*\S)?{_END}", max_length=200)]
Term = Annotated[str, Meta(min_length=1, max_length=200)]
TermName = Annotated[str, Meta(pattern=f"^[a-z][a-z0-9_]{{0,39}}{_END}")]
Country = Annotated[str, Meta(pattern=f"^([A-Z]{{2}})?{_END}", description="ISO 3166-1 alpha-2, or empty.", examples=["HK"])]


class NewParticipant(Struct, forbid_unknown_fields=True):
    """A party in one of its roles. A party with two roles stands here twice."""

    party_id: PartyId
    role: RoleId


class NewTrade(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A trade to be opened. The caller is one of its participants, or the operator of the hub."""

    participants: Annotated[list[NewParticipant], Meta(min_length=1, max_length=100)]
    trade_id: TradeId | None = None
    terms: Annotated[
        dict[TermName, Term],
        Meta(
            max_length=50,
            description="What the parties agree on already: `incoterm`, `payment_method`, `transport_mode`, `load_type`, …",
            examples=[{"incoterm": "CIF", "payment_method": "LC_SIGHT", "transport_mode": "1", "load_type": "FCL"}],
        ),
    ] = {}


class SeededTrade(NewTrade, forbid_unknown_fields=True, omit_defaults=True):
    """A trade of a sandbox that begins in the middle."""

    given: Annotated[
        list[Annotated[str, Meta(pattern=rf"^[a-z_]+(#[\w.-]{{1,60}})?\.[a-z_]+=[a-z_0-9]+{_END}")]],
        Meta(
            max_length=200,
            description="The states it is in, as `instance.region=state`; every other region is in its initial state.",
            examples=[["contract.main=agreed", "trade.case=contracted"]],
        ),
    ] = []
    history: Annotated[
        list[dict[str, Any]],
        Meta(max_length=200, description="The messages on file, as JSON documents; `message.created_at` is when each was lodged."),
    ] = []


class NewDecision(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something a person decided or reports from outside: an event of the process tables, raised in one of the caller's roles."""

    event: Annotated[str, Meta(pattern=f"^[a-z][a-z0-9_]{{0,59}}{_END}", examples=["insurance_not_required"])]
    region: Annotated[
        str,
        Meta(
            pattern=rf"^([a-z_]+(#[\w.-]{{1,60}})?\.[a-z_]+)?{_END}",
            description="As `instance.region`; needed where several regions would take the event.",
        ),
    ] = ""
    role: Annotated[
        str, Meta(pattern=f"^([a-z][a-z_]{{1,39}})?{_END}", description="Needed where the caller has several roles in the trade.")
    ] = ""
    note: Annotated[str, Meta(max_length=1000, description="Kept with the event, shown in the timeline.")] = ""


class StatedFinding(Finding, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A finding across documents, as a refusal stated it: not a word of it changed."""


class NewDeviation(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A conflict between documents that the caller accepts as it stands: an open one by its `id`, or one that refused a message, whole."""

    id: Annotated[str, Meta(pattern=f"^([0-9a-f]{{16}})?{_END}", examples=["3f0c2b9d5a7e4411"])] = ""
    finding: StatedFinding | None = None
    role: Annotated[
        str, Meta(pattern=f"^([a-z][a-z_]{{1,39}})?{_END}", description="Needed where the caller has several roles in the trade.")
    ] = ""
    note: Annotated[str, Meta(max_length=1000, description="Why, in the caller's own words; kept in the chain of events.")] = ""


class NewParty(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An organisation on this hub."""

    party_id: PartyId
    name: Annotated[Line, Meta(examples=["Golden Lantern Lighting Ltd"])]
    country: Country = ""


class NewKey(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An API key to make. `roles` limits what it may act as, `scopes` what it may be used for; absent or null means no limit."""

    name: Annotated[Line, Meta(description="What the key is for, for people.", examples=["order system"])]
    roles: Annotated[list[RoleId], Meta(min_length=1, max_length=40)] | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=4)] | None = None


class NewTime(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of `now` and `advance`."""

    now: Annotated[datetime, Meta(tz=True, description="A time with its offset, in the years 1990 to 2200.")] | None = None
    advance: (
        Annotated[
            timedelta | int,
            Meta(description="How far to move on: an ISO 8601 duration such as P5D or PT12H, or whole seconds."),
        ]
        | None
    ) = None


class Assignment(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Whose case it is."""

    party_id: PartyId
    note: Annotated[str, Meta(max_length=1000, description="How that is known, for the party.")] = ""


class Rejection(Struct, forbid_unknown_fields=True):
    """Why something in quarantine will not be lodged."""

    note: Annotated[str, Meta(min_length=1, max_length=1000, examples=["Sent to the wrong hub; the sender was told by telephone."])]
