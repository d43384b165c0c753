"""The users of a party, and invitations by which it gets them."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tradeflow.app import passwords
from tradeflow.app.access import Caller, within
from tradeflow.app.sessions import told
from tradeflow.errors import BadInput, Missing, Refused
from tradeflow.store import accounts, invitations, parties
from tradeflow.store.accounts import Account, EmailTaken
from tradeflow.store.invitations import Invitation
from tradeflow.store.uow import Store

DAYS_MAX = 30
HIDDEN = {"secret_sha256"}


class Users:
    """What the admin of a party does about its people."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def everybody(self, caller: Caller) -> list[dict[str, Any]]:
        """The users of the caller's party."""
        return [told(account) for account in await accounts.of_party(self._store.acting(caller.acting), caller.party_id)]

    async def change(
        self, caller: Caller, user_id: str, roles: list[str] | None, scopes: list[str] | None, disabled: bool
    ) -> dict[str, Any]:
        """New limits of a user of one's own party. Nobody changes himself, or somebody who may do more."""
        known = await accounts.by_id(self._store, user_id)
        if known is None or known.account.party_id != caller.party_id:
            raise Missing("UNKNOWN_USER", f"there is no user {user_id}", 404)
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
            raise Missing("UNKNOWN_PARTY", f"there is no party {party}", 404)
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
            raise Missing("UNKNOWN_INVITATION", f"there is no invitation {invitation_id}", 404)
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


async def issue(store: Store, kind: str, party_id: str, by: str, days: int, **fields: Any) -> dict[str, Any]:
    """A new invitation and its token."""
    if not 1 <= days <= DAYS_MAX:
        raise BadInput("INVALID_REQUEST", f"an invitation holds 1 to {DAYS_MAX} days", 422)
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
