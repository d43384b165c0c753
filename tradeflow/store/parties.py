"""Parties and their API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from tradeflow.store.uow import Store


class PartyTaken(Exception):
    """There is a party of this id already."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as stored: never the key itself, only the hash of its secret."""

    key_id: str
    party_id: str
    secret_sha256: bytes
    name: str
    roles: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    scopes: list[str] | None = None


_ADD_KEY = "INSERT INTO api_key (key_id, party_id, secret_sha256, name, roles, expires_at, scopes) VALUES ($1, $2, $3, $4, $5, $6, $7)"
_KEY = "SELECT key_id, party_id, secret_sha256, name, roles, created_at, expires_at, revoked_at, scopes FROM api_key"


async def add_party(store: Store, party_id: str, name: str, country: str) -> None:
    """Register a party. Raises PartyTaken."""
    try:
        async with store.transaction() as connection:
            await connection.execute("INSERT INTO party (party_id, name, country) VALUES ($1, $2, $3)", party_id, name, country)
    except asyncpg.UniqueViolationError:
        raise PartyTaken from None


async def party(store: Store, party_id: str) -> dict[str, Any] | None:
    """A party's name card."""
    async with store.connection() as connection:
        row = await connection.fetchrow("SELECT party_id, name, country, created_at FROM party WHERE party_id = $1", party_id)
    return dict(row) if row else None


async def describe(store: Store, party_id: str, name: str, country: str) -> bool:
    """Another name and country. False if there is no such party."""
    async with store.transaction() as connection:
        changed = "UPDATE party SET name = $2, country = $3 WHERE party_id = $1 RETURNING true"
        return bool(await connection.fetchval(changed, party_id, name, country))


async def listed(store: Store, wanted: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Parties by id, page by page; those whose id or name holds the wanted words, if any are."""
    ask = """
    SELECT party_id, name, country, created_at FROM party
    WHERE party_id > $2 AND ($1 = '' OR strpos(party_id, lower($1)) > 0 OR strpos(lower(name), lower($1)) > 0) ORDER BY party_id LIMIT $3
    """
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(ask, wanted, after, limit)]


async def cards(store: Store, party_ids: list[str]) -> list[dict[str, Any]]:
    """The name cards of several parties."""
    async with store.connection() as connection:
        rows = await connection.fetch("SELECT party_id, name, country FROM party WHERE party_id = ANY($1)", party_ids)
    return [dict(row) for row in rows]


async def add_key(store: Store, row: KeyRow) -> bool:
    """Keep a new key. False if its party does not exist."""
    try:
        async with store.transaction() as connection:
            await connection.execute(
                _ADD_KEY,
                *(row.key_id, row.party_id, row.secret_sha256, row.name, row.roles, row.expires_at, row.scopes),
            )
    except asyncpg.ForeignKeyViolationError:
        return False
    return True


async def key(store: Store, key_id: str) -> KeyRow | None:
    """A key by its public part."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_KEY} WHERE key_id = $1", key_id)
    return KeyRow(*row.values()) if row else None


async def keys_of(store: Store, party_id: str) -> list[KeyRow]:
    """A party's keys, newest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(f"{_KEY} WHERE party_id = $1 ORDER BY created_at DESC, key_id", party_id)
    return [KeyRow(*row.values()) for row in rows]


async def revoke_key(store: Store, key_id: str) -> None:
    """End a key now. A second time changes nothing."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE api_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL", key_id)
