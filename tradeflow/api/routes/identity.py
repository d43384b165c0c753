"""Signing in through an organisation's own provider (OpenID Connect), and saying which provider that is."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api import PORTAL, views
from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest, cookie_name, cookie_of
from tradeflow.api.operations import operation
from tradeflow.api.parameters import PartyIdPath
from tradeflow.api.routes.session import COOKIE, session_cookie
from tradeflow.api.routes.users import known_roles
from tradeflow.api.shapes_people import NewIdentityProvider, OrganisationSignIn
from tradeflow.app.access import Caller
from tradeflow.app.oidc.sign_in import BEGUN_SECONDS_MAX, CALLBACK, Answer
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem

Code = Annotated[str, QueryParameter(description="The code of the provider.", max_length=2_000)]
State = Annotated[str, QueryParameter(name="state", description="What the hub sent along.", max_length=200)]
Issuer = Annotated[str, QueryParameter(name="iss", description="Whose answer it is (RFC 9207).", max_length=2_000)]
Error = Annotated[str, QueryParameter(description="Why there is no code.", max_length=200)]
REFUSED_TO = f"{PORTAL}/sign-in"  # where somebody in front of a browser reads why
AT = "/v1/parties/{party_id:str}/identity-provider"


@put(
    AT,
    **operation(
        "setIdentityProvider",
        "People",
        "Let our own provider sign our people in",
        views.IdentityProvider,
        body=NewIdentityProvider,
        refuses=(404, 503),
        scope="admin",
    ),
)
async def set_provider(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, given: NamedDependency[NewIdentityProvider]
) -> Response[bytes]:
    """The provider is asked at once: its description and keys have to be right. Register `redirect_uri` of the answer there.

    It takes an admin whose own key or user has no limits, because whoever sets the provider decides who everybody is. Without
    `client_secret` the one there is stays; an empty one makes the hub a public client.
    """
    known_roles(given.roles)
    return json(await hub.organisations.put(caller, party_id, msgspec.structs.asdict(given)))


@get(AT, **operation("getIdentityProvider", "People", "Our provider", views.IdentityProvider, refuses=(404, 503), scope="admin"))
async def get_provider(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath) -> Response[bytes]:
    """As it was set, without its secret."""
    return json(await hub.organisations.provider(caller, party_id))


@delete(AT, **operation("removeIdentityProvider", "People", "Do without", status=204, refuses=(404, 503), scope="admin"))
async def remove_provider(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath) -> None:
    """People sign in with their passwords only. Sessions that hold go on."""
    await hub.organisations.remove(caller, party_id)


@post(
    "/v1/session/oidc",
    **operation(
        "beginOrganisationSignIn",
        "People",
        "Sign in at my organisation",
        views.SignInAddress,
        body=OrganisationSignIn,
        refuses=(400, 404, 413, 415, 422, 429, 502, 503),
        public=True,
        headers={"Set-Cookie": "Binds this browser to the sign-in, for ten minutes."},
    ),
)
async def begin(request: AnyRequest, hub: NamedDependency[Hub], given: NamedDependency[OrganisationSignIn]) -> Response[bytes]:
    """The address of the party's provider that the browser goes to. It comes back to the hub, and then to `return_to`."""
    await hub.guests.take(request.client.host if request.client else "")
    url, cookie = await hub.organisations.begin(given.party_id, given.return_to)
    answer = json({"url": url})
    answer.set_cookie(binding(hub, cookie))
    return answer


@get(
    CALLBACK,
    **operation(
        "finishOrganisationSignIn",
        "People",
        "Come back from my organisation",
        status=303,
        refuses=(401, 422, 429, 502, 503),
        public=True,
        headers={**COOKIE, "Location": "Where the browser wanted to go."},
    ),
)
async def callback(
    request: AnyRequest, hub: NamedDependency[Hub], code: Code = "", sent: State = "", iss: Issuer = "", error: Error = ""
) -> Response[None]:
    """The provider sends the browser here. Who it vouches for is signed in as a user of that party, under a new session.

    It counts once, for the browser that began, within ten minutes, with a token of that provider for this hub and this very sign-in,
    and an address that the provider has verified. A browser that is refused is led to the page for signing in.
    """
    await hub.guests.take(request.client.host if request.client else "")
    try:
        signed, return_to = await hub.organisations.finish(
            request.cookies.get(_name(hub), "")[:4_096], Answer(code, sent, iss, error), cookie_of(request, hub)
        )
    except Problem as problem:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return Response(None, status_code=303, headers={"Location": f"{REFUSED_TO}?refused={problem.code}"}, cookies=[binding(hub, "")])
    cookies = [session_cookie(hub, signed.token), binding(hub, "")]
    return Response(None, status_code=303, headers={"Location": return_to}, cookies=cookies)


def _name(hub: Hub) -> str:
    return f"{cookie_name(hub)}_oidc"


def binding(hub: Hub, value: str) -> Cookie:
    """What binds a browser to the sign-in that it began. Lax: the way back from the provider is a link of another site."""
    secure = hub.settings.public_url.startswith("https://")
    age = BEGUN_SECONDS_MAX if value else 0
    return Cookie(key=_name(hub), value=value, path="/", httponly=True, samesite="lax", secure=secure, max_age=age)


handlers = [set_provider, get_provider, remove_provider, begin, callback]
