"""Who calls: an API key as a bearer token or in X-API-Key."""

from typing import Any

from litestar import Request

from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.errors import Problem


async def provide_hub(request: Request[Any, Any, Any]) -> Hub:
    """The hub behind this app."""
    hub = request.app.state.hub
    assert isinstance(hub, Hub)
    return hub


async def provide_caller(request: Request[Any, Any, Any], hub: Hub) -> Caller:
    """The authenticated caller; 401 otherwise."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    if not key:
        raise Problem("UNAUTHENTICATED", "send an API key: Authorization: Bearer tf_...", 401)
    return await hub.keys.authenticate(key)
