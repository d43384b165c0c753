"""The second pair of eyes: looking at what waits, releasing it into the main path, or rejecting it."""

from typing import Any

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer, Handler
from tradeflow.app.holding import Holding, plain, shown
from tradeflow.errors import BadInput, Missing, Problem, Refused
from tradeflow.language.sentences import say
from tradeflow.store import held
from tradeflow.store.held import Held, ReleaseRule
from tradeflow.store.uow import Store


class Releases:
    """What a party's people do about messages that wait."""

    def __init__(self, store: Store, handler: Handler, holding: Holding) -> None:
        self._store, self._handler, self._holding = store, handler, holding

    async def rules(self, caller: Caller) -> list[dict[str, Any]]:
        """Which messages of the caller's party need a second person."""
        return [plain(rule) for rule in await self._holding.rules(caller.party_id, fresh=True)]

    async def set_rules(self, caller: Caller, wanted: list[ReleaseRule]) -> list[dict[str, Any]]:
        """These instead of those before. What waits already still needs its second person."""
        if len({rule.type for rule in wanted}) < len(wanted):
            raise BadInput("INVALID_REQUEST", "one rule for each type", 422)
        if any((rule.amount_from is None) != (rule.currency is None) for rule in wanted):
            raise BadInput("INVALID_REQUEST", "a threshold is an amount with its currency", 422)
        await held.set_rules(self._store, caller.party_id, wanted, caller.key_id)
        self._holding.changed(caller.party_id)
        return [plain(rule) for rule in wanted]

    async def everything(self, caller: Caller) -> list[dict[str, Any]]:
        """What waits and waited; what was not released in time says so."""
        now = await self._store.now()
        rows = await held.of_party(self._store.acting(caller.acting), caller.party_id)
        return [shown(row) | ({"state": "expired"} if row.state == "waiting" and row.expires_at <= now else {}) for row in rows]

    async def content(self, caller: Caller, held_id: str) -> tuple[bytes, str]:
        """The message that waits, byte for byte."""
        row = await self._mine(caller, held_id)
        return row.body, row.content_type

    async def release(self, caller: Caller, held_id: str) -> Answer:
        """Let it into the main path, as a second key or user. Where the main path refuses, it waits on, and the refusal is the answer."""
        row = await self._second(caller, held_id)
        if not caller.may_act_as(row.role):
            raise Refused("WRONG_SENDER", say("this key may not act as %(role)s", role=row.role), 403)
        if not await held.settle(self._store, held_id, "released", caller.key_id, ""):
            raise _settled(row)
        try:
            return await self._handler.released(caller, row)
        except Problem:
            await held.reopen(self._store, held_id)
            raise

    async def reject(self, caller: Caller, held_id: str, note: str) -> dict[str, Any]:
        """End it, with a word why. Whoever lodged it may take it back, too."""
        row = await self._mine(caller, held_id)
        if not await held.settle(self._store, held_id, "rejected", caller.key_id, note):
            raise _settled(row)
        return shown(await self._mine(caller, held_id))

    async def _second(self, caller: Caller, held_id: str) -> Held:
        row = await self._mine(caller, held_id)
        if row.held_by == caller.key_id:
            raise Refused("SECOND_PERSON", "whoever lodged it cannot release it: another key or user of the party does", 403)
        return row

    async def _mine(self, caller: Caller, held_id: str) -> Held:
        row = await held.find(self._store.acting(caller.acting), held_id)
        if row is None or row.party_id != caller.party_id:
            raise Missing("UNKNOWN_HELD", say("there is no message %(held_id)s that waits", held_id=held_id), 404)
        return row


def _settled(row: Held) -> Refused:
    return Refused("HELD_SETTLED", "it no longer waits: it was released, rejected, or not released in time", 409)
