"""Four eyes: what waits for a second person."""

from typing import Annotated

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.api import views
from tradeflow.api.answers import JSON, json, stored
from tradeflow.api.operations import operation
from tradeflow.api.routes.mandates import known_types
from tradeflow.api.routes.messages import XML
from tradeflow.api.shapes_authority import HeldRejection, NewReleaseRules
from tradeflow.app.access import Caller
from tradeflow.app.holding import ANY
from tradeflow.app.wiring import Hub
from tradeflow.store.held import ReleaseRule

HeldIdPath = Annotated[str, PathParameter(name="held_id", description="The id of what waits.")]


@get("/v1/release-rules", **operation("getReleaseRules", "Messages", "What needs a second person", views.ReleaseRules, refuses=(503,)))
async def rules(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """Which messages of the caller's party wait for a second key or user of it."""
    return json({"items": await hub.releases.rules(caller)})


@put(
    "/v1/release-rules",
    **operation(
        "setReleaseRules",
        "Messages",
        "Say what needs a second person",
        views.ReleaseRules,
        body=NewReleaseRules,
        refuses=(503,),
        scope="admin",
    ),
)
async def set_rules(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewReleaseRules]) -> Response[bytes]:
    """All rules of the caller's party at once, by message type and, if given, from an amount on. Other processes follow within 5 seconds.

    A document with an amount in another currency than the rule's needs a second person, too. What waits already goes on waiting.
    """
    known_types([rule.type for rule in given.items if rule.type != ANY])
    wanted = [ReleaseRule(rule.type, rule.amount_from, rule.currency) for rule in given.items]
    return json({"items": await hub.releases.set_rules(caller, wanted)})


@get("/v1/held", **operation("listHeld", "Messages", "What waits for a second person", views.HeldMessages, refuses=(503,)))
async def list_held(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """Messages of the caller's party that wait, and what became of earlier ones: the last 500."""
    return json({"items": await hub.releases.everything(caller)})


@get("/v1/held/{held_id:str}", **operation("getHeld", "Messages", "The message that waits", (JSON, XML), refuses=(404, 503)))
async def content(hub: NamedDependency[Hub], caller: NamedDependency[Caller], held_id: HeldIdPath) -> Response[bytes]:
    """Byte for byte as it was lodged: what the second person decides about."""
    body, content_type = await hub.releases.content(caller, held_id)
    return Response(body, media_type=content_type)


@post(
    "/v1/held/{held_id:str}/release",
    **operation(
        "releaseHeld",
        "Messages",
        "Release it",
        views.Receipt,
        status=201,
        refuses=(400, 402, 404, 409, 410, 413, 415, 422, 503),
        scope="decide",
    ),
)
async def release(hub: NamedDependency[Hub], caller: NamedDependency[Caller], held_id: HeldIdPath) -> Response[bytes]:
    """Let it into the main path: the answer is that of lodging. Another key or user than the one that lodged it does this.

    Where the main path refuses, the refusal is the answer and the message waits on. The event names both persons.
    """
    return stored(await hub.releases.release(caller, held_id))


@post(
    "/v1/held/{held_id:str}/reject",
    **operation("rejectHeld", "Messages", "Reject it", views.Held, body=HeldRejection, refuses=(404, 409, 503), scope="decide"),
)
async def reject(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], held_id: HeldIdPath, given: NamedDependency[HeldRejection]
) -> Response[bytes]:
    """It will not be lodged. Whoever lodged it may take it back by this, too; its message id stays free."""
    return json(await hub.releases.reject(caller, held_id, "" if given.note == "-" else given.note))


handlers = [rules, set_rules, list_held, content, release, reject]
