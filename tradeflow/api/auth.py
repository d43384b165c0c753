"""Who calls: an API key as a bearer token or in X-API-Key."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem

AnyRequest = Request[Any, Any, Any]


async def provide_hub(request: AnyRequest) -> Hub:
    """The hub behind this app."""
    hub = request.app.state.hub
    assert isinstance(hub, Hub)
    return hub


async def provide_caller(request: AnyRequest, hub: NamedDependency[Hub]) -> Caller:
    """The authenticated caller. Raises Problem UNAUTHENTICATED; no body is read before this."""
    key = key_of(request)
    if not key:
        raise Problem("UNAUTHENTICATED", "Send an API key: Authorization: Bearer tf_…, or X-API-Key.", 401)
    caller = await hub.keys.authenticate(key)
    request.scope["tradeflow.party"] = caller.party_id  # type: ignore[typeddict-unknown-key]
    return caller


def key_of(request: AnyRequest) -> str:
    """The API key of a request, or "". Where both headers are sent, Authorization counts."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return request.headers.get("x-api-key", "").strip()
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
