"""What the hub says about parties, keys, its clock and itself."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct


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
    scopes: list[str] | None = None


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
    scopes: list[str] | None = None


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
