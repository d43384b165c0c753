"""The pull inbox of a party."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from tradeflow.api.answers import json
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub


@get("/v1/inbox", operation_id="readInbox", tags=["Deliveries"], summary="Deliveries to me")
async def inbox(
    hub: Hub,
    caller: Caller,
    after: Annotated[int, Parameter(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
    wait_seconds: Annotated[float, Parameter(ge=0, le=60)] = 0,
    unacknowledged: bool = False,
) -> Response[bytes]:
    """Deliveries after a position, in order; `next` is the position to go on from. With wait_seconds the call waits for the first one."""
    return json(await hub.queries.inbox(caller, after, limit, wait_seconds, unacknowledged))


@post("/v1/inbox/{delivery_id:uuid}/ack", operation_id="acknowledge", tags=["Deliveries"], summary="Acknowledge a delivery", status_code=200)
async def acknowledge(hub: Hub, caller: Caller, delivery_id: UUID) -> Response[bytes]:
    """Say that a delivery was taken over. Repeating it is harmless."""
    return json(await hub.queries.acknowledge(caller, delivery_id))


handlers = [inbox, acknowledge]
