"""Parties and their API keys."""

from datetime import datetime

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from tradeflow.api.answers import json
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue


class NewParty(msgspec.Struct, forbid_unknown_fields=True):
    """An organisation on this hub."""

    party_id: str
    name: str
    country: str = ""


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to make. `roles` limits what it may act as; absent = every role of the party."""

    name: str
    roles: list[str] | None = None
    expires_at: datetime | None = None


@post("/v1/parties", operation_id="addParty", tags=["Parties"], summary="Register a party", status_code=201)
async def add_party(hub: Hub, caller: Caller, data: JSONBody[NewParty]) -> Response[bytes]:
    """Register an organisation. For the hub's operator."""
    return json(await hub.keys.add_party(caller, data.party_id, _text(data.name, "name"), _text(data.country, "country", empty=True)), 201)


@get("/v1/parties/{party_id:str}", operation_id="getParty", tags=["Parties"], summary="A party's name card")
async def party(hub: Hub, caller: Caller, party_id: str) -> Response[bytes]:
    """Name and country of a party."""
    return json(await hub.keys.party(caller, party_id))


@post("/v1/parties/{party_id:str}/keys", operation_id="addKey", tags=["Parties"], summary="Make an API key", status_code=201)
async def add_key(hub: Hub, caller: Caller, party_id: str, data: JSONBody[NewKey]) -> Response[bytes]:
    """Make a key for one's own party (or any, as operator). The key is shown in this answer and never again."""
    unknown = set(data.roles or ()) - set(catalogue().roles)
    if unknown:
        raise BadInput("INVALID_REQUEST", f"no such role: {', '.join(sorted(unknown))[:200]}", 422)
    if data.expires_at and data.expires_at.tzinfo is None:
        raise BadInput("INVALID_REQUEST", "expires_at needs an offset, for example 2026-01-31T00:00:00Z", 422)
    return json(await hub.keys.issue(caller, party_id, _text(data.name, "name"), data.roles, data.expires_at), 201)


@get("/v1/parties/{party_id:str}/keys", operation_id="listKeys", tags=["Parties"], summary="A party's keys")
async def list_keys(hub: Hub, caller: Caller, party_id: str) -> Response[bytes]:
    """The keys of one's own party, without their secrets."""
    return json({"items": await hub.keys.list(caller, party_id)})


@delete("/v1/keys/{key_id:str}", operation_id="revokeKey", tags=["Parties"], summary="Revoke a key", status_code=204)
async def revoke_key(hub: Hub, caller: Caller, key_id: str) -> None:
    """End a key of one's own party at once."""
    await hub.keys.revoke(caller, key_id)


def _text(value: str, name: str, empty: bool = False) -> str:
    """One line of text that the database can hold."""
    if not (empty or value.strip()) or len(value) > 200 or any(ord(c) < 32 for c in value):
        raise BadInput("INVALID_REQUEST", f"{name} must be one line of 1 to 200 characters", 422)
    return value.strip()


handlers = [add_party, party, add_key, list_keys, revoke_key]
