"""API keys: bound to a party, shown once, stored as a hash of a high-entropy secret."""

import contextlib
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tradeflow.app.access import OPERATOR, Caller, operator_only, within
from tradeflow.app.limits import Lockout
from tradeflow.errors import BadInput, Missing, Problem
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import PARTY_ID
from tradeflow.store import parties
from tradeflow.store.parties import KeyRow, PartyTaken
from tradeflow.store.uow import Store

KEY_TRIES, ADDRESS_TRIES = 10, 200  # failures of one address in a row: with one key, with any
_CACHED_SECONDS = 5.0  # how long a revoked key may still work in another process


class Keys:
    """Authenticates callers and manages parties and keys."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: dict[str, tuple[float, KeyRow]] = {}
        self._lockout = Lockout(store)
        self._doubted: set[str] = set()  # guesses that failed in this process: a success ends their count

    async def authenticate(self, key: str, address: str = "") -> Caller:
        """The caller behind a key ("tf_<id>_<secret>"). Raises Problem UNAUTHENTICATED; the reason is not told.

        An address that keeps failing is not looked at for a while (TOO_MANY_REQUESTS): for one key after a few tries, for any after
        many. A key that was right a moment ago is let through all the same, so that one guesser behind a proxy locks out nobody else.
        """
        key_id = key.partition("_")[2].partition("_")[0]
        guess = f"{address} {key_id[:40]}"
        if address and not self._just_seen(key_id, key):
            await self._lockout.check(address, guess)
        try:
            caller = await self._caller(key)
        except Problem as refused:
            if address and refused.status == 401:
                await self._lockout.failed(guess, KEY_TRIES)
                await self._lockout.failed(address, ADDRESS_TRIES)
                self._doubted.add(guess)
            raise
        if guess in self._doubted:
            self._doubted.discard(guess)
            await self._lockout.succeeded(guess)
        return caller

    def _just_seen(self, key_id: str, key: str) -> bool:
        cached = self._cache.get(key_id)
        return cached is not None and hmac.compare_digest(_digest(key), cached[1].secret_sha256)

    async def _caller(self, key: str) -> Caller:
        prefix, _, rest = key.partition("_")
        key_id = rest.partition("_")[0]
        row = await self._row(key_id) if prefix == "tf" and key_id and len(key) < 200 else None
        if row is None or not hmac.compare_digest(_digest(key), row.secret_sha256) or _ended(row):
            raise Problem("UNAUTHENTICATED", "the API key is missing, unknown, expired or revoked", 401)
        return Caller(row.party_id, row.key_id, _limits(row.roles), _limits(row.scopes))

    async def _row(self, key_id: str) -> KeyRow | None:
        cached = self._cache.get(key_id)
        if cached and time.monotonic() - cached[0] < _CACHED_SECONDS:
            return cached[1]
        row = await parties.key(self._store, key_id) if key_id.isalnum() else None
        if row:
            if len(self._cache) > 10_000:
                self._cache.clear()
            self._cache[key_id] = (time.monotonic(), row)
        return row

    async def issue(
        self,
        caller: Caller,
        party_id: str,
        name: str,
        roles: list[str] | None = None,
        expires_at: datetime | None = None,
        scopes: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """A new key for a party; the only time it is seen. It may do no more than the key or the user that makes it."""
        _own(caller, party_id)
        within(caller, "roles", roles)
        within(caller, "scopes", scopes)
        made, key = new_key(party_id, name, roles, expires_at, scopes)
        if not await parties.add_key(self._store, made):
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        return {
            "key_id": made.key_id,
            "party_id": party_id,
            "name": name,
            "key": key,
            "roles": roles,
            "expires_at": expires_at,
            "scopes": scopes,
        }

    async def list(self, caller: Caller, party_id: str) -> list[dict[str, Any]]:
        """A party's keys without their secrets."""
        _own(caller, party_id)
        hidden = {"secret_sha256"}
        rows = await parties.keys_of(self._store, party_id)
        return [{name: getattr(row, name) for name in KeyRow.__slots__ if name not in hidden} for row in rows]

    async def revoke(self, caller: Caller, key_id: str) -> None:
        """End a key of one's own party."""
        row = await parties.key(self._store, key_id)
        if row is None or not (caller.operator or row.party_id == caller.party_id):
            raise Missing("UNKNOWN_KEY", say("there is no key %(key_id)s", key_id=key_id), 404)
        await parties.revoke_key(self._store, key_id)
        self._cache.pop(key_id, None)

    async def add_party(self, caller: Caller, party_id: str, name: str, country: str) -> dict[str, Any]:
        """Register a party on this hub."""
        operator_only(caller)
        if not PARTY_ID.fullmatch(party_id):
            raise Problem("INVALID_REQUEST", "party_id has 2 to 63 small letters, digits and hyphens, for example golden-lantern", 422)
        try:
            await parties.add_party(self._store, party_id, name, country)
        except PartyTaken:
            raise Problem("PARTY_EXISTS", say("there is a party %(party_id)s already", party_id=party_id), 409) from None
        return {"party_id": party_id, "name": name, "country": country}

    async def party(self, caller: Caller, party_id: str) -> dict[str, Any]:
        """A party's name card."""
        found = await parties.party(self._store, party_id)
        if found is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        return found

    async def describe(self, caller: Caller, party_id: str, name: str, country: str) -> None:
        """Another name and country of one's own party; documents that were lodged keep what they say."""
        _own(caller, party_id)
        wrong = [] if name and len(name) <= 200 else [Finding("REQUEST", Severity.ERROR, "/name", "Say how the company is called.")]
        if country not in catalogue().codelists["country"].codes:
            wrong.append(Finding("REQUEST", Severity.ERROR, "/country", "Choose a country."))
        if wrong:
            raise BadInput("INVALID_REQUEST", "; ".join(one.message for one in wrong), 422, findings=wrong)
        if not await parties.describe(self._store, party_id, name, country):
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)

    async def parties(self, caller: Caller, wanted: str, after: str, limit: int) -> Sequence[dict[str, Any]]:
        """The parties of the hub, for its operator."""
        operator_only(caller)
        return await parties.listed(self._store, wanted, after, limit)

    async def names(self, caller: Caller, party_ids: Iterable[str]) -> dict[str, str]:
        """What parties are called, by their ids; those that are not of this hub are left out."""
        return {row["party_id"]: row["name"] for row in await parties.cards(self._store, sorted(set(party_ids)))}


def new_key(
    party_id: str, name: str, roles: list[str] | None = None, expires_at: datetime | None = None, scopes: Sequence[str] | None = None
) -> tuple[KeyRow, str]:
    """A key to store and the text to hand out."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32).replace("_", "-")
    row = KeyRow(
        key_id,
        party_id,
        hashlib.sha256(secret.encode()).digest(),
        name,
        roles,
        datetime.now(UTC),
        expires_at,
        None,
        list(scopes) if scopes is not None else None,
    )
    return row, f"tf_{key_id}_{secret}"


async def operator_key(store: Store, valid: timedelta | None = None) -> str:
    """Make the operator party if it is missing, and a new key for it."""
    with contextlib.suppress(PartyTaken):
        await parties.add_party(store, OPERATOR, "Operator of this hub", "")
    row, key = new_key(OPERATOR, "operator", None, datetime.now(UTC) + valid if valid else None)
    await parties.add_key(store, row)
    return key


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.partition("_")[2].partition("_")[2].encode("utf-8", "surrogatepass")).digest()


def _limits(listed: list[str] | None) -> frozenset[str] | None:
    return frozenset(listed) if listed is not None else None


def _own(caller: Caller, party_id: str) -> None:
    if not (caller.operator or caller.party_id == party_id):
        raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)


def _ended(row: KeyRow) -> bool:
    return row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= datetime.now(UTC))
