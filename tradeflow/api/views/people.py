"""What the hub says about the people of a party."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from tradeflow.api.views.hub import Party


class User(Struct):
    """Somebody who acts for a party. `roles` and `scopes` are null where nothing limits them."""

    user_id: str
    party_id: str
    email: str
    name: str
    roles: list[str] | None
    scopes: list[str] | None
    has_totp: bool
    created_at: datetime
    disabled_at: datetime | None


class Users(Struct):
    """The users of a party."""

    items: list[User]


class Session(Struct):
    """Who is signed in, and until when at the longest. Changes carry `csrf_token` in `X-CSRF-Token`."""

    user: User
    party: Party
    csrf_token: str
    expires_at: datetime


class SignInAddress(Struct):
    """Where the browser goes to sign in."""

    url: Annotated[str, Meta(pattern="^https?://")]


class IdentityProvider(Struct):
    """A party's own provider. `redirect_uri` is what has to be registered there."""

    party_id: str
    issuer: str
    client_id: str
    has_secret: bool
    email_domains: list[str]
    just_in_time: bool
    roles: list[str] | None
    scopes: list[str] | None
    redirect_uri: str
    set_by: str
    changed_at: datetime | None


class TotpSecret(Struct):
    """What an authenticator takes: the secret, and the same as an address for a QR code."""

    secret: str
    uri: Annotated[str, Meta(pattern="^otpauth://")]


class Invitation(Struct):
    """Somebody is asked to become a user of a party, or a party to join a trade in a role."""

    invitation_id: str
    kind: Literal["user", "trade"]
    party_id: str
    invited_by: str
    expires_at: datetime
    email: str
    name: str
    roles: list[str] | None
    scopes: list[str] | None
    trade_id: str | None
    role: str | None
    created_at: datetime | None
    used_at: datetime | None
    used_by: str | None
    revoked_at: datetime | None


class Invited(Invitation):
    """A new invitation. `token` is shown here and never again: give it to who is meant."""

    token: Annotated[str, Meta(pattern="^ti_[0-9a-f]+_.+$")]


class Invitations(Struct):
    """A party's invitations."""

    items: list[Invitation]
