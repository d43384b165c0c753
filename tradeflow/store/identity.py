"""Organisations' own identity providers, the people they vouch for, and sign-ins that were used up."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from tradeflow.store import accounts
from tradeflow.store.accounts import COLUMNS, Account, EmailTaken, account_of
from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider of a party. `roles` and `scopes` are what somebody may do who comes for the first time."""

    party_id: str
    issuer: str
    client_id: str
    email_domains: list[str]
    just_in_time: bool
    roles: list[str] | None
    scopes: list[str] | None
    set_by: str
    changed_at: datetime | None = None
    sealed: str | None = None  # the client secret


_FIELDS = "party_id, issuer, client_id, email_domains, just_in_time, roles, scopes, set_by"
_PUT = f"""
INSERT INTO identity_provider ({_FIELDS}, client_secret) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (party_id) DO UPDATE SET issuer = $2, client_id = $3, email_domains = $4, just_in_time = $5, roles = $6, scopes = $7,
    set_by = $8, client_secret = CASE WHEN $10 THEN identity_provider.client_secret ELSE $9 END, changed_at = now()
"""  # noqa: S608 - the names are ours
_USED = "INSERT INTO oidc_used (state_sha256, expires_at) VALUES ($1, now() + interval '1 day') ON CONFLICT DO NOTHING RETURNING 1"
_VOUCHED = f"""
SELECT {COLUMNS} FROM account a JOIN credential c USING (user_id) WHERE c.oidc_issuer = $1 AND c.oidc_subject = $2
"""  # noqa: S608 - the names are ours
# somebody who is vouched for by this provider already, under another subject, is another person with the same address
_LINK = """
UPDATE credential c SET oidc_issuer = $2, oidc_subject = $3 FROM account a
WHERE a.user_id = c.user_id AND a.user_id = $1 AND (c.oidc_issuer IS NULL OR c.oidc_issuer <> $2) RETURNING 1
"""


def secret_row(party_id: str) -> str:
    """What the secret of a provider is bound to."""
    return f"identity_provider.client_secret {party_id}"


async def put(store: Store, given: Provider, secret: str | None) -> None:
    """Set a party's provider. A secret of None leaves the one there is."""
    sealed = store.vault.seal(secret, secret_row(given.party_id)) if secret else None
    fields = (
        given.party_id,
        given.issuer,
        given.client_id,
        given.email_domains,
        given.just_in_time,
        given.roles,
        given.scopes,
        given.set_by,
    )
    async with store.transaction() as connection:
        await connection.execute(_PUT, *fields, sealed, secret is None)


async def provider(store: Store, party_id: str) -> Provider | None:
    """A party's provider."""
    async with store.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT {_FIELDS}, changed_at, client_secret AS sealed FROM identity_provider WHERE party_id = $1",  # noqa: S608
            party_id,
        )
    return Provider(**row) if row else None


def secret(store: Store, known: Provider) -> str:
    """The client secret in clear; "" where there is none."""
    return store.vault.open(known.sealed, secret_row(known.party_id)) if known.sealed else ""


async def remove(store: Store, party_id: str) -> bool:
    """Take a party's provider away. False if it has none."""
    async with store.transaction() as connection:
        return await connection.fetchval("DELETE FROM identity_provider WHERE party_id = $1 RETURNING 1", party_id) is not None


async def use(store: Store, state_sha256: bytes) -> bool:
    """Use a sign-in up. False where it was before."""
    async with store.transaction() as connection:
        await connection.execute("DELETE FROM oidc_used WHERE expires_at < now()")
        return await connection.fetchval(_USED, state_sha256) is not None


async def vouched(store: Store, issuer: str, subject: str) -> Account | None:
    """Whom a provider vouches for under a subject."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_VOUCHED, issuer, subject)
    return account_of(row) if row else None


async def link(store: Store, user_id: str, issuer: str, subject: str) -> bool:
    """Let a provider vouch for a user from now on. False where it does so under another subject, or for another user under this one."""
    try:
        async with store.transaction() as connection:
            return await connection.fetchval(_LINK, user_id, issuer, subject) is not None
    except asyncpg.UniqueViolationError:
        return False


async def add(store: Store, account: Account, issuer: str, subject: str) -> bool:
    """A new user without a password. False where somebody has the address, or is vouched for under this subject, already."""
    try:
        async with store.transaction() as connection:
            await accounts.add(connection, account, None)
            await connection.execute(
                "UPDATE credential SET oidc_issuer = $2, oidc_subject = $3 WHERE user_id = $1", account.user_id, issuer, subject
            )
    except (EmailTaken, asyncpg.UniqueViolationError):
        return False
    return True
