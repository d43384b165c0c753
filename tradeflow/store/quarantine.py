"""What arrived by a channel and could not be taken, until somebody decides about it."""

from typing import Any
from uuid import UUID

from tradeflow.ports import Arrival
from tradeflow.store.uow import Store

Row = dict[str, Any]
WAITING_MAX = 5_000  # cases that may wait for one owner: strangers must not fill the disk

_LINE = """quarantine_id, party_id, sender, reason, channel, address, name, content_type, sha256, octet_length(body) AS bytes,
    trade_id, type, status, answer, state, note, tries, received_at, settled_at, settled_by"""
_KEEP = """
INSERT INTO quarantine (
    quarantine_id, party_id, sender, reason, channel, address, name, content_type, sha256, body, trade_id, type, status, answer, received_at
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, tf_now()
WHERE (SELECT count(*) FROM (SELECT FROM quarantine WHERE party_id = $2 AND state = 'waiting' LIMIT $15) full_) < $15
    OR EXISTS (SELECT FROM quarantine WHERE channel = $5 AND address = $6 AND sha256 = $9 AND state = 'waiting')
ON CONFLICT (channel, address, sha256) WHERE state = 'waiting'
DO UPDATE SET tries = quarantine.tries + 1, status = $13, answer = $14, reason = $4
RETURNING quarantine_id, tries
"""
_LIST = f"""
SELECT {_LINE} FROM quarantine
WHERE ($1 = '' OR party_id = $1 OR sender = $1) AND ($2 = '' OR state = $2) AND ($3::uuid IS NULL OR quarantine_id < $3)
ORDER BY quarantine_id DESC LIMIT $4
"""  # noqa: S608 - the columns are ours
_ONE = f"SELECT {_LINE}, body FROM quarantine WHERE quarantine_id = $1 AND ($2 = '' OR party_id = $2 OR sender = $2)"  # noqa: S608 - the columns are ours
_TRIED = """
UPDATE quarantine SET tries = tries + 1, status = $2, answer = $3, reason = coalesce($4, reason)
WHERE quarantine_id = $1 AND state = 'waiting' RETURNING true
"""
_SETTLE = """
UPDATE quarantine SET state = $2, note = $3, settled_by = $4, settled_at = tf_now()
WHERE quarantine_id = $1 AND state = 'waiting' RETURNING true
"""
_ASSIGN = "UPDATE quarantine SET party_id = $2, note = $3 WHERE quarantine_id = $1 AND state = 'waiting' RETURNING true"


async def keep(
    store: Store, id: UUID, arrival: Arrival, owner: str, reason: str, says: tuple[str, str, str], answer: tuple[int, bytes]
) -> UUID | None:
    """Keep an arrival; `says` are its hash, trade and type. The id of its case: that of the first one where the same file waits already.

    None where too much waits for this owner: then it must stay where it came from.
    """
    sha256, trade_id, type_ = says
    async with store.transaction() as connection:
        row = await connection.fetchrow(
            _KEEP,
            *(id, owner, arrival.party_id, reason, arrival.channel, arrival.address, arrival.name, arrival.content_type),
            *(sha256, arrival.body, trade_id, type_, *answer, WAITING_MAX),
        )
    return row["quarantine_id"] if row else None


async def cases(store: Store, party_id: str, state: str, before: UUID | None, limit: int) -> list[Row]:
    """Cases of a party ("" = all), the newest first, without their bytes."""
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(_LIST, party_id, state, before, limit)]


async def case(store: Store, id: UUID, party_id: str) -> Row | None:
    """One case with its bytes, if this party ("" = any) sent it or has to decide about it."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_ONE, id, party_id)
    return dict(row) if row else None


async def tried(store: Store, id: UUID, status: int, answer: bytes, reason: str | None) -> bool:
    """Note another try. False if the case is settled."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_TRIED, id, status, answer, reason))


async def settle(store: Store, id: UUID, state: str, note: str, by: str) -> bool:
    """End a case, once. False if it was settled before."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_SETTLE, id, state, note, by))


async def assign(store: Store, id: UUID, party_id: str, note: str) -> bool:
    """Give a case to a party. False if it is settled."""
    async with store.transaction() as connection:
        return bool(await connection.fetchval(_ASSIGN, id, party_id, note))
