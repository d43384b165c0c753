"""What waits for a second person, and which messages do."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """Messages of this type from this amount on need a second person; "*" is every type without a rule of its own."""

    type: str
    amount_from: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits, or waited."""

    held_id: str
    party_id: str
    into_trade: str
    message_id: UUID
    type: str
    role: str
    content_type: str
    body: bytes
    sha256: str
    because: str
    held_by: str
    agent: str
    mandate_id: str
    held_at: datetime
    expires_at: datetime
    state: str = "waiting"
    settled_by: str = ""
    settled_at: datetime | None = None
    note: str = ""


COLUMNS = ", ".join(Held.__slots__)
_ALL = f"SELECT {COLUMNS} FROM held_message"  # noqa: S608 - the columns are ours
_ADD = f"""
INSERT INTO held_message ({COLUMNS}) VALUES ({", ".join(f"${n}" for n in range(1, len(Held.__slots__) + 1))})
ON CONFLICT (party_id, message_id) WHERE state = 'waiting' DO NOTHING RETURNING 1
"""  # noqa: S608
_EXPIRE = """
UPDATE held_message SET state = 'expired', settled_at = tf_now()
WHERE party_id = $1 AND message_id = $2 AND state = 'waiting' AND expires_at <= tf_now()
"""
_REOPEN = """
UPDATE held_message SET state = 'waiting', settled_by = '', settled_at = NULL WHERE held_id = $1 AND state = 'released'
"""
_SETTLE = """
UPDATE held_message SET state = $2, settled_by = $3, settled_at = tf_now(), note = $4
WHERE held_id = $1 AND state = 'waiting' AND expires_at > tf_now() RETURNING 1
"""


async def rules(store: Store, party_id: str) -> list[ReleaseRule]:
    """The rules of a party."""
    async with store.connection() as connection:
        rows = await connection.fetch("SELECT type, amount_from, currency FROM release_rule WHERE party_id = $1 ORDER BY type", party_id)
    return [ReleaseRule(**row) for row in rows]


async def set_rules(store: Store, party_id: str, wanted: list[ReleaseRule], by: str) -> None:
    """These instead of those before."""
    async with store.transaction() as connection:
        await connection.execute("DELETE FROM release_rule WHERE party_id = $1", party_id)
        await connection.executemany(
            "INSERT INTO release_rule (party_id, type, amount_from, currency, set_by) VALUES ($1, $2, $3, $4, $5)",
            [(party_id, rule.type, rule.amount_from, rule.currency, by) for rule in wanted],
        )


async def add(store: Store, held: Held) -> bool:
    """Keep a message back. False where one of the same id waits already; what expired gives way."""
    async with store.transaction() as connection:
        await connection.execute(_EXPIRE, held.party_id, held.message_id)
        return await connection.fetchval(_ADD, *(getattr(held, name) for name in Held.__slots__)) is not None


async def waiting(store: Store, party_id: str, message_id: UUID) -> Held | None:
    """The message of this id that waits."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_ALL} WHERE party_id = $1 AND message_id = $2 AND state = 'waiting'", party_id, message_id)
    return Held(**row) if row else None


async def of_party(store: Store, party_id: str) -> list[Held]:
    """What waits and waited, the newest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(f"{_ALL} WHERE party_id = $1 ORDER BY held_at DESC, held_id LIMIT 500", party_id)
    return [Held(**row) for row in rows]


async def find(store: Store, held_id: str) -> Held | None:
    """A message by the id of its case."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_ALL} WHERE held_id = $1", held_id)
    return Held(**row) if row else None


async def settle(store: Store, held_id: str, state: str, by: str, note: str) -> bool:
    """It is released or rejected. False where it no longer waits."""
    async with store.transaction() as connection:
        done: Any = await connection.fetchval(_SETTLE, held_id, state, by, note)
    return done is not None


async def reopen(store: Store, held_id: str) -> None:
    """The main path refused it: it waits on."""
    async with store.transaction() as connection:
        await connection.execute(_REOPEN, held_id)
