"""What the hub says about links to single documents."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct


class Link(Struct):
    """Somebody without an account may look at one document as `role` of `party_id`, and answer it once."""

    link_id: str
    party_id: str
    made_by_party: str
    made_by: str
    trade_id: str
    type: str
    number: str
    role: str
    answers: list[str]
    uses: int
    uses_max: int
    created_at: datetime
    ends_at: datetime
    answered_at: datetime | None
    revoked_at: datetime | None


class NewLink(Link):
    """A new link. `token` is shown here and never again."""

    token: Annotated[str, Meta(pattern="^tl_[0-9a-f]+_.+$")]


class Links(Struct):
    """The links that a party made, or that speak for it."""

    items: list[Link]


class OpenedLink(Struct):
    """What a link shows: the document as the role may see it, and the message types it takes as an answer."""

    party_id: str
    made_by_party: str
    trade_id: str
    type: str
    number: str
    role: str
    answers: list[str]
    uses: int
    uses_max: int
    ends_at: datetime
    answered: bool
    document: dict[str, Any]
