"""Channels of parties and their secrets, as stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.store.uow import Store

Json = dict[str, Any]

_CHANNEL = """
SELECT c.party_id, c.name, c.kind, c.message_types, c.notices, c.format, c.settings, c.hours, c.state, c.reason, c.revision, c.failures,
    c.wait_until, c.last_error, c.created_at, c.changed_at, tf_now() AS now,
    (SELECT count(*) FROM dispatch d WHERE d.party_id = c.party_id AND d.channel = c.name AND d.status = 'pending') AS waiting,
    (SELECT count(*) FROM dispatch d WHERE d.party_id = c.party_id AND d.channel = c.name AND d.status = 'quarantined') AS quarantined
FROM channel c WHERE c.party_id = $1
"""
# what a person says again counts from now on: the breaker closes, and what waits is tried at once
_PUT = """
INSERT INTO channel (party_id, name, kind, message_types, notices, format, settings, hours) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (party_id, name) DO UPDATE SET kind = excluded.kind, message_types = excluded.message_types, notices = excluded.notices,
    format = excluded.format, settings = excluded.settings, hours = excluded.hours, state = 'active', reason = '', failures = 0,
    wait_until = NULL, last_error = '', revision = channel.revision + 1, changed_at = now()
RETURNING revision = 1
"""
_STATE = """
UPDATE channel SET state = $3, reason = $4, failures = 0, wait_until = NULL, changed_at = now()
WHERE party_id = $1 AND name = $2 RETURNING true
"""
_HURRY = """
UPDATE dispatch SET next_attempt_at = tf_now()
WHERE party_id = $1 AND channel = $2 AND status = 'pending' AND lease_token IS NULL AND next_attempt_at > tf_now()
"""
_WITHDRAW = """
UPDATE dispatch SET status = 'withdrawn', lease_token = NULL, lease_until = NULL, last_error = 'the channel was removed; the inbox holds it'
WHERE party_id = $1 AND channel = $2 AND status IN ('pending', 'quarantined')
"""
# a secret that is replaced lives on for as long as the receiver needs to learn the new one
_RETIRE = """
UPDATE channel_secret SET expires_at = clock_timestamp() + make_interval(secs => $4)
WHERE party_id = $1 AND channel = $2 AND name = $3 AND (expires_at IS NULL OR expires_at > clock_timestamp() + make_interval(secs => $4))
"""
_SECRETS = """
SELECT name, value, created_at, expires_at FROM channel_secret
WHERE party_id = $1 AND channel = $2 AND (expires_at IS NULL OR expires_at > clock_timestamp()) ORDER BY name, created_at DESC
"""


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One live value of a secret."""

    name: str
    sealed: str
    created_at: datetime
    expires_at: datetime | None


def row_of(record: Any) -> Json:
    """A channel row with its JSON read."""
    row = dict(record)
    for name in ("settings", "hours"):
        row[name] = msgspec.json.decode(row[name]) if row[name] else None
    return row


async def channels(store: Store, party_id: str) -> list[Json]:
    """A party's channels by name."""
    async with store.connection() as connection:
        return [row_of(row) for row in await connection.fetch(f"{_CHANNEL} ORDER BY c.name", party_id)]


async def channel(store: Store, party_id: str, name: str) -> Json | None:
    """One channel."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_CHANNEL} AND c.name = $2", party_id, name)
    return row_of(row) if row else None


async def put(store: Store, party_id: str, name: str, given: Json, secrets: dict[str, str]) -> bool:
    """Make a channel, or say anew what it is; secrets that are given replace what was there. True if it is new."""
    hours = msgspec.json.encode(given["hours"]).decode() if given["hours"] else None
    async with store.transaction() as connection:
        new: bool = await connection.fetchval(
            _PUT,
            *(party_id, name, given["kind"], given["message_types"], given["notices"], given["format"]),
            *(msgspec.json.encode(given["settings"]).decode(), hours),
        )
        for secret, value in secrets.items():
            await connection.execute(_RETIRE, party_id, name, secret, 0)
            await _add_secret(store, connection, (party_id, name, secret), value)
        await connection.execute(_HURRY, party_id, name)
    return new


async def set_state(store: Store, party_id: str, name: str, state: str, reason: str) -> bool:
    """Active, paused or disabled. What waits goes out at once when it is active again. False if there is no such channel."""
    async with store.transaction() as connection:
        found = await connection.fetchval(_STATE, party_id, name, state, reason)
        if found and state == "active":
            await connection.execute(_HURRY, party_id, name)
    return bool(found)


async def remove(store: Store, party_id: str, name: str) -> bool:
    """Take a channel away; what still waited for it stays in the inbox only."""
    async with store.transaction() as connection:
        gone = await connection.fetchval("DELETE FROM channel WHERE party_id = $1 AND name = $2 RETURNING true", party_id, name)
        if gone:
            await connection.execute(_WITHDRAW, party_id, name)
    return bool(gone)


async def rotate(store: Store, party_id: str, name: str, secret: str, value: str, overlap_seconds: float) -> None:
    """A new value of a secret; the old ones live on for the overlap."""
    async with store.transaction() as connection:
        await connection.execute(_RETIRE, party_id, name, secret, overlap_seconds)
        await _add_secret(store, connection, (party_id, name, secret), value)
        await connection.execute("UPDATE channel SET revision = revision + 1 WHERE party_id = $1 AND name = $2", party_id, name)


async def secrets(store: Store, party_id: str, name: str) -> list[SecretRow]:
    """The live secrets of a channel as they are stored, each name's newest first."""
    async with store.connection() as connection:
        return [SecretRow(*row.values()) for row in await connection.fetch(_SECRETS, party_id, name)]


async def clear(store: Store, party_id: str, name: str) -> dict[str, list[str]]:
    """The live values of a channel's secrets in clear, each name's newest first. For the connector; nobody else is told them."""
    found: dict[str, list[str]] = {}
    for row in await secrets(store, party_id, name):
        found.setdefault(row.name, []).append(store.vault.open(row.sealed, secret_row(party_id, name, row.name)))
    return found


def secret_row(party_id: str, channel: str, name: str) -> str:
    """What a secret of a channel is bound to."""
    return f"channel_secret.value {party_id}/{channel}/{name}"


async def _add_secret(store: Store, connection: Any, key: tuple[str, str, str], value: str) -> None:
    sealed = store.vault.seal(value, secret_row(*key))
    await connection.execute("INSERT INTO channel_secret (party_id, channel, name, value) VALUES ($1, $2, $3, $4)", *key, sealed)
