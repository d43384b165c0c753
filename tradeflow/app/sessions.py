"""Signing in and out: a password, where the user has one a second factor, and a session in a table behind a cookie."""

import base64
import contextlib
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tradeflow.app import passwords
from tradeflow.app.access import Caller
from tradeflow.errors import Problem, Refused
from tradeflow.store import accounts, parties
from tradeflow.store.accounts import Account, Credential
from tradeflow.store.uow import Store

TRIES = 5  # failures in a row for one name; then it waits, longer each time
WRONG = "the name, the password or the code is wrong"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that began: the cookie's value, and what the browser is told."""

    token: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """Who is behind the session of a browser, with the party it acts for: what every page shows."""

    caller: Caller
    account: Account
    party: dict[str, Any]
    csrf_token: str
    expires_at: datetime

    def sent_by_it(self, csrf: str) -> bool:
        """Whether a change carries the token of this session, as it is or as a page shows it."""
        return _same(csrf, self.csrf_token)

    @property
    def csrf_masked(self) -> str:
        """The token for one page: written in another way each time, so that the sizes of compressed pages say nothing about it."""
        plain = self.csrf_token.encode()
        pad = secrets.token_bytes(len(plain))
        return base64.urlsafe_b64encode(pad + _xor(pad, plain)).rstrip(b"=").decode()


class Sessions:
    """People who sign in. Everything here is the hub's own work: nobody acts for a party before it is done."""

    def __init__(self, store: Store, idle_minutes: float, hours: float) -> None:
        self._store, self._idle, self._hours = store, timedelta(minutes=idle_minutes), hours

    async def sign_in(self, email: str, password: str, code: str, before: str) -> SignedIn:
        """A session under a new token; the browser's session before it ends.

        Raises Problem UNAUTHENTICATED, TOTP_REQUIRED, TOO_MANY_REQUESTS.
        The attempt is counted before it is looked at, and a name that nobody has takes as long and is locked as one that somebody has.
        """
        name = email.strip().lower()
        guard = hashlib.sha256(f"sign in {name}".encode()).digest()
        if wait := await accounts.guarded(self._store, guard, TRIES):
            raise Problem("TOO_MANY_REQUESTS", "too many failed attempts to sign in; wait", 429, retry=True, wait_seconds=wait)
        known = await accounts.by_email(self._store, name)
        if not await passwords.verified(password, known.password_hash if known else None) or known is None or known.account.disabled_at:
            raise Problem("UNAUTHENTICATED", WRONG, 401)
        await self._second_factor(known, code)
        await accounts.unguard(self._store, guard)
        if known.password_hash and passwords.outdated(known.password_hash):
            await accounts.rehash(self._store, known.account.user_id, await passwords.hashed(password))
        return await self.begin(known.account, before)

    async def _second_factor(self, known: Credential, code: str) -> None:
        if not known.account.has_totp or known.totp_sealed is None:
            return
        if not code:
            raise Problem("TOTP_REQUIRED", "the password is right; send the code of the authenticator with it", 401)
        step = passwords.totp_step(accounts.totp_secret(self._store, known), code)
        if step is None or not await accounts.use_totp(self._store, known.account.user_id, step):
            raise Problem("UNAUTHENTICATED", WRONG, 401)

    async def user_of(self, email: str) -> Account | None:
        """Who signs in with an address, whatever its party."""
        known = await accounts.by_email(self._store, email)
        return known.account if known else None

    async def begin(self, account: Account, before: str) -> SignedIn:
        """A session of somebody who has proved who it is."""
        token = secrets.token_urlsafe(32)
        ends = await accounts.begin_session(self._store, _hash(token), account.user_id, self._hours, _hash(before))
        return SignedIn(token, await self._told(account, token, ends))

    async def caller(self, token: str, csrf: str | None) -> Caller:
        """Who is behind a cookie. `csrf` is the token that came beside it, None where the request only reads.

        Raises Problem UNAUTHENTICATED, Refused CSRF_TOKEN.
        """
        found = await accounts.session(self._store, _hash(token), self._idle)
        if found is None:
            raise Problem("UNAUTHENTICATED", "the session is unknown or over; sign in again", 401)
        if csrf is not None and not _same(csrf, csrf_of(token)):
            raise Refused("CSRF_TOKEN", "a change from a browser carries the csrf_token of its session in X-CSRF-Token", 403)
        return caller_of(found.account)

    async def user(self, token: str) -> SignedInUser:
        """Who looks at a page, with the name card of its party. Raises Problem UNAUTHENTICATED."""
        found = await accounts.session(self._store, _hash(token), self._idle)
        if found is None:
            raise Problem("UNAUTHENTICATED", "the session is unknown or over; sign in again", 401)
        party = await parties.party(self._store, found.account.party_id) or {}
        return SignedInUser(caller_of(found.account), found.account, party, csrf_of(token), found.expires_at)

    async def mine(self, token: str) -> dict[str, Any]:
        """Who is signed in, until when, and the token that its changes carry."""
        found = await accounts.session(self._store, _hash(token), self._idle)
        if found is None:
            raise Problem("UNAUTHENTICATED", "the session is unknown or over; sign in again", 401)
        return await self._told(found.account, token, found.expires_at)

    async def sign_out(self, token: str) -> None:
        """End the session of a cookie."""
        await accounts.end_session(self._store, _hash(token))

    async def open(self, caller: Caller, token: str) -> list[dict[str, Any]]:
        """The caller's sessions that hold: when each was used last, when it ends, and whether it is this one."""
        await self._person(caller)
        found = await accounts.sessions(self._store, caller.user_id, self._idle)
        return [{**row, "this": row.pop("token_sha256") == _hash(token)} for row in found]

    async def end_others(self, caller: Caller, token: str) -> None:
        """Sign out everywhere but here."""
        await self._person(caller)
        await accounts.end_others(self._store, caller.user_id, _hash(token))

    async def change_password(self, caller: Caller, old: str, new: str, token: str) -> None:
        """Another password, by who knows the one before; every other session of the user ends."""
        known = await self._person(caller)
        guard = hashlib.sha256(f"password {caller.user_id}".encode()).digest()
        if wait := await accounts.guarded(self._store, guard, TRIES):
            raise Problem("TOO_MANY_REQUESTS", "too many failed attempts; wait", 429, retry=True, wait_seconds=wait)
        if not await passwords.verified(old, known.password_hash):
            raise Refused("PASSWORD_WRONG", "the password given is not the present one", 403)
        passwords.acceptable(new, known.account.email)
        await accounts.unguard(self._store, guard)
        await accounts.set_password(self._store, caller.user_id, await passwords.hashed(new), _hash(token))

    async def begin_totp(self, caller: Caller) -> dict[str, str]:
        """A secret for the user's authenticator; it counts once a code of it was confirmed."""
        known = await self._person(caller)
        if known.account.has_totp:
            raise Refused("TOTP_STATE", "there is a second factor already; remove it first, with a code of it", 409)
        secret, uri = passwords.new_totp(known.account.email)
        await accounts.begin_totp(self._store, caller.user_id, secret)
        return {"secret": secret, "uri": uri}

    async def confirm_totp(self, caller: Caller, code: str) -> None:
        """From now on the second factor is asked for."""
        known = await self._person(caller)
        if known.totp_sealed is None or known.account.has_totp:
            raise Refused("TOTP_STATE", "there is no second factor that waits to be confirmed", 409)
        await self._code(known, code)
        await accounts.confirm_totp(self._store, caller.user_id)

    async def remove_totp(self, caller: Caller, code: str) -> None:
        """Give the second factor up, with a code of it."""
        known = await self._person(caller)
        if not known.account.has_totp:
            raise Refused("TOTP_STATE", "there is no second factor", 409)
        await self._code(known, code)
        await accounts.remove_totp(self._store, caller.user_id)

    async def _code(self, known: Credential, code: str) -> None:
        guard = hashlib.sha256(f"code {known.account.user_id}".encode()).digest()
        if wait := await accounts.guarded(self._store, guard, TRIES):
            raise Problem("TOO_MANY_REQUESTS", "too many wrong codes; wait", 429, retry=True, wait_seconds=wait)
        step = passwords.totp_step(accounts.totp_secret(self._store, known), code)
        if step is None or not await accounts.use_totp(self._store, known.account.user_id, step):
            raise Refused("PASSWORD_WRONG", "the code is wrong, or was used before", 403)
        await accounts.unguard(self._store, guard)

    async def _person(self, caller: Caller) -> Credential:
        known = await accounts.by_id(self._store, caller.user_id) if caller.user_id else None
        if known is None:
            raise Refused("USERS_ONLY", "this is for people who are signed in, not for API keys", 403)
        return known

    async def _told(self, account: Account, token: str, ends: datetime) -> dict[str, Any]:
        card = await parties.party(self._store, account.party_id) or {}
        return {
            "user": told(account),
            "party": {name: card.get(name, "") for name in ("party_id", "name", "country")},
            "csrf_token": csrf_of(token),
            "expires_at": ends,
        }


def caller_of(account: Account) -> Caller:
    """The caller that an account is, within its limits. What it does is recorded under its user id."""
    roles = frozenset(account.roles) if account.roles is not None else None
    scopes = frozenset(account.scopes) if account.scopes is not None else None
    return Caller(account.party_id, f"user:{account.user_id}", roles, scopes, account.user_id)


def told(account: Account) -> dict[str, Any]:
    """An account as its party sees it."""
    return {name: getattr(account, name) for name in Account.__slots__}


def csrf_of(token: str) -> str:
    """The token that a browser's changes carry: from the session's, which no script and no other site can read."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"csrf {token}".encode()).digest()).rstrip(b"=").decode()


def _same(given: str, token: str) -> bool:
    """Whether what came is the token, with or without its mask."""
    sent, plain = given.encode("utf-8", "surrogatepass"), token.encode()
    with contextlib.suppress(ValueError):
        raw = base64.urlsafe_b64decode(sent + b"=" * (-len(sent) % 4))
        if len(raw) == 2 * len(plain):
            sent = _xor(raw[: len(plain)], raw[len(plain) :])
    return hmac.compare_digest(sent, plain)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
