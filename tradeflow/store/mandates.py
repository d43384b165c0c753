"""Mandates: a party lets another one act in its name, within limits, until a day."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class Mandate:
    """`agent` may act in the name of `party_id`."""

    mandate_id: str
    party_id: str
    agent: str
    roles: list[str] | None
    types: list[str] | None
    only_trade: str | None
    amount_max: Decimal | None
    currency: str | None
    given_by: str
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None


_COLUMNS = ", ".join(Mandate.__slots__)
_ALL = f"SELECT {_COLUMNS} FROM mandate"  # noqa: S608 - the columns are ours
_ADD = f"INSERT INTO mandate ({_COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, len(Mandate.__slots__) + 1))})"  # noqa: S608


async def add(store: Store, mandate: Mandate) -> None:
    """Keep a new mandate."""
    async with store.transaction() as connection:
        await connection.execute(_ADD, *(getattr(mandate, name) for name in Mandate.__slots__))


async def between(store: Store, agent: str, principal: str) -> list[Mandate]:
    """The mandates that hold now by the hub's clock."""
    async with store.connection() as connection:
        rows = await connection.fetch(
            f"{_ALL} WHERE agent = $1 AND party_id = $2 AND revoked_at IS NULL AND ends_at > tf_now() ORDER BY created_at, mandate_id",
            *(agent, principal),
        )
    return [Mandate(**row) for row in rows]


async def of_party(store: Store, party_id: str) -> list[Mandate]:
    """Those a party gave or holds, ended ones included, the newest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(f"{_ALL} WHERE party_id = $1 OR agent = $1 ORDER BY created_at DESC, mandate_id LIMIT 500", party_id)
    return [Mandate(**row) for row in rows]


async def find(store: Store, mandate_id: str) -> Mandate | None:
    """A mandate by its id."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_ALL} WHERE mandate_id = $1", mandate_id)
    return Mandate(**row) if row else None


async def revoke(store: Store, mandate_id: str) -> None:
    """End it now. Again is harmless."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE mandate SET revoked_at = tf_now() WHERE mandate_id = $1 AND revoked_at IS NULL", mandate_id)
