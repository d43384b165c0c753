"""Links to a single document: the secret is kept as its hash."""

from dataclasses import dataclass
from datetime import datetime

from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody without an account may look at one document in a role of a party, and answer it once."""

    link_id: str
    secret_sha256: bytes
    party_id: str
    made_by_party: str
    made_by: str
    for_trade: str
    type: str
    number: str
    role: str
    answers: list[str]
    uses_max: int
    created_at: datetime
    ends_at: datetime
    uses: int = 0
    answered_at: datetime | None = None
    revoked_at: datetime | None = None


_COLUMNS = ", ".join(Link.__slots__)
_ALL = f"SELECT {_COLUMNS} FROM document_link"  # noqa: S608 - the columns are ours
_ADD = f"INSERT INTO document_link ({_COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, len(Link.__slots__) + 1))})"  # noqa: S608
_LIVE = "link_id = $1 AND revoked_at IS NULL AND ends_at > tf_now()"
_PEOPLE = """
SELECT EXISTS (SELECT FROM account WHERE party_id = $1 AND disabled_at IS NULL)
    OR EXISTS (SELECT FROM api_key WHERE party_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()))
"""


async def add(store: Store, link: Link) -> None:
    """Keep a new link."""
    async with store.transaction() as connection:
        await connection.execute(_ADD, *(getattr(link, name) for name in Link.__slots__))


async def find(store: Store, link_id: str) -> Link | None:
    """A link by its id, whatever became of it."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_ALL} WHERE link_id = $1", link_id)
    return Link(**row) if row else None


async def of_party(store: Store, party_id: str) -> list[Link]:
    """Those a party made, or that speak for it, the newest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(
            f"{_ALL} WHERE party_id = $1 OR made_by_party = $1 ORDER BY created_at DESC, link_id LIMIT 500", party_id
        )
    return [Link(**row) for row in rows]


async def use(store: Store, link_id: str) -> Link | None:
    """Count one look. None where it ended, or was looked at as often as it may be."""
    async with store.transaction() as connection:
        row = await connection.fetchrow(
            f"UPDATE document_link SET uses = uses + 1 WHERE {_LIVE} AND uses < uses_max RETURNING {_COLUMNS}",  # noqa: S608
            link_id,
        )
    return Link(**row) if row else None


async def answer(store: Store, link_id: str) -> bool:
    """Take its one answer. False where it was given, or the link ended."""
    async with store.transaction() as connection:
        taken = f"UPDATE document_link SET answered_at = tf_now() WHERE {_LIVE} AND answered_at IS NULL RETURNING 1"  # noqa: S608
        return await connection.fetchval(taken, link_id) is not None


async def give_back(store: Store, link_id: str) -> None:
    """The answer was refused: another one may be given."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE document_link SET answered_at = NULL WHERE link_id = $1", link_id)


async def revoke(store: Store, link_id: str) -> None:
    """End it. Again is harmless."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE document_link SET revoked_at = tf_now() WHERE link_id = $1 AND revoked_at IS NULL", link_id)


async def has_people(store: Store, party_id: str) -> bool:
    """Whether a party has a user or a key of its own."""
    async with store.connection() as connection:
        return bool(await connection.fetchval(_PEOPLE, party_id))
