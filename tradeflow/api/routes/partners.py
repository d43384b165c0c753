"""Partners that join a trade after it was opened."""

from litestar import Response, post
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath
from tradeflow.api.shapes_authority import JoinTrade, Leaving, NewPartner, NewPartnerInvitation
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.model.trade import Participant


@post(
    "/v1/trades/{trade_id:str}/participants",
    **operation(
        "addParticipant",
        "Trades",
        "Add a partner",
        views.Receipt,
        status=201,
        body=NewPartner,
        refuses=(404, 409, 410, 503),
        scope="decide",
    ),
)
async def add(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, given: NamedDependency[NewPartner]
) -> Response[bytes]:
    """A party of this hub takes part from now on. The exporter or the importer says so; it is an event of the trade.

    The partner sees from then on what its role sees, earlier documents of its role included.
    """
    return stored(await hub.partners.add(caller, trade_id, given.party_id, given.role))


@post(
    "/v1/trades/{trade_id:str}/invitations",
    **operation(
        "invitePartner",
        "Trades",
        "Invite a partner",
        views.Invited,
        status=201,
        body=NewPartnerInvitation,
        refuses=(404, 503),
        scope="decide",
    ),
)
async def invite(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, given: NamedDependency[NewPartnerInvitation]
) -> Response[bytes]:
    """An invitation into the trade in a role, for whichever party is given the token: shown here and never again, good once."""
    note = "" if given.note == "-" else given.note
    return json(await hub.partners.invite(caller, trade_id, given.role, given.days, note), 201)


@post(
    "/v1/invitations/trade",
    **operation(
        "joinTrade",
        "Trades",
        "Accept an invitation into a trade",
        views.Receipt,
        status=201,
        body=JoinTrade,
        refuses=(404, 409, 410, 503),
        scope="decide",
    ),
)
async def join(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[JoinTrade]) -> Response[bytes]:
    """The caller's party takes part from now on. The event is the inviting party's; it names the invitation and who accepted it."""
    return stored(await hub.partners.accept(caller, given.token))


@post(
    "/v1/trades/{trade_id:str}/departures",
    **operation(
        "leaveTrade",
        "Trades",
        "Leave a trade",
        views.Receipt,
        status=201,
        body=Leaving,
        refuses=(404, 409, 410, 503),
        scope="decide",
    ),
)
async def leave(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, given: NamedDependency[Leaving]
) -> Response[bytes]:
    """A party gives up a role, or the exporter or importer has another party give up one. It is an event of the trade.

    Its rights end with it: the trade is 404 from then on, and what was not in its inbox yet waits for its senders. What it sent and
    what reached it stays readable. The exporter, the importer and whoever is in the middle of a process leave only to a successor.
    """
    leaving = Participant(given.party_id, given.role)
    return stored(await hub.partners.leave(caller, trade_id, leaving, given.successor or "", given.note))


handlers = [add, invite, join, leave]
