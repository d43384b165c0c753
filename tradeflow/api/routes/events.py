"""What arrives for a party as a stream of server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from tradeflow.api.operations import operation
from tradeflow.app.access import Caller
from tradeflow.app.stream import Wanted, encoded
from tradeflow.app.wiring import Hub

MEDIA_TYPE = "text/event-stream"
Cursor = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The id of the last event that was taken over: the stream goes on after it. Browsers send it by themselves.",
        pattern=r"^[0-9]{1,18}$",
        required=False,
    ),
]
After = Annotated[int, QueryParameter(description="The same as Last-Event-ID, for a first call; 0 is the beginning.", ge=0, le=2**62)]
Trade = Annotated[str, QueryParameter(description="Only of this trade.", max_length=35)]
Type = Annotated[str, QueryParameter(description="Only message types that begin with this.", max_length=60)]
Kind = Annotated[str, QueryParameter(description="Only `message` or only `notice`.", pattern="^(message|notice)?$")]
Wait = Annotated[int, QueryParameter(description="Seconds the stream stays open; then the client comes again.", ge=0, le=3_600)]


@get(
    "/v1/events",
    **operation("streamEvents", "Deliveries", "Deliveries to me as a stream", (MEDIA_TYPE,), refuses=(429, 503)),
)
async def events(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    last_event_id: Cursor = None,
    after: After = 0,
    trade_id: Trade = "",
    type: Type = "",
    kind: Kind = "",
    wait_seconds: Wait = 300,
) -> Stream:
    """Server-sent events: everything in the inbox after the cursor, then what arrives, each with its position as `id`.

    The `event` is `message` or `notice`, the `data` an item as `GET /v1/inbox` has it. An id without data says only that the cursor moved
    on past what the filters leave out. Nothing is acknowledged by being streamed.
    """
    wanted = Wanted(int(last_event_id) if last_event_id else after, trade_id, type, kind)
    stream = hub.streams.open(caller, wanted, wait_seconds)

    async def chunks() -> AsyncIterator[bytes]:
        async for event in stream:
            yield encoded(event)

    return Stream(chunks(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


handlers = [events]
