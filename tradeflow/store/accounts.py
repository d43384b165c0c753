"""People who act for parties, what proves who they are, and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from tradeflow.store.parties import PartyTaken
from tradeflow.store.uow import Store


class EmailTaken(Exception):
    """Somebody signs in with this address already."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who acts for a party, within limits."""

    user_id: str
    party_id: str
    email: str
    name: str
    roles: list[str] | None
    scopes: list[str] | None
    has_totp: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """What an account is proved by."""

    account: Account
    password_hash: str | None
    totp_sealed: str | None  # see store/sealed.py


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that holds, and when it ends whatever happens."""

    account: Account
    expires_at: datetime


COLUMNS = "a.user_id, a.party_id, a.email, a.name, a.roles, a.scopes, a.has_totp, a.created_at, a.disabled_at"
_GUARD = """
INSERT INTO sign_in_guard AS g (subject, failures) VALUES ($1, 1)
ON CONFLICT (subject) DO UPDATE SET last_at = now(),
    failures = CASE WHEN g.last_at < now() - interval '1 hour' THEN 1 ELSE g.failures + 1 END,
    locked_until = CASE WHEN g.last_at >= now() - interval '1 hour' AND g.failures + 1 >= $2
        THEN now() + least(interval '30 seconds' * 2 ^ least(g.failures + 1 - $2, 10), interval '15 minutes') END
WHERE g.locked_until IS NULL OR g.locked_until <= now()
RETURNING failures
"""
_SESSION = f"""
UPDATE session s SET seen_at = now() FROM account a
WHERE s.token_sha256 = $1 AND a.user_id = s.user_id AND a.disabled_at IS NULL
    AND s.ended_at IS NULL AND s.expires_at > now() AND s.seen_at > now() - $2::interval
RETURNING {COLUMNS}, s.expires_at
"""  # noqa: S608 - the columns are ours
_END = "UPDATE session SET ended_at = now() WHERE ended_at IS NULL"


async def guarded(store: Store, subject: bytes, tries: int) -> int:
    """Count an attempt before it is looked at, so that many at once are no way around it. Seconds to wait, or 0."""
    async with store.transaction() as connection:
        if await connection.fetchval(_GUARD, subject, tries) is not None:
            return 0
        left = "SELECT ceil(extract(epoch FROM locked_until - now())) FROM sign_in_guard WHERE subject = $1"
        return max(1, int(await connection.fetchval(left, subject) or 1))


async def unguard(store: Store, subject: bytes) -> None:
    """Somebody proved who it is: the count begins anew."""
    async with store.transaction() as connection:
        await connection.execute("DELETE FROM sign_in_guard WHERE subject = $1", subject)


async def by_email(store: Store, email: str) -> Credential | None:
    """Who signs in with this address."""
    async with store.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT {COLUMNS}, c.password_hash, c.totp_secret FROM account a JOIN credential c USING (user_id) WHERE a.email = $1",  # noqa: S608
            email,
        )
    return Credential(account_of(row), row["password_hash"], row["totp_secret"]) if row else None


async def by_id(store: Store, user_id: str) -> Credential | None:
    """An account by its id."""
    async with store.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT {COLUMNS}, c.password_hash, c.totp_secret FROM account a JOIN credential c USING (user_id) WHERE a.user_id = $1",  # noqa: S608
            user_id,
        )
    return Credential(account_of(row), row["password_hash"], row["totp_secret"]) if row else None


async def of_party(store: Store, party_id: str) -> list[Account]:
    """The users of a party."""
    async with store.connection() as connection:
        rows = await connection.fetch(
            f"SELECT {COLUMNS} FROM account a WHERE a.party_id = $1 ORDER BY a.created_at, a.user_id",  # noqa: S608
            party_id,
        )
    return [account_of(row) for row in rows]


async def of_domain(store: Store, domain: str) -> list[tuple[str, str, str]]:
    """Address, name and company of everybody who signs in with an address of this domain; at most 100."""
    ask = (
        "SELECT a.email, a.name, p.name FROM account a JOIN party p USING (party_id)"
        " WHERE a.email LIKE '%@' || $1 AND a.disabled_at IS NULL ORDER BY a.email LIMIT 100"
    )
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.fetch(ask, domain)]


async def change(store: Store, user_id: str, roles: list[str] | None, scopes: list[str] | None, disabled: bool) -> None:
    """New limits of a user; who is disabled is signed out everywhere."""
    async with store.transaction() as connection:
        await connection.execute(
            "UPDATE account SET roles = $2, scopes = $3, disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, now()) END"
            " WHERE user_id = $1",
            *(user_id, roles, scopes, disabled),
        )
        if disabled:
            await connection.execute(f"{_END} AND user_id = $1", user_id)


async def set_password(store: Store, user_id: str, password_hash: str, keep: bytes = b"") -> None:
    """Another password; every session but the one that changed it ends."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE credential SET password_hash = $2 WHERE user_id = $1", user_id, password_hash)
        await connection.execute(f"{_END} AND user_id = $1 AND token_sha256 <> $2", user_id, keep)


async def rehash(store: Store, user_id: str, password_hash: str) -> None:
    """The same password under newer parameters."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE credential SET password_hash = $2 WHERE user_id = $1", user_id, password_hash)


async def begin_totp(store: Store, user_id: str, secret: str) -> None:
    """A second factor that waits to be confirmed."""
    sealed = store.vault.seal(secret, totp_row(user_id))
    async with store.transaction() as connection:
        await connection.execute("UPDATE credential SET totp_secret = $2 WHERE user_id = $1", user_id, sealed)


async def confirm_totp(store: Store, user_id: str) -> None:
    """The second factor counts from now on."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE account SET has_totp = true WHERE user_id = $1", user_id)


async def remove_totp(store: Store, user_id: str) -> None:
    """Give a second factor up."""
    async with store.transaction() as connection:
        await connection.execute("UPDATE credential SET totp_secret = NULL WHERE user_id = $1", user_id)
        await connection.execute("UPDATE account SET has_totp = false WHERE user_id = $1", user_id)


def totp_row(user_id: str) -> str:
    """What the secret of a second factor is bound to."""
    return f"credential.totp_secret {user_id}"


def totp_secret(store: Store, known: Credential) -> str:
    """The secret of a second factor in clear; "" where there is none."""
    return store.vault.open(known.totp_sealed, totp_row(known.account.user_id)) if known.totp_sealed else ""


async def use_totp(store: Store, user_id: str, step: int) -> bool:
    """Take a code of this time step. False where it, or a later one, was taken before."""
    async with store.transaction() as connection:
        taken = "UPDATE credential SET totp_step = $2 WHERE user_id = $1 AND totp_step < $2 RETURNING 1"
        return await connection.fetchval(taken, user_id, step) is not None


async def begin_session(store: Store, token_sha256: bytes, user_id: str, hours: float, replaces: bytes) -> datetime:
    """A new session; the one the browser had before ends. Returns when it ends whatever happens."""
    async with store.transaction() as connection:
        await connection.execute(f"{_END} AND token_sha256 = $1", replaces)
        await connection.execute("DELETE FROM session WHERE expires_at < now() - interval '30 days'")
        made = (
            "INSERT INTO session (token_sha256, user_id, expires_at) VALUES ($1, $2, now() + $3 * interval '1 hour') RETURNING expires_at"
        )
        expires_at: datetime = await connection.fetchval(made, token_sha256, user_id, hours)
    return expires_at


async def session(store: Store, token_sha256: bytes, idle: Any) -> SessionRow | None:
    """The session of a token, if it holds; that it was used counts."""
    async with store.transaction() as connection:
        row = await connection.fetchrow(_SESSION, token_sha256, idle)
    return SessionRow(account_of(row), row["expires_at"]) if row else None


async def sessions(store: Store, user_id: str, idle: Any) -> list[dict[str, Any]]:
    """The sessions of a user that hold, the one used last first: hash of the token, when it was used last and when it ends."""
    ask = (
        "SELECT token_sha256, seen_at, expires_at FROM session WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()"
        " AND seen_at > now() - $2::interval ORDER BY seen_at DESC LIMIT 100"
    )
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(ask, user_id, idle)]


async def end_others(store: Store, user_id: str, keep: bytes) -> None:
    """End every session of a user but one."""
    async with store.transaction() as connection:
        await connection.execute(f"{_END} AND user_id = $1 AND token_sha256 <> $2", user_id, keep)


async def end_session(store: Store, token_sha256: bytes) -> None:
    """Sign out."""
    async with store.transaction() as connection:
        await connection.execute(f"{_END} AND token_sha256 = $1", token_sha256)


async def add(connection: Any, account: Account, password_hash: str | None) -> None:
    """A new account, in the transaction that used its invitation. Raises EmailTaken."""
    try:
        await connection.execute(
            "INSERT INTO account (user_id, party_id, email, name, roles, scopes) VALUES ($1, $2, $3, $4, $5, $6)",
            *(account.user_id, account.party_id, account.email, account.name, account.roles, account.scopes),
        )
    except asyncpg.UniqueViolationError:
        raise EmailTaken from None
    await connection.execute("INSERT INTO credential (user_id, password_hash) VALUES ($1, $2)", account.user_id, password_hash)


async def sign_up(store: Store, company: str, country: str, account: Account, password_hash: str) -> None:
    """A new party with its first user, in one commit. Raises PartyTaken, EmailTaken."""
    async with store.transaction() as connection:
        made = "INSERT INTO party (party_id, name, country) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1"
        if await connection.fetchval(made, account.party_id, company, country) is None:
            raise PartyTaken
        await add(connection, account, password_hash)


def account_of(row: Any) -> Account:
    """An account of its row."""
    return Account(**{name: row[name] for name in Account.__slots__})
