"""How deliveries fare, and setting them going again."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.parameters import DeliveryIdPath, Limit, TradeIdPath
from tradeflow.api.shapes_authority import Discard, HandOver
from tradeflow.api.views.deliveries import DeliveryPage
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub

Status = Annotated[Literal["pending", "quarantined"], QueryParameter(description="What is still on its way, or what waits for a person.")]
Before = Annotated[UUID | None, QueryParameter(description="Only deliveries before this one: `next` of the page before.")]


@get(
    "/v1/trades/{trade_id:str}/deliveries",
    **operation("listDeliveries", "Deliveries", "Deliveries of a trade", views.Deliveries, refuses=(404, 503)),
)
async def of_trade(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """Every delivery the caller sent or receives, with all attempts, the next one and the last error: both sides see the same."""
    return json(await hub.deliveries.of_trade(caller, trade_id))


@get("/v1/deliveries", **operation("listUnfinished", "Deliveries", "What is on its way or stuck", DeliveryPage, refuses=(503,)))
async def unfinished(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    status: Status = "quarantined",
    before: Before = None,
    limit: Limit = 50,
) -> Response[bytes]:
    """The caller's deliveries of all trades that have not arrived, sent or received, the newest first: why, and whose turn it is."""
    return json(await hub.deliveries.by_state(caller, status, before, limit))


@post(
    "/v1/deliveries/{delivery_id:uuid}/resend",
    **operation("resendDelivery", "Deliveries", "Send once more", views.Delivery, refuses=(404, 409, 503), scope="decide"),
)
async def resend(hub: NamedDependency[Hub], caller: NamedDependency[Caller], delivery_id: DeliveryIdPath) -> Response[bytes]:
    """Send a delivery through its receiver's channel again, with the same id and at once. Sender and receiver may ask for it."""
    return json(await hub.deliveries.resend(caller, delivery_id))


@post(
    "/v1/deliveries/{delivery_id:uuid}/release",
    **operation("releaseDelivery", "Deliveries", "Let out of quarantine", views.Delivery, refuses=(404, 409, 503), scope="decide"),
)
async def release(hub: NamedDependency[Hub], caller: NamedDependency[Caller], delivery_id: DeliveryIdPath) -> Response[bytes]:
    """Let a delivery out of quarantine after its cause was mended: it is tried again from the foot of the ladder.

    One that waits because its receiver left the trade goes to it after all: its sender says so.
    """
    return json(await hub.deliveries.release(caller, delivery_id))


@post(
    "/v1/deliveries/{delivery_id:uuid}/hand-over",
    **operation(
        "handOverDelivery",
        "Deliveries",
        "Hand over to another party",
        views.Delivery,
        body=HandOver,
        refuses=(404, 409, 503),
        scope="decide",
    ),
)
async def hand_over(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], delivery_id: DeliveryIdPath, given: NamedDependency[HandOver]
) -> Response[bytes]:
    """The message goes to another party in the same role, because its receiver left the trade before it arrived. An event of the trade."""
    return json(await hub.deliveries.redirect(caller, delivery_id, "handed_over", given.party_id, given.note))


@post(
    "/v1/deliveries/{delivery_id:uuid}/discard",
    **operation(
        "discardDelivery",
        "Deliveries",
        "Deliver to nobody",
        views.Delivery,
        body=Discard,
        refuses=(404, 409, 503),
        scope="decide",
    ),
)
async def discard(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], delivery_id: DeliveryIdPath, given: NamedDependency[Discard]
) -> Response[bytes]:
    """Nobody gets this delivery: its receiver left the trade before it arrived. The message stays in the trade. An event of the trade."""
    return json(await hub.deliveries.redirect(caller, delivery_id, "discarded", note=given.note))


handlers = [of_trade, unfinished, resend, release, hand_over, discard]
