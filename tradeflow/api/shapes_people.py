"""The shapes of requests about the people of a party."""

from typing import Annotated

from msgspec import Meta, Struct

from tradeflow.api.shapes import Line, PartyId, RoleId, Scope

_END = r"$(?!\n)"
Email = Annotated[str, Meta(pattern=rf"^[^@\s]+@[^@\s]+{_END}", max_length=200, examples=["li.wei@golden-lantern.example"])]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
Code = Annotated[str, Meta(pattern=rf"^[0-9]{{6}}{_END}", description="Six digits of the authenticator.", examples=["492039"])]
Token = Annotated[str, Meta(min_length=1, max_length=200)]
Roles = Annotated[list[RoleId], Meta(min_length=1, max_length=40)]
Scopes = Annotated[list[Scope], Meta(min_length=1, max_length=4)]
Days = Annotated[int, Meta(ge=1, le=30, description="How many days it holds.")]


class SignIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who signs in. `code` only where a second factor is set up."""

    email: Annotated[str, Meta(max_length=200)]
    password: Password
    code: Code | None = None


_DOMAIN = rf"^(?=.{{4,253}}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+{_END}"
Domain = Annotated[str, Meta(pattern=_DOMAIN, examples=["golden-lantern.example"])]
# a path of this hub: "//host" and "/\\host" would lead elsewhere
ReturnTo = Annotated[str, Meta(pattern=rf"^/(?![/\\])[!-\[\]-~]*{_END}", max_length=500, description="A path of this hub.")]


class OrganisationSignIn(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Whose provider is asked, and where the browser goes once it is signed in."""

    party_id: PartyId
    return_to: ReturnTo = "/"


class NewIdentityProvider(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The provider of a party. `just_in_time`: who comes for the first time becomes a user, within `roles` and `scopes`."""

    issuer: Annotated[str, Meta(max_length=500, examples=["https://login.golden-lantern.example"])]
    client_id: Annotated[str, Meta(min_length=1, max_length=200)]
    email_domains: Annotated[list[Domain], Meta(min_length=1, max_length=20)]
    client_secret: Annotated[str, Meta(max_length=500)] | None = None
    just_in_time: bool = False
    roles: Roles | None = None
    scopes: Scopes | None = None


class NewPassword(Struct, forbid_unknown_fields=True):
    """The present password, and the one that takes its place."""

    present: Password
    password: Password


class TotpCode(Struct, forbid_unknown_fields=True):
    """A code of the authenticator."""

    code: Code


class NewUser(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody to invite as a user. `roles` and `scopes` limit it; absent or null means no limit. The operator says of which party."""

    email: Email
    name: Line = "-"
    roles: Roles | None = None
    scopes: Scopes | None = None
    days: Days = 7
    party_id: PartyId | None = None


class Limits(Struct, forbid_unknown_fields=True):
    """What a user may do from now on. A disabled one is signed out everywhere."""

    roles: Roles | None
    scopes: Scopes | None
    disabled: bool


class Acceptance(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The token of an invitation, and the password to sign in with from now on."""

    token: Token
    password: Password
    name: Line | None = None
