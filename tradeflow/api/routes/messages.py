"""Lodging messages, and reading them back as they were."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from tradeflow.api.answers import stored
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub


@post("/v1/messages", operation_id="lodgeMessage", tags=["Messages"], summary="Lodge a message", status_code=201)
async def lodge(request: Request[Any, Any, Any], hub: Hub, caller: Caller) -> Response[bytes]:
    """Lodge one message as JSON or XML. The answer has the receipt (we have it) and the response (what it did), or a problem with all findings."""
    return stored(await hub.handler.lodge(caller, await request.body(), request.headers.get("content-type", "")))


@get("/v1/messages/{trade_id:str}/{message_id:uuid}", operation_id="getMessage", tags=["Messages"], summary="A message as it was lodged")
async def message(hub: Hub, caller: Caller, trade_id: str, message_id: UUID) -> Response[bytes]:
    """The very bytes, for the sender and the recipients."""
    body, content_type = await hub.queries.message(caller, trade_id, message_id)
    return Response(body, media_type=content_type)


handlers = [lodge, message]
