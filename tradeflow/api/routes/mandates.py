"""Acting for another party."""

from typing import Annotated

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.problems import invalid
from tradeflow.api.routes.users import known_roles
from tradeflow.api.shapes_authority import NewMandate
from tradeflow.app.access import Caller
from tradeflow.app.mandates import Wanted
from tradeflow.app.wiring import Hub
from tradeflow.language.sentences import say
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue

MandateIdPath = Annotated[str, PathParameter(name="mandate_id", description="The id of the mandate.")]


@post(
    "/v1/mandates",
    **operation(
        "giveMandate",
        "Parties",
        "Let another party act",
        views.Mandate,
        status=201,
        body=NewMandate,
        refuses=(404, 503),
        scope="admin",
    ),
)
async def give(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewMandate]) -> Response[bytes]:
    """A forwarder or broker lodges messages in the name of the caller's party, with keys of its own.

    `message.sender` stays the principal. The event of each such message names agent and mandate, in the chain and in the timeline.
    An amount limit holds for every amount in the document; an amount in another currency is beyond it. With the header
    `On-Behalf-Of: <principal>` the agent reads the trades of the mandate as its principal does.
    """
    known_roles(given.roles)
    known_types(given.types)
    wanted = Wanted(given.agent, given.ends_at, given.roles, given.types, given.trade_id, given.amount_max, given.currency)
    return json(await hub.mandates.give(caller, wanted), 201)


@get("/v1/mandates", **operation("listMandates", "Parties", "Mandates I gave or hold", views.Mandates, refuses=(503,)))
async def list_mandates(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """The last 500, ended ones included."""
    return json({"items": await hub.mandates.everything(caller)})


@delete(
    "/v1/mandates/{mandate_id:str}",
    **operation("endMandate", "Parties", "End a mandate", status=204, refuses=(404, 503), scope="admin"),
)
async def end(hub: NamedDependency[Hub], caller: NamedDependency[Caller], mandate_id: MandateIdPath) -> None:
    """The principal takes it back, or the agent gives it up: at once. Again is harmless."""
    await hub.mandates.revoke(caller, mandate_id)


def known_types(types: list[str] | None) -> None:
    """Raises BadInput INVALID_REQUEST for a type that no message has."""
    unknown = sorted(set(types or ()) - {*catalogue().ids(), *machine().events})
    if unknown:
        raise invalid(say("There is no message type and no event %(unknown)s.", unknown=", ".join(unknown)), "/types", found=unknown)


handlers = [give, list_mandates, end]
