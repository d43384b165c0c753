"""How deliveries fare, for sender and receiver alike; and setting them going again."""

from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.channels import breaker
from tradeflow.app.handle import Handler
from tradeflow.app.hours import opens_at
from tradeflow.app.refusals import known
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.commands import Redirect
from tradeflow.model.trade import Participant
from tradeflow.store import travels
from tradeflow.store.travels import Row
from tradeflow.store.uow import Store

Json = dict[str, Any]
WAY = ("status", "attempts", "next_attempt_at", "last_error", "owner", "receipt", "sent_at")


class Deliveries:
    """What both sides of a delivery see of it and may do about it."""

    def __init__(self, store: Store, handler: Handler) -> None:
        self._store, self._handler = store, handler

    async def of_trade(self, caller: Caller, trade_id: str) -> Json:
        """Every delivery the caller sent or receives in a trade, with all attempts: both sides see why something is late."""
        own = self._store.acting(caller.acting)
        known(await own.read(trade_id), caller, trade_id)
        return {"items": [_item(row) for row in await travels.of_trade(own, self._store, trade_id, caller.acting)]}

    async def by_state(self, caller: Caller, status: str, before: UUID | None, limit: int) -> Json:
        """The caller's deliveries of all trades in one state, the newest first."""
        rows = await travels.by_state(self._store.acting(caller.acting), self._store, status, caller.acting, before, limit)
        return {"items": [_item(row) for row in rows], "next": rows[-1]["delivery_id"] if len(rows) == limit else None}

    async def by_channel(self, caller: Caller, channel: str) -> list[Json]:
        """What went through a channel of the caller's party: of its newest thousand deliveries the last hundred, with every attempt."""
        own = self._store.acting(caller.party_id)
        return [_item(row) for row in await travels.by_channel(own, self._store, caller.party_id, channel, 1_000, 100)]

    async def some(self, caller: Caller, ids: list[tuple[str, UUID]]) -> dict[UUID, Json]:
        """Some deliveries that the caller sent or receives, by their ids."""
        return {id: _item(row) for id, row in (await travels.some(self._store.acting(caller.acting), self._store, ids)).items()}

    async def resend(self, caller: Caller, delivery_id: UUID) -> Json:
        """Send a delivery through its channel once more, with the same id, from the foot of the ladder."""
        trade_id = await self._trade_of(caller, delivery_id)
        again = await travels.again(self._store, trade_id, delivery_id, ("pending", "sent", "quarantined", "withdrawn"))
        if not (again or await travels.first(self._store, trade_id, delivery_id)):
            raise Refused("NO_CHANNEL", "its receiver has no channel that takes this; it is in the inbox", 409)
        return await self._one(caller, trade_id, delivery_id)

    async def release(self, caller: Caller, delivery_id: UUID) -> Json:
        """Let a delivery out of quarantine: it is tried again from the foot of the ladder. To a party that left it goes after all."""
        trade_id = await self._trade_of(caller, delivery_id)
        if await travels.left_behind(self._store.acting(caller.acting), trade_id, delivery_id):
            return await self.redirect(caller, delivery_id, "sent_anyway")
        freed = await travels.again(self._store, trade_id, delivery_id, ("quarantined",))
        if not (await travels.out_of_quarantine(self._store, trade_id, delivery_id) or freed):
            raise Refused("NOT_QUARANTINED", "this delivery is not in quarantine", 409)
        return await self._one(caller, trade_id, delivery_id)

    async def redirect(self, caller: Caller, delivery_id: UUID, way: str, to: str = "", note: str = "") -> Json:
        """Decide about a delivery to a party that left before it arrived: its sender does, or the operator. An event of the trade."""
        trade_id = await self._trade_of(caller, delivery_id)
        own = self._store.acting(caller.acting)

        async def wanted() -> Redirect:
            row = await travels.left_behind(own, trade_id, delivery_id)
            if row is None:
                raise Refused("NOT_QUARANTINED", "this delivery waits for no decision: its receiver takes part, or it is settled", 409)
            if not (caller.operator or (row["sender"] == caller.party_id and caller.may_act_as(row["sender_role"]))):
                raise Refused(
                    "WRONG_SENDER",
                    say(
                        "whoever acts as %(sender_role)s for %(sender)s decides about this",
                        sender_role=row["sender_role"],
                        sender=row["sender"],
                    ),
                    403,
                )
            gone = Participant(row["party_id"], row["role"])
            return Redirect(str(delivery_id), str(row["message_id"]), gone, way, to, note)

        await self._handler.redirect(caller, trade_id, wanted)
        return await self._one(caller, trade_id, delivery_id)

    async def _trade_of(self, caller: Caller, delivery_id: UUID) -> str:
        trade_id = await travels.trade_of(self._store.acting(caller.acting), delivery_id, caller.party_id)
        if trade_id is None:
            raise Missing(
                "UNKNOWN_DELIVERY",
                say("there is no delivery %(delivery_id)s of %(party_id)s", delivery_id=delivery_id, party_id=caller.party_id),
                404,
            )
        return trade_id

    async def _one(self, caller: Caller, trade_id: str, delivery_id: UUID) -> Json:
        rows = await travels.of_trade(self._store.acting(caller.acting), self._store, trade_id, caller.acting)
        return next(_item(row) for row in rows if row["delivery_id"] == delivery_id)


def _item(row: Row) -> Json:
    """The way through a channel, if there is one, with why it waits now."""
    way = row.pop("way")
    return row | {"channel": _way(way) if way else None}


def _way(way: Row) -> Json:
    shown = {"name": way["channel"], **{name: way[name] for name in WAY}}
    now = way["is"]
    if now is None:
        return shown | {"kind": "", "state": "removed", "reason": "", "breaker": "closed", "wait_until": None, "opens_at": None}
    hours = msgspec.json.decode(now["hours"]) if now["hours"] else None
    return shown | {
        **{name: now[name] for name in ("kind", "state", "reason", "wait_until")},
        "breaker": breaker(now["failures"], now["wait_until"], now["now"]),
        "opens_at": opens_at(hours, now["now"]),
    }
