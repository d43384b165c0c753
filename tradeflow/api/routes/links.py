"""Links to single documents, for counterparties without an account."""

from typing import Annotated

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from msgspec import Meta, Struct

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.auth import AnyRequest, key_of
from tradeflow.api.body import bounded
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TradeIdPath
from tradeflow.api.shapes import Line, PartyId, RoleId
from tradeflow.api.shapes_authority import TypeId
from tradeflow.api.shapes_people import Days
from tradeflow.app.access import Caller
from tradeflow.app.links import LinkSpec
from tradeflow.app.wiring import Hub
from tradeflow.codec.intake import media_type

LinkIdPath = Annotated[str, PathParameter(name="link_id", description="The id of the link.")]
ANSWER_BYTES_MAX = 262_144


class LinkWanted(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which document, for which party in which role, and the message types it may answer with (none: it only looks)."""

    type: TypeId
    number: Line
    party_id: PartyId
    role: RoleId
    answers: Annotated[list[TypeId], Meta(max_length=5)] = []
    days: Days = 7
    uses_max: Annotated[int, Meta(ge=1, le=100, description="How often it may be opened.")] = 20


@post(
    "/v1/trades/{trade_id:str}/links",
    **operation(
        "makeLink",
        "Documents",
        "Make a link to one document",
        views.NewLink,
        status=201,
        body=LinkWanted,
        refuses=(404, 503),
        scope="decide",
    ),
)
async def make(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], trade_id: TradeIdPath, given: NamedDependency[LinkWanted]
) -> Response[bytes]:
    """For one's own party: somebody of it who has no account. Or, by exporter or importer, for a party with neither users nor keys.

    Who has the token sees that document as the role may see it, and may lodge one message about it in the name of the party. The event
    names the link and who made it.
    """
    spec = LinkSpec(given.type, given.number, given.party_id, given.role, given.answers, given.days, given.uses_max)
    return json(await hub.links.make(caller, trade_id, spec), 201)


@get("/v1/links", **operation("listLinks", "Documents", "Links I made, or that speak for me", views.Links, refuses=(503,)))
async def list_links(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """The last 500: how often each was opened, and whether it was answered."""
    return json({"items": await hub.links.everything(caller)})


@delete("/v1/links/{link_id:str}", **operation("endLink", "Documents", "End a link", status=204, refuses=(404, 503), scope="decide"))
async def end(hub: NamedDependency[Hub], caller: NamedDependency[Caller], link_id: LinkIdPath) -> None:
    """At once, by who made it or by the party it speaks for. Again is harmless."""
    await hub.links.revoke(caller, link_id)


@get("/v1/link", **operation("openLink", "Documents", "What a link shows", views.OpenedLink, refuses=(404, 422, 429, 503), public=True))
async def opened(request: AnyRequest, hub: NamedDependency[Hub]) -> Response[bytes]:
    """The token of the link instead of a key: `Authorization: Bearer tl_…`. Each call counts as one use; why a link fails is not told."""
    return json(await hub.links.open(key_of(request)))


@post(
    "/v1/link",
    **operation(
        "answerLink",
        "Documents",
        "Answer through a link",
        views.Receipt,
        status=201,
        refuses=(400, 402, 403, 404, 409, 410, 413, 415, 422, 429, 503),
        public=True,
        also={202: views.Held},
    ),
)
async def answer(request: AnyRequest, hub: NamedDependency[Hub]) -> Response[bytes]:
    """One message about the document: of a type that the link takes, from its party, naming the document's message in `in_reply_to`, or
    being another version of it. It takes the main path; a refusal leaves the answer free.
    """
    content_type = request.headers.get("content-type", "")
    media_type(content_type)
    body = await bounded(request, ANSWER_BYTES_MAX)
    return stored(await hub.links.answer(key_of(request), body, content_type))


handlers = [make, list_links, end, opened, answer]
