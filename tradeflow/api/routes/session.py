"""Signing in and out, one's own password and second factor."""

from litestar import Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest, cookie_name, cookie_of
from tradeflow.api.operations import operation
from tradeflow.api.shapes_people import NewPassword, SignIn, TotpCode
from tradeflow.app.access import Caller
from tradeflow.app.sessions import SignedIn
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem

COOKIE = {"Set-Cookie": "The session: HttpOnly, SameSite=Lax, and Secure where the hub is reached by HTTPS."}


@post(
    "/v1/session",
    **operation(
        "signIn", "People", "Sign in", views.Session, body=SignIn, refuses=(400, 401, 413, 415, 422, 429, 503), public=True, headers=COOKIE
    ),
)
async def sign_in(request: AnyRequest, hub: NamedDependency[Hub], given: NamedDependency[SignIn]) -> Response[bytes]:
    """Begin a session of a browser: its token is in a cookie that no script reads, new at each sign-in.

    A wrong password and a name that nobody has get the same answer. After five failures in a row a name waits, longer each time.
    `TOTP_REQUIRED` says that the password is right and the code of the second factor is missing. Requests that change something carry
    `csrf_token` in `X-CSRF-Token`. A session ends when it was idle, after its time, and with `DELETE /v1/session`.
    """
    return with_cookie(hub, await hub.sessions.sign_in(given.email, given.password, given.code or "", cookie_of(request, hub)))


def with_cookie(hub: Hub, signed: SignedIn) -> Response[bytes]:
    """The answer that gives the browser its session."""
    answer = json(signed.told)
    answer.set_cookie(session_cookie(hub, signed.token))
    return answer


def session_cookie(hub: Hub, token: str) -> Cookie:
    """The cookie of a session; an empty token takes it away."""
    secure = hub.settings.public_url.startswith("https://")
    age = int(hub.settings.session_hours * 3600) if token else 0
    return Cookie(key=cookie_name(hub), value=token, path="/", httponly=True, samesite="lax", secure=secure, max_age=age)


@get("/v1/session", **operation("getSession", "People", "Who is signed in", views.Session, refuses=(503,), scope=""))
async def session(request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """The user and party of the browser's session, its end, and the token for its changes."""
    if not caller.user_id:
        raise Problem("USERS_ONLY", "an API key has no session", 403)
    return json(await hub.sessions.mine(cookie_of(request, hub)))


@delete("/v1/session", **operation("signOut", "People", "Sign out", status=204, refuses=(503,), scope=""))
async def sign_out(request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[None]:
    """End the browser's session at once."""
    if not caller.user_id:
        raise Problem("USERS_ONLY", "an API key has no session; DELETE /v1/keys/{key_id} ends a key", 403)
    await hub.sessions.sign_out(cookie_of(request, hub))
    return Response(None, status_code=204, cookies=[session_cookie(hub, "")])


@put(
    "/v1/session/password",
    **operation("setPassword", "People", "Change my password", status=204, body=NewPassword, refuses=(503,), scope=""),
)
async def set_password(
    request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewPassword]
) -> None:
    """Needs the present one. Every other session of the user ends. Who has lost it is invited anew by an admin of the party."""
    await hub.sessions.change_password(caller, given.present, given.password, cookie_of(request, hub))


@post(
    "/v1/session/totp",
    **operation("beginTotp", "People", "Set up a second factor", views.TotpSecret, status=201, refuses=(409, 503), scope=""),
)
async def begin_totp(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """A secret for the authenticator (TOTP, RFC 6238). It counts once `PUT /v1/session/totp` has confirmed it with a code."""
    return json(await hub.sessions.begin_totp(caller), 201)


@put(
    "/v1/session/totp",
    **operation("confirmTotp", "People", "Confirm the second factor", status=204, body=TotpCode, refuses=(409, 503), scope=""),
)
async def confirm_totp(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[TotpCode]) -> None:
    """From now on signing in needs a code; each works once."""
    await hub.sessions.confirm_totp(caller, given.code)


@post("/v1/session/totp/removal", **operation("removeTotp", "People", "Remove it", status=204, body=TotpCode, refuses=(409, 503), scope=""))
async def remove_totp(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[TotpCode]) -> None:
    """Give the second factor up, with a code of it. Who has lost the device is invited anew by an admin of the party."""
    await hub.sessions.remove_totp(caller, given.code)


handlers = [sign_in, session, sign_out, set_password, begin_totp, confirm_totp, remove_totp]
