"""Signing in through an organisation's own provider: authorization code with PKCE, bound to the browser that began."""

import base64
import hashlib
import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from tradeflow.app.access import Caller, within
from tradeflow.app.oidc.provider import Client, ProviderFailed, Providers, issuer_faults
from tradeflow.app.oidc.tokens import Expected, Identity, KeyUnknown, TokenRefused, identity
from tradeflow.app.sessions import Sessions, SignedIn
from tradeflow.errors import BadInput, Missing, Problem
from tradeflow.language.sentences import say
from tradeflow.model.finding import Finding, Severity
from tradeflow.store import identity as rows
from tradeflow.store import parties
from tradeflow.store.accounts import Account
from tradeflow.store.identity import Provider
from tradeflow.store.uow import Store

CALLBACK: Final = "/v1/session/oidc/callback"
BEGUN_SECONDS_MAX = 600  # somebody types a password and a code at the provider
_BEGUN_ROW: Final = "oidc"  # what a sign-in that began is sealed for: it opens nowhere else
_AGAIN = "begin to sign in again"
_log = logging.getLogger(__name__)


class Begun(msgspec.Struct, frozen=True):
    """A sign-in on its way, in a cookie of the browser that began it, sealed."""

    party_id: str
    issuer: str
    client_id: str
    state: str
    nonce: str
    verifier: str
    return_to: str
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with."""

    code: str
    state: str
    issuer: str
    error: str


class Organisations:
    """Parties whose people sign in at the party's own provider."""

    def __init__(self, store: Store, sessions: Sessions, public_url: str, internal: bool) -> None:
        self._store, self._sessions, self._url = store, sessions, public_url
        self.providers = Providers(internal)

    async def provider(self, caller: Caller, party_id: str) -> dict[str, Any]:
        """A party's provider, without its secret."""
        _own(caller, party_id)
        known = await rows.provider(self._store, party_id)
        if known is None:
            raise _none(party_id)
        return self._told(known)

    async def put(self, caller: Caller, party_id: str, given: dict[str, Any]) -> dict[str, Any]:
        """Set one's own party's provider: whoever may does what any user of the party may, so it takes an admin without limits.

        The provider is asked at once; raises BadInput INVALID_REQUEST with what it says that it must not.
        """
        _own(caller, party_id)
        within(caller, "roles", None)
        within(caller, "scopes", None)
        if await parties.party(self._store, party_id) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        if faults := issuer_faults(given["issuer"]):
            raise _invalid("/issuer", "; ".join(faults))
        self.providers.forget(given["issuer"])
        try:
            await self.providers.keys(given["issuer"])
        except ProviderFailed as failed:
            raise _invalid("/issuer", str(failed)) from None
        domains = sorted({domain.lower() for domain in given["email_domains"]})
        made = Provider(
            *(party_id, given["issuer"], given["client_id"], domains, given["just_in_time"], given["roles"], given["scopes"], caller.key_id)
        )
        await rows.put(self._store, made, given["client_secret"])
        return await self.provider(caller, party_id)

    async def remove(self, caller: Caller, party_id: str) -> None:
        """From now on its people sign in with passwords only. Sessions that hold go on."""
        _own(caller, party_id)
        if not await rows.remove(self._store, party_id):
            raise _none(party_id)

    async def begin(self, party_id: str, return_to: str) -> tuple[str, str]:
        """Where the browser goes, and the cookie that binds it. Raises Missing where the party has no provider, Problem PROVIDER_FAILED."""
        known = await rows.provider(self._store, party_id)
        if known is None:
            raise _none(party_id)
        begun = Begun(
            *(party_id, known.issuer, known.client_id, _random(), _random(), _random(), return_to, time.time()),
        )
        try:
            metadata = await self.providers.metadata(known.issuer)
        except ProviderFailed as failed:
            raise _failed(known, failed) from None
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": known.client_id,
            "redirect_uri": self._url + CALLBACK,
            "scope": "openid email profile",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        at = metadata["authorization_endpoint"]
        cookie = self._store.vault.seal(msgspec.json.encode(begun).decode(), _BEGUN_ROW)
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}", cookie

    async def finish(self, cookie: str, answer: Answer, before: str) -> tuple[SignedIn, str]:
        """A session for who comes back, and where the browser wanted to go. Raises Problem OIDC_REFUSED, PROVIDER_FAILED."""
        begun = self._begun(cookie)
        if begun is None or not hmac.compare_digest(begun.state.encode(), answer.state.encode("utf-8", "surrogatepass")):
            raise _refused("this browser did not begin this sign-in, or too long ago")
        known = await rows.provider(self._store, begun.party_id)
        if known is None or (known.issuer, known.client_id) != (begun.issuer, begun.client_id):
            raise _refused("the party's provider was changed meanwhile")
        if not await rows.use(self._store, hashlib.sha256(begun.state.encode()).digest()):
            raise _refused("this sign-in was finished before")
        try:
            found = await self._identity(known, begun, answer)
        except TokenRefused as refused:
            _log.warning("sign-in for %s refused: %s", known.party_id, refused)
            raise _refused(str(refused)) from None
        except ProviderFailed as failed:
            raise _failed(known, failed) from None
        return await self._sessions.begin(await self._account(known, found), before), begun.return_to

    def _begun(self, cookie: str) -> Begun | None:
        try:
            begun = msgspec.json.decode(self._store.vault.open(cookie, _BEGUN_ROW), type=Begun)
        except (Problem, msgspec.MsgspecError, ValueError):
            return None
        return begun if 0 <= time.time() - begun.at < BEGUN_SECONDS_MAX else None

    async def _identity(self, known: Provider, begun: Begun, answer: Answer) -> Identity:
        metadata = await self.providers.metadata(known.issuer)
        # whose answer it is, so that one provider cannot pass off another's code (RFC 9207)
        if answer.issuer != known.issuer and (answer.issuer or metadata.get("authorization_response_iss_parameter_supported") is True):
            raise TokenRefused("the answer is not from the party's provider")
        if answer.error or not answer.code:
            raise TokenRefused(f"the provider says: {answer.error[:100] or 'no code'}")
        client = Client(known.issuer, known.client_id, rows.secret(self._store, known))
        token = await self.providers.exchange(client, answer.code, begun.verifier, self._url + CALLBACK)
        expected = Expected(known.issuer, known.client_id, begun.nonce, int(time.time()))
        try:
            return identity(token, await self.providers.keys(known.issuer), expected)
        except KeyUnknown:  # keys are changed now and then; once more with those of today
            return identity(token, await self.providers.keys(known.issuer, again=True), expected)

    async def _account(self, known: Provider, found: Identity) -> Account:
        """Whose session it is: who was vouched for before, else the party's user with this address, else somebody new."""
        if found.email.rpartition("@")[2] not in known.email_domains:
            raise _refused("the party's provider may sign in addresses of other domains only")
        account = await rows.vouched(self._store, known.issuer, found.subject)
        if account is None:
            account = await self._first_time(known, found)
        if account is None or account.party_id != known.party_id or account.disabled_at:
            raise _refused("the party has no user for this identity; its admin invites one")
        return account

    async def _first_time(self, known: Provider, found: Identity) -> Account | None:
        there = await self._sessions.user_of(found.email)
        if there is not None:
            mine = there.party_id == known.party_id and not there.disabled_at
            return there if mine and await rows.link(self._store, there.user_id, known.issuer, found.subject) else None
        if not known.just_in_time:
            return None
        made = Account(
            user_id=secrets.token_hex(8),
            party_id=known.party_id,
            email=found.email,
            name=found.name,
            roles=known.roles,
            scopes=known.scopes,
            has_totp=False,
            created_at=datetime.now(UTC),
            disabled_at=None,
        )
        return made if await rows.add(self._store, made, known.issuer, found.subject) else None

    def _told(self, known: Provider) -> dict[str, Any]:
        hidden = {"sealed"}
        shown = {name: getattr(known, name) for name in Provider.__slots__ if name not in hidden}
        return shown | {"has_secret": known.sealed is not None, "redirect_uri": self._url + CALLBACK}


def _own(caller: Caller, party_id: str) -> None:
    if not (caller.operator or caller.party_id == party_id):
        raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)


def _none(party_id: str) -> Missing:
    return Missing("NO_PROVIDER", say("%(party_id)s has no provider that signs its people in", party_id=party_id), 404)


def _refused(why: str) -> Problem:
    return Problem("OIDC_REFUSED", say("%(why)s; %(AGAIN)s, or ask the party's admin", why=why, AGAIN=_AGAIN), 401)


def _failed(known: Provider, failed: ProviderFailed) -> Problem:
    """Said in full to the log only: the text may hold addresses that are the party's business."""
    _log.warning("provider of %s: %s", known.party_id, failed)
    return Problem(
        "PROVIDER_FAILED",
        say("the provider of %(party_id)s does not do its part; its admin finds out why by setting it anew", party_id=known.party_id),
        502,
    )


def _invalid(place: str, says: str) -> BadInput:
    finding = Finding("INVALID_REQUEST", Severity.ERROR, place, says)
    return BadInput("INVALID_REQUEST", f"{place} {says}", 422, findings=[finding])


def _random() -> str:
    return secrets.token_urlsafe(32)
