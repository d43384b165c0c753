"""The clock of a sandbox, and whether the hub is well."""

from datetime import datetime, timedelta

import msgspec
from litestar import Response, get, put
from litestar.params import JSONBody

from tradeflow.api.answers import json
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.errors import BadInput


class Clock(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of `now` (RFC 3339 with offset) and `advance` (ISO 8601 duration such as P5D or PT12H)."""

    now: datetime | None = None
    advance: timedelta | None = None


@get("/v1/sandbox/clock", operation_id="getClock", tags=["Sandbox"], summary="The hub's time")
async def clock(hub: Hub, caller: Caller) -> Response[bytes]:
    """The time by which deadlines count, and whether it can be set."""
    return json({"now": await hub.store.now(), "sandbox": hub.sandbox})


@put("/v1/sandbox/clock", operation_id="setClock", tags=["Sandbox"], summary="Set the clock of a sandbox")
async def set_clock(hub: Hub, caller: Caller, data: JSONBody[Clock]) -> Response[bytes]:
    """Set the clock or move it on. A production hub refuses; only the operator may."""
    if (data.now is None) == (data.advance is None):
        raise BadInput("INVALID_REQUEST", "give exactly one of now and advance", 422)
    if data.now is not None and (data.now.tzinfo is None or not 1990 <= data.now.year <= 2200):
        raise BadInput("INVALID_REQUEST", "now needs an offset and a year from 1990 to 2200", 422)
    if data.advance is not None and abs(data.advance) > timedelta(days=36_525):
        raise BadInput("INVALID_REQUEST", "advance is at most a hundred years", 422)
    return json({"now": await hub.set_clock(caller, data.now, data.advance or timedelta(0)), "sandbox": hub.sandbox})


@get("/health/live", operation_id="live", tags=["Health"], summary="The process answers")
async def live() -> Response[bytes]:
    """Never touches the database: a hub whose database is away must not be restarted for it."""
    return json({"status": "live"})


@get("/health/ready", operation_id="ready", tags=["Health"], summary="The hub can take commands")
async def ready(hub: Hub) -> Response[bytes]:
    """Asks the database; 503 while it is away."""
    return json({"status": "ready", "now": await hub.store.now()})


handlers = [clock, set_clock, live, ready]
