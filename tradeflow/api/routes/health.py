"""Is the hub well? For load balancers and monitoring."""

from litestar import Response, get
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.metrics import MEDIA_TYPE
from tradeflow.api.operations import operation
from tradeflow.app.access import Caller, operator_only
from tradeflow.app.wiring import Hub


@get("/health/live", **operation("live", "Health", "The process answers", views.Live, public=True))
async def live() -> Response[bytes]:
    """Never touches the database: a hub whose database is away must not be restarted for it."""
    return json({"status": "live"})


@get("/health/ready", **operation("ready", "Health", "The hub can take commands", views.Ready, refuses=(503,), public=True))
async def ready(hub: NamedDependency[Hub]) -> Response[bytes]:
    """Asks the database for the hub's time; 503 while it is away."""
    return json({"status": "ready", "now": await hub.store.now()})


@get("/v1/metrics", **operation("metrics", "Health", "Counters for Prometheus", (MEDIA_TYPE,), refuses=(403,), scope="admin"))
async def metrics(request: AnyRequest, caller: NamedDependency[Caller]) -> Response[bytes]:
    """Requests by route and status and how long they took, memory and CPU of this process. For the operator's key."""
    operator_only(caller)
    return Response(request.app.state.metrics.text(), media_type=MEDIA_TYPE)


handlers = [live, ready, metrics]
