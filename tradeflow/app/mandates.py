"""Acting for another party: under a mandate that it gave, within its limits, and written into every event."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tradeflow.app.access import Caller, within
from tradeflow.errors import BadInput, Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.changes import ActedFor
from tradeflow.model.amounts import exceeds
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope
from tradeflow.store import mandates, parties
from tradeflow.store.mandates import Mandate
from tradeflow.store.uow import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mandate to be given."""

    agent: str
    ends_at: datetime
    roles: list[str] | None = None
    types: list[str] | None = None
    trade_id: str | None = None
    amount_max: Decimal | None = None
    currency: str | None = None


class Mandates:
    """Giving, listing, ending, and acting under them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def give(self, caller: Caller, wanted: Wanted) -> dict[str, Any]:
        """Let another party act for the caller's. Nobody passes on what it has by a mandate itself."""
        if caller.how.agent:
            raise Refused("MANDATE_EXCEEDED", "who acts under a mandate does not pass it on", 403)
        if wanted.agent == caller.party_id:
            raise BadInput("INVALID_REQUEST", "a party needs no mandate to act for itself", 422)
        if (wanted.amount_max is None) != (wanted.currency is None):
            raise BadInput("INVALID_REQUEST", "a limit is an amount with its currency", 422)
        if await parties.party(self._store, wanted.agent) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(agent)s", agent=wanted.agent), 404)
        within(caller, "roles", wanted.roles)
        now = await self._store.now()
        if wanted.ends_at <= now:
            raise BadInput("INVALID_REQUEST", say("a mandate ends later than now (%(now)s)", now=now.isoformat()), 422)
        made = Mandate(
            mandate_id=secrets.token_hex(8),
            party_id=caller.party_id,
            agent=wanted.agent,
            roles=wanted.roles,
            types=wanted.types,
            only_trade=wanted.trade_id,
            amount_max=wanted.amount_max,
            currency=wanted.currency,
            given_by=caller.key_id,
            created_at=now,
            ends_at=wanted.ends_at,
        )
        await mandates.add(self._store, made)
        return shown(made)

    async def everything(self, caller: Caller) -> list[dict[str, Any]]:
        """Mandates the caller's party gave or holds."""
        return [shown(row) for row in await mandates.of_party(self._store.acting(caller.acting), caller.party_id)]

    async def revoke(self, caller: Caller, mandate_id: str) -> None:
        """End one: the principal takes it back, or the agent gives it up."""
        row = await mandates.find(self._store, mandate_id)
        if row is None or caller.party_id not in (row.party_id, row.agent):
            raise Missing("UNKNOWN_MANDATE", say("there is no mandate %(mandate_id)s", mandate_id=mandate_id), 404)
        await mandates.revoke(self._store, mandate_id)

    async def sender(self, caller: Caller, document: Document, envelope: Envelope) -> Caller:
        """Who lodges: the caller; or, where the sender is another party that gave it a mandate, that party through this agent.

        Raises Refused MANDATE_EXCEEDED where there are mandates and none goes so far.
        """
        if envelope.sender == caller.party_id or caller.operator:
            return caller
        held = await mandates.between(self._store, caller.party_id, envelope.sender)
        reasons = [_beyond(mandate, document, envelope) for mandate in held]
        for mandate, reason in zip(held, reasons, strict=True):
            if not reason:
                return _under(caller, mandate)
        if held:
            raise Refused(
                "MANDATE_EXCEEDED",
                say(
                    "%(sender)s let %(party_id)s act for it, but %(reasons)s",
                    sender=envelope.sender,
                    party_id=caller.party_id,
                    reasons="; ".join(reasons),
                ),
                403,
            )
        return caller  # a stranger: refused as every other one, without a word about the sender

    async def deciding(self, caller: Caller, principal: str, trade_id: str, event: str, role: str) -> Caller:
        """The principal as it decides through this agent: where a mandate names the event among its types, and no amount, which none has.

        Raises Problem NO_MANDATE, Refused MANDATE_EXCEEDED.
        """
        held = await mandates.between(self._store, caller.party_id, principal)
        if not held:
            raise Problem("NO_MANDATE", say("%(party_id)s holds no mandate of this party for this trade", party_id=caller.party_id), 403)
        reasons = [_beyond_decision(mandate, trade_id, event, role) for mandate in held]
        for mandate, reason in zip(held, reasons, strict=True):
            if not reason:
                return _under(caller, mandate)
        raise Refused(
            "MANDATE_EXCEEDED",
            say(
                "%(principal)s let %(party_id)s act for it, but %(reasons)s",
                principal=principal,
                party_id=caller.party_id,
                reasons="; ".join(reasons),
            ),
            403,
        )

    async def looking(self, caller: Caller, principal: str, trade_id: str) -> Caller:
        """The caller as it looks at a trade for its principal: in the roles of its mandates, and at no other trade."""
        held = await mandates.between(self._store, caller.party_id, principal)
        fitting = [mandate for mandate in held if mandate.only_trade in (None, trade_id)]
        if not fitting:
            raise Problem("NO_MANDATE", say("%(party_id)s holds no mandate of this party for this trade", party_id=caller.party_id), 403)
        roles: frozenset[str] | None = frozenset[str]().union(*(mandate.roles or () for mandate in fitting))
        if any(mandate.roles is None for mandate in fitting):
            roles = None
        return replace(_under(caller, fitting[0]), roles=roles)


def _under(caller: Caller, mandate: Mandate) -> Caller:
    """The principal, acting through this key of its agent."""
    roles = frozenset(mandate.roles) if mandate.roles is not None else None
    how = ActedFor(agent=caller.party_id, mandate=mandate.mandate_id)
    return Caller(mandate.party_id, caller.key_id, roles, caller.scopes, caller.user_id, how)


def _beyond(mandate: Mandate, document: Document, envelope: Envelope) -> str:
    """Why a message is beyond a mandate, or ""."""
    if mandate.only_trade not in (None, envelope.trade_id):
        return f"only in trade {mandate.only_trade}"
    if mandate.types is not None and envelope.type not in mandate.types:
        return f"only with {', '.join(mandate.types)}"
    if mandate.roles is not None and envelope.role not in mandate.roles:
        return f"only as {', '.join(mandate.roles)}"
    if mandate.amount_max is not None and (why := exceeds(document.data, mandate.amount_max, mandate.currency or "")):
        return why
    return ""


def _beyond_decision(mandate: Mandate, trade_id: str, event: str, role: str) -> str:
    """Why a decision is beyond a mandate, or "". One that names no types is for all messages, and for no decision."""
    if mandate.only_trade not in (None, trade_id):
        return f"only in trade {mandate.only_trade}"
    if event not in (mandate.types or ()):
        return f"only with {', '.join(mandate.types or ('messages',))}"
    if mandate.roles is not None and role not in mandate.roles:
        return f"only as {', '.join(mandate.roles)}"
    if mandate.amount_max is not None:
        return f"only with messages up to {mandate.currency} {mandate.amount_max}"
    return ""


def shown(row: Mandate) -> dict[str, Any]:
    """A mandate as both sides see it."""
    said = {name: getattr(row, name) for name in Mandate.__slots__}
    said["amount_max"] = str(row.amount_max) if row.amount_max is not None else None
    return said | {"trade_id": said.pop("only_trade")}
