"""What a trade costs, and what is said in it."""

from litestar import Response, get, post
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath
from tradeflow.api.shapes_desk import ReadComments
from tradeflow.api.views.costs import CostTotal, StatedCost, StayCost
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub


@get("/v1/trades/{trade_id:str}/costs", **operation("getCosts", "Trades", "What the trade costs", views.TradeCosts, refuses=(404, 503)))
async def costs(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """Bills, fees, what banks keep back, and containers whose free time runs or is over, day by day, with the document each stands in.

    Only documents that the caller sees whole are read, and nothing is estimated.
    """
    found, now = await hub.queries.costs(caller, trade_id)
    stated = [StatedCost(s.type, s.number, s.is_, s.value, s.currency, s.name, s.state, s.debtor, s.others) for s in found.stated]
    stays = [
        StayCost(
            *(s.container, s.kind, s.since, s.free_until, s.charged(now), s.type, s.number, s.currency), cost=s.cost(now), rate=s.rate(now)
        )
        for s in found.stays
    ]
    return json(views.TradeCosts(now, [CostTotal(value, currency) for currency, value in found.totals(now)], stated, stays))


@get(
    "/v1/trades/{trade_id:str}/conversation",
    **operation("getConversation", "Trades", "What is said in the trade", views.Conversation, refuses=(404, 503)),
)
async def conversation(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath) -> Response[bytes]:
    """The comments on all documents that the caller sees, as one conversation; `addComment` answers about one of them."""
    return json(await hub.comments.conversation(caller, trade_id))


@post(
    "/v1/trades/{trade_id:str}/conversation/read",
    **operation(
        "readConversation",
        "Trades",
        "I have read what is said in the trade",
        views.Conversation,
        body=ReadComments,
        refuses=(404, 422, 503),
    ),
)
async def read(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, given: NamedDependency[ReadComments]
) -> Response[bytes]:
    """The person who is signed in, or the key, has read up to this comment; sent again it is the same. Nobody else learns of it."""
    return json(await hub.comments.read(caller, trade_id, given.last))


handlers = [costs, conversation, read]
