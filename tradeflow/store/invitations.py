"""Invitations: single-use, expiring; the secret is kept as its hash."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeflow.store import accounts
from tradeflow.store.accounts import Account
from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked to become a user of a party, or a party to join a trade."""

    invitation_id: str
    secret_sha256: bytes
    kind: str  # user | trade
    party_id: str
    invited_by: str
    expires_at: datetime
    email: str = ""
    name: str = ""
    roles: list[str] | None = None
    scopes: list[str] | None = None
    into_trade: str | None = None
    role: str | None = None
    created_at: datetime | None = None
    used_at: datetime | None = None
    used_by: str | None = None
    revoked_at: datetime | None = None


_MADE = tuple(name for name in Invitation.__slots__ if name not in ("created_at", "used_at", "used_by", "revoked_at"))
_ADD = f"INSERT INTO invitation ({', '.join(_MADE)}) VALUES ({', '.join(f'${n}' for n in range(1, len(_MADE) + 1))})"  # noqa: S608
_ALL = f"SELECT {', '.join(Invitation.__slots__)} FROM invitation"  # noqa: S608
_USE = """
UPDATE invitation SET used_at = now(), used_by = $2
WHERE invitation_id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now() RETURNING 1
"""


async def add(store: Store, invitation: Invitation) -> None:
    """Keep a new invitation."""
    async with store.transaction() as connection:
        await connection.execute(_ADD, *(getattr(invitation, name) for name in _MADE))


async def find(store: Store, invitation_id: str) -> Invitation | None:
    """An invitation by its id, whatever became of it."""
    async with store.connection() as connection:
        row = await connection.fetchrow(f"{_ALL} WHERE invitation_id = $1", invitation_id)
    return Invitation(**row) if row else None


async def of_party(store: Store, party_id: str) -> list[Invitation]:
    """The invitations of a party, the newest first."""
    async with store.connection() as connection:
        rows = await connection.fetch(f"{_ALL} WHERE party_id = $1 ORDER BY created_at DESC, invitation_id LIMIT 500", party_id)
    return [Invitation(**row) for row in rows]


async def revoke(store: Store, invitation_id: str) -> None:
    """End an invitation nobody has used. Again is harmless."""
    async with store.transaction() as connection:
        await connection.execute(
            "UPDATE invitation SET revoked_at = now() WHERE invitation_id = $1 AND used_at IS NULL AND revoked_at IS NULL", invitation_id
        )


async def use(store: Store, invitation_id: str, used_by: str) -> bool:
    """Use it up. False where somebody was first, or it ended."""
    async with store.transaction() as connection:
        return await connection.fetchval(_USE, invitation_id, used_by) is not None


async def give_back(store: Store, invitation_id: str) -> None:
    """What it was used for was refused: it may be used again."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE invitation SET used_at = NULL, used_by = NULL WHERE invitation_id = $1", invitation_id)


async def become_user(store: Store, invitation_id: str, account: Account, password_hash: str | None) -> bool:
    """Use it up and make the account, or, where it is there already, give it a new password: in one commit. Raises EmailTaken."""
    async with store.transaction() as connection:
        if await connection.fetchval(_USE, invitation_id, account.user_id) is None:
            return False
        known: Any = await connection.fetchval("SELECT 1 FROM account WHERE user_id = $1", account.user_id)
        if known is None:
            await accounts.add(connection, account, password_hash)
            return True
        await connection.execute(
            "UPDATE credential SET password_hash = $2, totp_secret = NULL WHERE user_id = $1", account.user_id, password_hash
        )
        await connection.execute(
            "UPDATE account SET has_totp = false, disabled_at = NULL, roles = $2, scopes = $3 WHERE user_id = $1",
            *(account.user_id, account.roles, account.scopes),
        )
        await connection.execute("UPDATE session SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL", account.user_id)
    return True
