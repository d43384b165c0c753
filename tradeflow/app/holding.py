"""Four eyes: a message that its party wants a second person to see is kept back before anything of it is in the trade."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.acceptance import Lodged
from tradeflow.app.access import Caller
from tradeflow.errors import Refused
from tradeflow.language.sentences import say
from tradeflow.model.amounts import largest
from tradeflow.model.ids import uuid7
from tradeflow.store import held
from tradeflow.store.held import Held, ReleaseRule
from tradeflow.store.uow import Store

CACHED_SECONDS = 5.0  # how long a rule that was changed by another process may still hold
HELD = timedelta(days=14)
ANY = "*"


class Holding:
    """Asked of every message before the main path; one look at the database in a few seconds for each party."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules: dict[str, tuple[float, list[ReleaseRule]]] = {}

    async def rules(self, party_id: str, fresh: bool = False) -> list[ReleaseRule]:
        """The rules of a party."""
        cached = self._rules.get(party_id)
        if cached and not fresh and time.monotonic() - cached[0] < CACHED_SECONDS:
            return cached[1]
        found = await held.rules(self._store, party_id)
        if len(self._rules) > 10_000:
            self._rules.clear()
        self._rules[party_id] = (time.monotonic(), found)
        return found

    def changed(self, party_id: str) -> None:
        """Ask anew."""
        self._rules.pop(party_id, None)

    async def why(self, caller: Caller, lodged: Lodged) -> str:
        """Why this message would wait for a second person, or ""."""
        return "" if caller.how.prepared_by else needed(await self.rules(caller.party_id), lodged)

    async def hold(self, caller: Caller, lodged: Lodged) -> bytes | None:
        """Keep the message for a second person if its party says so; the answer to its sender, or None where it goes on.

        The same message again gets the same answer; another one under its id is refused, as in the trade.
        """
        why = await self.why(caller, lodged)
        if not why:
            return None
        e = lodged.envelope
        row = await self._store.acting(caller.acting).read(e.trade_id, e.sender, UUID(e.id))
        if row is None or row.earlier is not None:
            return None  # the main path says what is wrong with it, or gives its first answer again
        made = Held(
            held_id=str(uuid7()),
            party_id=caller.party_id,
            into_trade=e.trade_id,
            message_id=UUID(e.id),
            type=e.type,
            role=e.role,
            content_type=lodged.content_type,
            body=lodged.body,
            sha256=lodged.document.sha256,
            because=why,
            held_by=caller.key_id,
            agent=caller.how.agent,
            mandate_id=caller.how.mandate,
            held_at=row.now,
            expires_at=row.now + HELD,
        )
        if not await held.add(self._store, made):
            before = await held.waiting(self._store, caller.party_id, made.message_id)
            if before is None or before.sha256 != made.sha256:
                says = say("another message waits under the id %(id)s; give this one an id of its own", id=e.id)
                raise Refused("DUPLICATE_MESSAGE", says, 409)
            made = before
        return msgspec.json.encode(shown(made))


def needed(rules: list[ReleaseRule], lodged: Lodged) -> str:
    """Why a message needs a second person, or "". The rule of its type counts, else the one for all."""
    by_type = {rule.type: rule for rule in rules}
    rule = by_type.get(lodged.envelope.type) or by_type.get(ANY)
    if rule is None:
        return ""
    if rule.amount_from is None or rule.currency is None:
        return f"every {lodged.envelope.type} needs a second person"
    for currency, value in sorted(largest(lodged.document.data).items()):
        if currency != rule.currency:
            return f"{currency} {value} cannot be compared with {rule.currency} {rule.amount_from}"
        if value >= rule.amount_from:
            return f"{currency} {value} is {rule.currency} {rule.amount_from} or more"
    return ""


def shown(row: Held) -> dict[str, Any]:
    """What waits, as its party sees it; without the message itself."""
    said = {name: getattr(row, name) for name in Held.__slots__ if name not in ("body", "content_type")}
    return said | {"trade_id": said.pop("into_trade"), "links": {"self": f"/v1/held/{row.held_id}"}}


def plain(rule: ReleaseRule) -> dict[str, Any]:
    """A rule as it is written."""
    amount: Decimal | None = rule.amount_from
    return {"type": rule.type, "amount_from": str(amount) if amount is not None else None, "currency": rule.currency}
