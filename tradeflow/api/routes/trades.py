"""Trades: opening, reading, deciding."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Headers
from litestar.params import JSONBody, Parameter

from tradeflow.api.answers import json, stored
from tradeflow.app.access import Caller
from tradeflow.app.trades import TradeSpec
from tradeflow.app.wiring import Hub

Page = Annotated[int, Parameter(ge=1, le=500)]


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """Something a person decided or reports: an event of the process tables, raised in one of the caller's roles."""

    event: str
    region: str = ""
    role: str = ""
    note: str = ""


@post("/v1/trades", operation_id="openTrade", tags=["Trades"], summary="Open a trade", status_code=201)
async def open_trade(hub: Hub, caller: Caller, headers: Headers, data: JSONBody[TradeSpec]) -> Response[bytes]:
    """Open a trade with its participants by role. The caller is one of them."""
    return stored(await hub.trades.open(caller, data, headers.get("idempotency-key")))


@get("/v1/trades", operation_id="listTrades", tags=["Trades"], summary="My trades")
async def list_trades(hub: Hub, caller: Caller, before: str = "", limit: Page = 50) -> Response[bytes]:
    """The trades the caller takes part in, the newest reference first."""
    return json(await hub.queries.trades(caller, before, limit))


@get("/v1/trades/{trade_id:str}", operation_id="getTrade", tags=["Trades"], summary="One trade")
async def trade(hub: Hub, caller: Caller, trade_id: str) -> Response[bytes]:
    """States, documents, running clocks, timeline, and what the caller may do next."""
    return json(await hub.queries.trade(caller, trade_id))


@get("/v1/trades/{trade_id:str}/allowed", operation_id="listAllowed", tags=["Trades"], summary="What may happen next")
async def allowed(hub: Hub, caller: Caller, trade_id: str, role: str = "") -> Response[bytes]:
    """Every message and event that is accepted now from the caller's roles, with the conditions it must meet."""
    return json({"items": await hub.queries.allowed(caller, trade_id, role)})


@post("/v1/trades/{trade_id:str}/decisions", operation_id="decide", tags=["Trades"], summary="Decide or report an event", status_code=201)
async def decide(hub: Hub, caller: Caller, trade_id: str, data: JSONBody[Decision]) -> Response[bytes]:
    """What a person decides (an examination result) or reports from outside (documents handed over)."""
    return stored(await hub.trades.decision(caller, trade_id, data.event, data.region, data.role, data.note))


@get("/v1/trades/{trade_id:str}/documents", operation_id="listDocuments", tags=["Documents"], summary="Current documents")
async def documents(hub: Hub, caller: Caller, trade_id: str) -> Response[bytes]:
    """The shared set of a trade: type, number, version and hash of every current document."""
    return json(await hub.queries.documents(caller, trade_id))


@get("/v1/trades/{trade_id:str}/documents/{type:str}/{number:path}", operation_id="getDocument", tags=["Documents"], summary="One document")
async def document(hub: Hub, caller: Caller, headers: Headers, trade_id: str, type: str, number: str, version: int | None = None) -> Response[bytes]:
    """A document as canonical JSON, or as XML if Accept asks for it; the current version unless one is named."""
    form = "xml" if "xml" in headers.get("accept", "") else "json"
    body, content_type = await hub.queries.document(caller, trade_id, type, number.removeprefix("/"), version, form)
    return Response(body, media_type=content_type, headers={"Vary": "Accept"})


@get("/v1/trades/{trade_id:str}/deliveries", operation_id="listDeliveries", tags=["Deliveries"], summary="Deliveries of a trade")
async def deliveries(hub: Hub, caller: Caller, trade_id: str) -> Response[bytes]:
    """Every delivery the caller sent or receives, with all attempts, the next one and the last error."""
    return json(await hub.queries.deliveries(caller, trade_id))


handlers = [open_trade, list_trades, trade, allowed, decide, documents, document, deliveries]
