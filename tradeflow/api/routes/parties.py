"""Parties and their API keys."""

from litestar import Response, delete, get, post
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.parameters import KeyIdPath, PartyIdPath
from tradeflow.api.problems import invalid
from tradeflow.api.shapes import NewKey, NewParty
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import catalogue


@post(
    "/v1/parties",
    **operation(
        "addParty", "Parties", "Register a party", views.Party, status=201, body=NewParty, refuses=(400, 403, 409, 503), scope="admin"
    ),
)
async def add_party(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewParty]) -> Response[bytes]:
    """Register an organisation on this hub. Only its operator may."""
    return json(await hub.keys.add_party(caller, given.party_id, given.name, given.country), 201)


@get("/v1/parties/{party_id:str}", **operation("getParty", "Parties", "A party's name card", views.Party, refuses=(404, 503)))
async def party(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath) -> Response[bytes]:
    """Name and country of a party: whom a party id in a message stands for."""
    return json(await hub.keys.party(caller, party_id))


@post(
    "/v1/parties/{party_id:str}/keys",
    **operation("addKey", "Parties", "Make an API key", views.IssuedKey, status=201, body=NewKey, refuses=(400, 404, 503), scope="admin"),
)
async def add_key(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, given: NamedDependency[NewKey]
) -> Response[bytes]:
    """Make a key for one's own party, or, as operator, for any. The key is shown in this answer and never again."""
    unknown = sorted(set(given.roles or ()) - set(catalogue().roles))
    if unknown:
        raise invalid(say("There is no role %(unknown)s.", unknown=", ".join(unknown)), "/roles", found=unknown)
    return json(await hub.keys.issue(caller, party_id, given.name, given.roles, given.expires_at, given.scopes), 201)


@get("/v1/parties/{party_id:str}/keys", **operation("listKeys", "Parties", "A party's keys", views.Keys, refuses=(404, 503), scope="admin"))
async def list_keys(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath) -> Response[bytes]:
    """The keys of one's own party, revoked ones included, without their secrets."""
    return json({"items": await hub.keys.list(caller, party_id)})


@delete("/v1/keys/{key_id:str}", **operation("revokeKey", "Parties", "Revoke a key", status=204, refuses=(404, 503), scope="admin"))
async def revoke_key(hub: NamedDependency[Hub], caller: NamedDependency[Caller], key_id: KeyIdPath) -> None:
    """End a key of one's own party at once. Again is harmless."""
    await hub.keys.revoke(caller, key_id)


handlers = [add_party, party, add_key, list_keys, revoke_key]
