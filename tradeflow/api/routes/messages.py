"""Lodging messages, and reading them back as they were."""

from litestar import Response, get, post
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import JSON, stored
from tradeflow.api.auth import AnyRequest
from tradeflow.api.body import bounded
from tradeflow.api.operations import operation
from tradeflow.api.parameters import IdempotencyKey, MessageIdPath, TradeIdPath
from tradeflow.api.replays import once
from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer
from tradeflow.app.translation import adapter_of
from tradeflow.app.wiring import Hub
from tradeflow.codec import formats
from tradeflow.codec.intake import media_type
from tradeflow.errors import Problem

XML = "application/xml"


@post(
    "/v1/messages",
    **operation(
        "lodgeMessage",
        "Messages",
        "Lodge a message",
        views.Receipt,
        status=201,
        refuses=(400, 402, 403, 404, 409, 410, 413, 415, 422, 503),
        headers={"Idempotency-Replayed": "`true` where this is the first answer once more."},
        scope="lodge",
        also={200: views.Acknowledgements, 202: views.Held},
    ),
)
async def lodge(
    request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller], idempotency_key: IdempotencyKey = None
) -> Response[bytes]:
    """Lodge one message, as JSON or as XML by its Content-Type.

    A partner's CONTRL or APERAK is no message of a trade: it acknowledges or rejects what was delivered to its sender, answered with `200`.
    `202` says that the sender's party wants a second person to see it: nothing is in the trade before `POST /v1/held/{held_id}/release`.

    The answer has two acknowledgements: `receipt` says that the hub has the message and what its hash is, `response` what it did.
    A refusal carries all findings at once (schema, rules), or says what the trade would accept instead; it changes nothing.
    The same `message.id` with the same content gets the first answer byte for byte, marked `Idempotency-Replayed: true`;
    with other content it is refused. An `Idempotency-Key` of its own is not needed, but honoured.
    An interchange with `Accept: application/edifact` is answered with CONTRL, and APERAK where the trade or a rule refuses it.
    With `; adapter=…` after the content type a business adapter reads what the sender's own system wrote.
    The members of each message type are in `GET /v1/schemas/{type}.json` and explained under `/docs/messages`.
    """
    content_type = request.headers.get("content-type", "")
    adapter, declared = adapter_of(content_type)
    if declared or not adapter:
        media_type(declared)
    body = await bounded(request, hub.settings.body_bytes_max)

    async def act() -> Answer:
        return await hub.inbound.answered(caller, body, content_type)

    try:
        answer = await once(hub, caller, "messages", idempotency_key, body, act)
    except Problem as problem:
        if reply := await _replied(request, hub, body, problem):
            return Response(reply, status_code=problem.status, media_type=_asked(request))
        raise
    if reply := await _replied(request, hub, body, None):
        headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
        return Response(reply, status_code=answer.status, media_type=_asked(request), headers=headers)
    return stored(answer)


def _asked(request: AnyRequest) -> str:
    return request.headers.get("accept", "").split(",")[0].partition(";")[0].strip().lower()


async def _replied(request: AnyRequest, hub: Hub, body: bytes, problem: Problem | None) -> bytes | None:
    """The answer in the format of the file, where Accept asks for it first and the format has one of its own."""
    kind = formats.by_media_type(_asked(request))
    return formats.answer(body, kind.id, problem, await hub.store.now()) if kind else None


@get(
    "/v1/messages/{trade_id:str}/{message_id:uuid}",
    **operation("getMessage", "Messages", "A message as it was lodged", (JSON, XML), refuses=(404, 503)),
)
async def message(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, message_id: MessageIdPath
) -> Response[bytes]:
    """The very bytes with their content type, for the sender and the recipients.

    Where something is withheld from the caller it gets the canonical JSON without it, and the member `withheld` says what is missing.
    """
    body, content_type = await hub.queries.message(caller, trade_id, message_id)
    return Response(body, media_type=content_type)


handlers = [lodge, message]
