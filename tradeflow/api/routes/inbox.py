"""The pull inbox of a party."""

from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.operations import operation
from tradeflow.api.parameters import DeliveryIdPath, Limit
from tradeflow.api.waiting import unless_gone
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub

After = Annotated[int, QueryParameter(description="Only deliveries after this position: `next` of the answer before.", ge=0, le=2**62)]
Wait = Annotated[int, QueryParameter(description="Seconds to wait for the first delivery if there is none yet.", ge=0, le=60)]
Open = Annotated[bool, QueryParameter(description="Leave out what was acknowledged.")]


@get("/v1/inbox", **operation("readInbox", "Deliveries", "Deliveries to me", views.Inbox, refuses=(503,)))
async def inbox(
    request: AnyRequest,
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    after: After = 0,
    limit: Limit = 50,
    wait_seconds: Wait = 0,
    unacknowledged: Open = False,
) -> Response[bytes]:
    """Deliveries after a position, in the order they arrived; `next` is the position to go on from.

    With `wait_seconds` the call stays open until something arrives or the time is over: a long poll. It then answers an empty list.
    """
    found = hub.queries.inbox(caller, after, limit, wait_seconds, unacknowledged)
    return json(await unless_gone(request, found) if wait_seconds else await found)


@post(
    "/v1/inbox/{delivery_id:uuid}/ack",
    **operation("acknowledge", "Deliveries", "Acknowledge a delivery", views.Acknowledged, refuses=(404, 503)),
)
async def acknowledge(hub: NamedDependency[Hub], caller: NamedDependency[Caller], delivery_id: DeliveryIdPath) -> Response[bytes]:
    """Say that a delivery was taken over. Again is harmless: the first time counts."""
    return json(await hub.queries.acknowledge(caller, delivery_id))


handlers = [inbox, acknowledge]
