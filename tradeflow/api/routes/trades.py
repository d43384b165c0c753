"""Trades: opening, reading, deciding."""

from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.auth import AnyRequest, principal_of
from tradeflow.api.operations import operation
from tradeflow.api.parameters import AsRole, IdempotencyKey, Limit, TradeIdPath
from tradeflow.api.replays import once
from tradeflow.api.shapes import NewDecision, NewDeviation, NewTrade
from tradeflow.api.views.trades import Findings, Refusals
from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer
from tradeflow.app.trades import TradeSpec
from tradeflow.app.wiring import Hub
from tradeflow.model.trade import Participant

Before = Annotated[str, QueryParameter(description="Only trades before this reference: `next` of the page before.", max_length=100)]
Role = Annotated[str, QueryParameter(description="One of the caller's roles in the trade; all of them if absent.", max_length=100)]
Status = Annotated[
    Literal["open", "accepted", "cured"] | None, QueryParameter(description="Only findings of this status; all of them if absent.")
]
About = Annotated[str, QueryParameter(description="Only findings about this document: `type:number`, or a type.", max_length=200)]
REPLAYED = {"Idempotency-Replayed": "`true` where this is the first answer once more."}


@post(
    "/v1/trades",
    **operation(
        "openTrade",
        "Trades",
        "Open a trade",
        views.Receipt,
        status=201,
        body=NewTrade,
        refuses=(400, 403, 404, 409, 503),
        headers=REPLAYED,
        scope="lodge",
    ),
)
async def open_trade(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewTrade], idempotency_key: IdempotencyKey = None
) -> Response[bytes]:
    """Open a trade with its participants by role.

    The caller is one of them. A party that is not registered on the hub is refused, and so is a reference in use.
    With an `Idempotency-Key` a repeated request gets the first answer instead of a second trade.
    """
    spec = TradeSpec([Participant(p.party_id, p.role) for p in given.participants], given.trade_id or "", given.terms)
    return stored(await hub.trades.open(caller, spec, idempotency_key))


@get("/v1/trades", **operation("listTrades", "Trades", "My trades", views.Trades, refuses=(503,)))
async def list_trades(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], before: Before = "", limit: Limit = 50
) -> Response[bytes]:
    """The trades the caller takes part in, by reference, the last one first."""
    return json(await hub.queries.trades(caller, before, limit))


@get("/v1/trades/{trade_id:str}", **operation("getTrade", "Trades", "One trade", views.Trade, refuses=(404, 503)))
async def trade(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, as_role: AsRole = "") -> Response[bytes]:
    """States, documents, running clocks, titles, payables, open findings, the timeline, and what the caller may do next.

    Each party sees what its roles may see; an event of which something is withheld says how many changes are.
    """
    return json(await hub.queries.trade(caller, trade_id, as_role))


@get(
    "/v1/trades/{trade_id:str}/findings",
    **operation("listFindings", "Trades", "Where the documents disagree", Findings, refuses=(403, 404, 503)),
)
async def findings(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    status: Status = None,
    document: About = "",
    as_role: AsRole = "",
) -> Response[bytes]:
    """What the rules across documents found in this trade, the newest first: open, accepted by the parties, or cured by a later version.

    Each names both documents, both places and both values, and the roles that can lodge a version without it. `rules` says how many
    rules concern the documents of the trade.
    """
    return json(await hub.queries.findings(caller, trade_id, status or "", document, as_role))


@get(
    "/v1/trades/{trade_id:str}/refusals",
    **operation("listRefusals", "Trades", "What was not taken", Refusals, refuses=(404, 503)),
)
async def refusals(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, limit: Limit = 50) -> Response[bytes]:
    """The caller's own messages that were refused, the newest first, with the findings they were answered with.

    Nobody else sees them, except the operator of the hub, who helps where a partner does not get on.
    """
    return json(await hub.queries.refusals(caller, trade_id, limit))


@post(
    "/v1/trades/{trade_id:str}/deviations",
    **operation(
        "acceptDeviation",
        "Trades",
        "Accept a conflict as it stands",
        views.Receipt,
        status=201,
        body=NewDeviation,
        refuses=(400, 403, 404, 409, 422, 503),
        headers=REPLAYED,
        scope="decide",
    ),
)
async def accept_deviation(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    given: NamedDependency[NewDeviation],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """A conflict stops blocking once the parties concerned accept it: whoever lodged the documents, each in its own call.

    An open finding is named by its `id`. A finding that refused a message is accepted in advance by sending it whole, as the refusal
    stated it. Other values, in a later version, are another finding that nobody has accepted.
    """

    async def act() -> Answer:
        return await hub.deviations.accept(caller, trade_id, given.id, given.finding, given.role, given.note)

    return stored(await once(hub, caller, f"deviations {trade_id}", idempotency_key, given, act))


@get(
    "/v1/trades/{trade_id:str}/allowed",
    **operation("listAllowed", "Trades", "What may happen next", views.AllowedNow, refuses=(403, 404, 503)),
)
async def allowed(hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, role: Role = "") -> Response[bytes]:
    """Every message and event that is accepted now from the caller's roles.

    Each comes with the states it leads to and the conditions it must meet; `holds` is absent where only the message itself can tell.
    """
    return json({"items": await hub.queries.allowed(caller, trade_id, role)})


@post(
    "/v1/trades/{trade_id:str}/decisions",
    **operation(
        "decide",
        "Trades",
        "Decide, or report an event",
        views.Receipt,
        status=201,
        body=NewDecision,
        refuses=(400, 402, 403, 404, 409, 410, 503),
        headers=REPLAYED,
        scope="decide",
    ),
    mandated=True,
)
async def decide(
    request: AnyRequest,
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    trade_id: TradeIdPath,
    given: NamedDependency[NewDecision],
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """What a person decides (nobody insures in this trade) or reports from outside (documents handed over).

    `GET /v1/trades/{trade_id}/allowed` lists the events that are open. With an `Idempotency-Key` a repeated request gets the first answer.
    An agent decides under a mandate, with the principal in `On-Behalf-Of`.
    """
    if principal := principal_of(request):
        caller = await hub.mandates.deciding(caller, principal, trade_id, given.event, given.role)

    async def act() -> Answer:
        return await hub.trades.decision(caller, trade_id, given.event, given.region, given.role, given.note)

    return stored(await once(hub, caller, f"decisions {trade_id}", idempotency_key, given, act))


handlers = [open_trade, list_trades, trade, findings, refusals, accept_deviation, allowed, decide]
