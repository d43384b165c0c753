"""What happens for a party as a stream of server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from tradeflow.api.operations import operation
from tradeflow.app.access import Caller
from tradeflow.app.feed import TOPICS
from tradeflow.app.stream import Cursor, Wanted, encoded
from tradeflow.app.wiring import Hub

MEDIA_TYPE = "text/event-stream"
_TOPIC = "|".join(TOPICS)
Last = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The id of the last event that was taken over: the stream goes on after it. Browsers send it by themselves.",
        pattern=r"^[0-9]{1,18}(-m?[0-9]{1,19})?$",
        required=False,
    ),
]
After = Annotated[int, QueryParameter(description="The same as Last-Event-ID, for a first call; 0 is the beginning.", ge=0, le=2**62)]
Trade = Annotated[str, QueryParameter(description="Only of this trade.", max_length=35)]
Type = Annotated[str, QueryParameter(description="Only message types that begin with this.", max_length=60)]
Kind = Annotated[str, QueryParameter(description="Only `message` or only `notice`.", pattern="^(message|notice)?$")]
Wait = Annotated[int, QueryParameter(description="Seconds the stream stays open; then the client comes again.", ge=0, le=3_600)]


Topics = Annotated[
    str,
    QueryParameter(
        description=(
            "What is streamed, with commas between: `inbox`, `trade` (every event of my trades), `finding` and `clock` (what of these"
            " events is about them), `delivery` (how mine fare), `held` (what waits for a second person); `all` is everything."
        ),
        pattern=rf"^(all|({_TOPIC})(,({_TOPIC}))*)$",
    ),
]
Fresh = Annotated[bool, QueryParameter(description="Without a cursor: only what comes from now on.")]


@get(
    "/v1/events",
    **operation("streamEvents", "Deliveries", "What happens, as a stream", (MEDIA_TYPE,), refuses=(429, 503)),
)
async def events(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    last_event_id: Last = None,
    after: After = 0,
    trade_id: Trade = "",
    type: Type = "",
    kind: Kind = "",
    wait_seconds: Wait = 300,
    topics: Topics = "inbox",
    fresh: Fresh = False,
) -> Stream:
    """Server-sent events: everything after the cursor, then what happens, each with an `id` to come again with.

    Of the inbox the `event` is `message` or `notice`, and the `data` an item as `GET /v1/inbox` has it; nothing is acknowledged by being
    streamed. With other `topics` the `event` is the topic: `trade`, `finding` and `clock` as the timeline of
    `GET /v1/trades/{trade_id}` has them for this reader, `delivery` an item of `GET /v1/deliveries`, `held` one of `GET /v1/held`, each
    as it stands now. An id without data says only that the cursor moved on. A line that breaks may repeat the events of one
    transaction; none is left out.
    """
    chosen = frozenset(TOPICS if topics == "all" else topics.split(","))
    cursor = Cursor.of(last_event_id) if last_event_id else await hub.streams.end(caller) if fresh else Cursor(after)
    stream = hub.streams.open(caller, Wanted(cursor, trade_id, type, kind, chosen), wait_seconds)

    async def chunks() -> AsyncIterator[bytes]:
        async for event in stream:
            yield encoded(event)

    return Stream(chunks(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


handlers = [events]
