"""The users of a party, and invitations."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.problems import invalid
from tradeflow.api.shapes_people import Acceptance, Limits, NewUser
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import catalogue

UserIdPath = Annotated[str, PathParameter(name="user_id", description="The id of the user.")]
InvitationIdPath = Annotated[str, PathParameter(name="invitation_id", description="The id of the invitation.")]


@get("/v1/users", **operation("listUsers", "People", "Users of my party", views.Users, refuses=(503,), scope="admin"))
async def list_users(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """Everybody who may sign in for the caller's party, and within which limits; disabled ones included."""
    return json({"items": await hub.users.everybody(caller)})


@put(
    "/v1/users/{user_id:str}",
    **operation("setUser", "People", "Change what a user may do", views.User, body=Limits, refuses=(404, 503), scope="admin"),
)
async def set_user(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], user_id: UserIdPath, given: NamedDependency[Limits]
) -> Response[bytes]:
    """Limit, widen or disable a user of one's own party; it counts from its next request. Nobody changes himself."""
    known_roles(given.roles)
    return json(await hub.users.change(caller, user_id, given.roles, _plain(given.scopes), given.disabled))


@post(
    "/v1/invitations",
    **operation("inviteUser", "People", "Invite a user", views.Invited, status=201, body=NewUser, refuses=(404, 503), scope="admin"),
)
async def invite(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewUser]) -> Response[bytes]:
    """Ask somebody to become a user of one's own party, or, as operator, of any: the way to a party's first admin.

    The token is shown in this answer and never again; hand it over by a way you trust. It works once and for `days`. For somebody who
    is a user already it is the way back in: a new password, no second factor, all sessions ended.
    """
    known_roles(given.roles)
    name = "" if given.name == "-" else given.name
    made = hub.users.invite(caller, given.party_id or "", given.email, name, given.roles, _plain(given.scopes), given.days)
    return json(await made, 201)


@get(
    "/v1/invitations", **operation("listInvitations", "People", "Invitations of my party", views.Invitations, refuses=(503,), scope="admin")
)
async def list_invitations(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """The last 500, used and ended ones included, without their tokens."""
    return json({"items": await hub.users.invitations(caller)})


@delete(
    "/v1/invitations/{invitation_id:str}",
    **operation("revokeInvitation", "People", "End an invitation", status=204, refuses=(404, 503), scope="admin"),
)
async def revoke(hub: NamedDependency[Hub], caller: NamedDependency[Caller], invitation_id: InvitationIdPath) -> None:
    """Nobody can use it any more. Again is harmless; what it was used for stays."""
    await hub.users.revoke(caller, invitation_id)


@post(
    "/v1/invitations/user",
    **operation(
        "becomeUser",
        "People",
        "Accept an invitation",
        views.User,
        status=201,
        body=Acceptance,
        refuses=(400, 404, 413, 415, 422, 429, 503),
        public=True,
    ),
)
async def become_user(hub: NamedDependency[Hub], given: NamedDependency[Acceptance]) -> Response[bytes]:
    """Become a user with a password of one's own choice: 12 characters at least. Then sign in."""
    return json(await hub.users.accept(given.token, given.name or "", given.password), 201)


def known_roles(roles: list[str] | None) -> None:
    """Raises BadInput INVALID_REQUEST for a role that no trade has."""
    unknown = sorted(set(roles or ()) - set(catalogue().roles))
    if unknown:
        raise invalid(say("There is no role %(unknown)s.", unknown=", ".join(unknown)), "/roles", found=unknown)


def _plain(scopes: Sequence[str] | None) -> list[str] | None:
    return list(scopes) if scopes is not None else None


handlers = [list_users, set_user, invite, list_invitations, revoke, become_user]
