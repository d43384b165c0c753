"""Who sent and who got each message of a trade: what a reader may see depends on it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.store.once import shared
from tradeflow.store.uow import Store

_MESSAGES = "SELECT message_id, type, sender, role FROM message WHERE trade_id = $1 AND verdict = 'accepted'"
_ADDRESSED = "SELECT message_id, party_id, role FROM delivery WHERE trade_id = $1 AND kind = 'message'"
_SEEDED = """
SELECT d.message_id, d.type, p.body FROM document d JOIN payload p USING (trade_id, sha256)
WHERE d.trade_id = $1 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.trade_id = d.trade_id AND m.message_id = d.message_id)
"""
_VERSIONS = """
SELECT d.version, d.sha256, d.message_id, d.role, d.lodged_at, p.body FROM document d JOIN payload p USING (trade_id, sha256)
WHERE d.trade_id = $1 AND d.type = $2 AND d.number = $3 ORDER BY d.version
"""
_BY_HASH = """
SELECT d.type, d.number, d.version, d.lodged_at,
  (SELECT max(version) FROM document n WHERE (n.trade_id, n.type, n.number) = (d.trade_id, d.type, d.number)) AS newest
FROM document d WHERE d.trade_id = $1 AND d.sha256 = $2 ORDER BY d.version DESC LIMIT 1
"""
_MESSAGE = """
SELECT m.type, m.content_type, o.body AS original, c.body AS canonical FROM message m
JOIN payload o ON o.trade_id = m.trade_id AND o.sha256 = m.original_sha256
JOIN payload c ON c.trade_id = m.trade_id AND c.sha256 = m.sha256
WHERE m.trade_id = $1 AND m.message_id = $2
"""


@dataclass(slots=True)
class Circulation:
    """One message: its sender and recipients, each a party in a role."""

    type: str
    sender: tuple[str, str]
    recipients: set[tuple[str, str]] = field(default_factory=set)


async def circulation(store: Store, trade_id: str) -> dict[UUID, Circulation]:
    """Every accepted message of a trade by its id."""
    return await shared(("circulation", store.party, trade_id), lambda: _circulation(store, trade_id))


async def _circulation(store: Store, trade_id: str) -> dict[UUID, Circulation]:
    async with store.connection() as connection:
        found = {row[0]: Circulation(row[1], (row[2], row[3])) for row in await connection.fetch(_MESSAGES, trade_id)}
        for message_id, party, role in await connection.fetch(_ADDRESSED, trade_id):
            if message_id in found:
                found[message_id].recipients.add((party, role))
        for message_id, type_, body in await connection.fetch(_SEEDED, trade_id):  # on file when the trade was opened: by the envelope
            envelope = msgspec.json.decode(body)["message"]
            parties = {(one["party_id"], one["role"]) for one in envelope["recipients"]}
            found[message_id] = Circulation(type_, (envelope["sender"]["party_id"], envelope["sender"]["role"]), parties)
    return found


async def versions(store: Store, trade_id: str, type_: str, number: str) -> list[dict[str, Any]]:
    """All versions of a document, the first one first."""
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(_VERSIONS, trade_id, type_, number)]


async def by_hash(store: Store, trade_id: str, sha256: str) -> dict[str, Any] | None:
    """Which document of a trade has this hash, or None."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_BY_HASH, trade_id, sha256)
    return dict(row) if row else None


async def message(store: Store, trade_id: str, message_id: UUID) -> dict[str, Any] | None:
    """A message as it was lodged, and its canonical form."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_MESSAGE, trade_id, message_id)
    return dict(row) if row else None
