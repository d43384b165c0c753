"""The users of a party, and invitations by which it gets them."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tradeflow.app import passwords
from tradeflow.app.access import Caller, within
from tradeflow.app.sessions import told
from tradeflow.errors import BadInput, Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import PARTY_ID
from tradeflow.store import accounts, invitations, parties
from tradeflow.store.accounts import Account, EmailTaken
from tradeflow.store.invitations import Invitation
from tradeflow.store.parties import PartyTaken
from tradeflow.store.uow import Store

DAYS_MAX = 30
HIDDEN = {"secret_sha256"}
SIGN_UPS = 20  # in a row from one network address
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Users:
    """What the admin of a party does about its people."""

    def __init__(self, store: Store, sign_up_open: bool) -> None:
        self._store, self.sign_up_open = store, sign_up_open

    async def sign_up(self, company: str, party_id: str, country: str, name: str, email: str, password: str, *, address: str) -> Account:
        """A party that nobody has registered yet, and its first user, in one commit.

        `address` is the network address that asks; it may do so twenty times in a row. Every field that is wrong is named.
        Raises Problem FORBIDDEN where this hub's operator registers parties itself, BadInput, Refused PARTY_EXISTS, EMAIL_TAKEN.
        """
        if not self.sign_up_open:
            raise Problem("FORBIDDEN", "the operator of this hub registers companies itself; ask for an invitation", 403)
        guard = hashlib.sha256(f"sign up {address}".encode()).digest()
        if wait := await accounts.guarded(self._store, guard, SIGN_UPS):
            raise Problem(
                "TOO_MANY_REQUESTS", "too many companies were registered from your address; wait", 429, retry=True, wait_seconds=wait
            )
        _complete(company, party_id, country, name, email, password)
        user = Account(secrets.token_hex(8), party_id, email.lower(), name, None, None, False, datetime.now(UTC), None)
        try:
            await accounts.sign_up(self._store, company, country, user, await passwords.hashed(password))
        except PartyTaken:
            raise Refused(
                "PARTY_EXISTS",
                say("there is a company %(party_id)s on this hub already; choose another short name", party_id=party_id),
                409,
            ) from None
        except EmailTaken:
            raise Refused("EMAIL_TAKEN", say("%(email)s signs in on this hub already", email=email), 409) from None
        return user

    async def everybody(self, caller: Caller) -> list[dict[str, Any]]:
        """The users of the caller's party."""
        return [told(account) for account in await accounts.of_party(self._store.acting(caller.acting), caller.party_id)]

    async def change(
        self, caller: Caller, user_id: str, roles: list[str] | None, scopes: list[str] | None, disabled: bool
    ) -> dict[str, Any]:
        """New limits of a user of one's own party. Nobody changes himself, or somebody who may do more."""
        known = await accounts.by_id(self._store, user_id)
        if known is None or known.account.party_id != caller.party_id:
            raise Missing("UNKNOWN_USER", say("there is no user %(user_id)s", user_id=user_id), 404)
        if user_id == caller.user_id:
            raise Refused("SCOPE_MISSING", "another admin changes what you may do, so that none is left by mistake", 403)
        for wanted in (known.account.roles, roles):
            within(caller, "roles", wanted)
        for wanted in (known.account.scopes, scopes):
            within(caller, "scopes", wanted)
        await accounts.change(self._store, user_id, roles, scopes, disabled)
        changed = await accounts.by_id(self._store, user_id)
        assert changed is not None, "accounts are never deleted"
        return told(changed.account)

    async def invite(
        self, caller: Caller, party_id: str, email: str, name: str, roles: list[str] | None, scopes: list[str] | None, days: int
    ) -> dict[str, Any]:
        """Ask somebody to become a user; who is one already gets a new password by it. The token is shown this once."""
        party = party_id or caller.party_id
        if not (caller.operator or party == caller.party_id) or await parties.party(self._store, party) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party)s", party=party), 404)
        within(caller, "roles", roles)
        within(caller, "scopes", scopes)
        known = await accounts.by_email(self._store, email.lower())
        if known and known.account.party_id == party:
            if known.account.user_id == caller.user_id:
                raise Refused("SCOPE_MISSING", "another admin resets your access; you change your password yourself", 403)
            within(caller, "roles", known.account.roles)
            within(caller, "scopes", known.account.scopes)
        return await issue(self._store, "user", party, caller.key_id, days, email=email.lower(), name=name, roles=roles, scopes=scopes)

    async def invitations(self, caller: Caller) -> list[dict[str, Any]]:
        """The invitations of one's own party, used and ended ones included."""
        rows = await invitations.of_party(self._store.acting(caller.acting), caller.party_id)
        return [shown(row) for row in rows]

    async def revoke(self, caller: Caller, invitation_id: str) -> None:
        """End an invitation of one's own party. Again is harmless."""
        row = await invitations.find(self._store, invitation_id)
        if row is None or not (caller.operator or row.party_id == caller.party_id):
            raise Missing("UNKNOWN_INVITATION", say("there is no invitation %(invitation_id)s", invitation_id=invitation_id), 404)
        await invitations.revoke(self._store, invitation_id)

    async def accept(self, token: str, name: str, password: str) -> dict[str, Any]:
        """Become a user with a password of one's own choice."""
        invitation = await opened(self._store, token, "user")
        passwords.acceptable(password, invitation.email)
        return told(await self.become(invitation, name, await passwords.hashed(password)))

    async def become(self, invitation: Invitation, name: str, password_hash: str | None) -> Account:
        """The account of an invitation, used up in the same commit."""
        known = await accounts.by_email(self._store, invitation.email)
        if known and known.account.party_id != invitation.party_id:
            raise _ended()  # the address signs in for another party: not for this one to learn
        user_id = known.account.user_id if known else secrets.token_hex(8)
        account = Account(
            user_id=user_id,
            party_id=invitation.party_id,
            email=invitation.email,
            name=name or invitation.name or invitation.email,
            roles=invitation.roles,
            scopes=invitation.scopes,
            has_totp=False,
            created_at=datetime.now(UTC),
            disabled_at=None,
        )
        try:
            if not await invitations.become_user(self._store, invitation.invitation_id, account, password_hash):
                raise _ended()
        except EmailTaken:
            raise _ended() from None
        return account


def _complete(company: str, party_id: str, country: str, name: str, email: str, password: str) -> None:
    """Raises BadInput INVALID_REQUEST with everything that is wrong with a sign-up."""
    countries = catalogue().codelists["country"].codes
    checks = [
        ("/company", bool(company), "Say what your company is called.", "As it stands on its letters."),
        (
            "/party_id",
            bool(PARTY_ID.fullmatch(party_id)),
            "The short name has 2 to 63 small letters, digits and hyphens.",
            "golden-lantern",
        ),
        ("/country", country in countries, "Choose a country.", ""),
        ("/name", bool(name), "Say what you are called.", ""),
        ("/email", bool(_EMAIL.fullmatch(email)), "This is no e-mail address.", "li.wei@golden-lantern.example"),
    ]
    wrong = [Finding("REQUEST", Severity.ERROR, pointer, says, hint) for pointer, holds, says, hint in checks if not holds]
    try:
        passwords.acceptable(password, email)
    except BadInput as refused:
        wrong += refused.findings
    if wrong:
        raise BadInput("INVALID_REQUEST", "; ".join(finding.message for finding in wrong), 422, findings=wrong)


async def issue(store: Store, kind: str, party_id: str, by: str, days: int, **fields: Any) -> dict[str, Any]:
    """A new invitation and its token."""
    if not 1 <= days <= DAYS_MAX:
        raise BadInput("INVALID_REQUEST", say("an invitation holds 1 to %(DAYS_MAX)s days", DAYS_MAX=DAYS_MAX), 422)
    invitation_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32).replace("_", "-")
    digest, ends = hashlib.sha256(secret.encode()).digest(), datetime.now(UTC) + timedelta(days=days)
    made = Invitation(invitation_id, digest, kind, party_id, by, ends, **fields)
    await invitations.add(store, made)
    return shown(made) | {"token": f"ti_{invitation_id}_{secret}"}


async def opened(store: Store, token: str, kind: str) -> Invitation:
    """The invitation of a token, if it still holds. Raises Missing UNKNOWN_INVITATION; the reason is not told."""
    prefix, _, rest = token.partition("_")
    invitation_id, _, secret = rest.partition("_")
    row = await invitations.find(store, invitation_id) if prefix == "ti" and invitation_id.isalnum() and len(token) < 200 else None
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    if row is None or not hmac.compare_digest(digest, row.secret_sha256) or row.kind != kind or _over(row):
        raise _ended()
    return row


def shown(row: Invitation) -> dict[str, Any]:
    """An invitation without its secret."""
    said = {name: getattr(row, name) for name in Invitation.__slots__ if name not in HIDDEN}
    return said | {"trade_id": said.pop("into_trade")}


def _over(row: Invitation) -> bool:
    return row.used_at is not None or row.revoked_at is not None or row.expires_at <= datetime.now(UTC)


def _ended() -> Missing:
    return Missing("UNKNOWN_INVITATION", "the invitation is unknown, used, ended or expired; ask for a new one", 404)
