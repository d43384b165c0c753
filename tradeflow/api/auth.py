"""Who calls: an API key as a bearer token or in X-API-Key, or a person's browser with the cookie of its session."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from tradeflow.app.access import Caller, scope_needed
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem

AnyRequest = Request[Any, Any, Any]
CSRF_HEADER = "x-csrf-token"
MANDATED = "mandated"  # an operation whose handler asks for the mandate itself


async def provide_hub(request: AnyRequest) -> Hub:
    """The hub behind this app."""
    hub = request.app.state.hub
    assert isinstance(hub, Hub)
    return hub


async def provide_caller(request: AnyRequest, hub: NamedDependency[Hub]) -> Caller:
    """The authenticated caller. Raises Problem UNAUTHENTICATED; no body is read before this.

    Where a key is sent, the cookie does not count. A change by cookie carries the CSRF token of its session.
    """
    key = key_of(request)
    if not key and (token := cookie_of(request, hub)):
        reads = request.method in ("GET", "HEAD")
        caller = await hub.sessions.caller(token, None if reads else request.headers.get(CSRF_HEADER, ""))
    elif not key:
        raise Problem("UNAUTHENTICATED", "Send an API key: Authorization: Bearer tf_…, or X-API-Key.", 401)
    else:
        caller = await hub.keys.authenticate(key, request.client.host if request.client else "")
    request.scope["tradeflow.party"] = caller.party_id  # type: ignore[typeddict-unknown-key]
    caller = await admitted(request, hub, caller)
    principal = request.headers.get("on-behalf-of")
    return caller if principal is None else await _looking(request, hub, caller, principal.strip())


def principal_of(request: AnyRequest) -> str:
    """For whom an agent decides, or ""."""
    return request.headers.get("on-behalf-of", "").strip()


async def _looking(request: AnyRequest, hub: Hub, caller: Caller, principal: str) -> Caller:
    """An agent that reads a trade as its principal does. Whether it may decide depends on what: the handler asks (principal_of)."""
    trade_id = request.path_params.get("trade_id")
    if request.route_handler.opt.get(MANDATED):
        return caller
    if trade_id is None or request.route_handler.opt.get("scope") != "read":
        says = "On-Behalf-Of is for reading one trade and for decisions; a message names its principal as its sender"
        raise Problem("INVALID_REQUEST", says, 422)
    return await hub.mandates.looking(caller, principal, str(trade_id))


async def admitted(request: AnyRequest, hub: Hub, caller: Caller) -> Caller:
    """The one place that asks what a caller may call at all: within its party's rate, and with a key that is for this operation."""
    allowance = None if caller.operator else await hub.rates.take(caller.party_id)
    if allowance:
        request.scope["tradeflow.headers"] = allowance.headers  # type: ignore[typeddict-unknown-key]
    scope_needed(caller, str(request.route_handler.opt.get("scope", "admin")))
    return caller


def cookie_name(hub: Hub) -> str:
    """The name of the session's cookie. Over HTTPS browsers hold it to this host, this path and HTTPS by its name."""
    return "__Host-tf_session" if hub.settings.public_url.startswith("https://") else "tf_session"


def cookie_of(request: AnyRequest, hub: Hub) -> str:
    """The token of the browser's session, or "". A request with any Authorization is not a browser's."""
    return "" if "authorization" in request.headers else request.cookies.get(cookie_name(hub), "")[:200]


def key_of(request: AnyRequest) -> str:
    """The API key of a request, or "". Where both headers are sent, Authorization counts."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return request.headers.get("x-api-key", "").strip()
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
