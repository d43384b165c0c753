"""What a party may read. Nothing here changes anything; what is not the caller's does not exist for it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.costs import Costs, Reading, costs
from tradeflow.app.costs import reads as cost_documents
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.findings import about, history
from tradeflow.app.machines import Machines
from tradeflow.app.redaction import as_json, redacted
from tradeflow.app.refusals import known
from tradeflow.app.sight import Sight
from tradeflow.app.telling import telling
from tradeflow.app.trade_view import trade_view
from tradeflow.codec import canonical
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import Allowed
from tradeflow.machine.clocks import RunningClock, clock
from tradeflow.machine.tables import Machine
from tradeflow.model.trade import Participant, TradeState
from tradeflow.rules.shared_set import concerning
from tradeflow.store import reads
from tradeflow.store.circulation import circulation
from tradeflow.store.circulation import message as stored_message
from tradeflow.store.uow import Store

Json = dict[str, Any]
POLL_SECONDS = 0.25  # between two looks at an inbox that another process may deliver to
ALONE_POLL_SECONDS = 1.0  # where this process delivers what it takes, and says so


class Queries:
    """Reads for callers."""

    def __init__(self, store: Store, machines: Machines, documents: DocumentLoader, poll_seconds: float = POLL_SECONDS) -> None:
        self._store, self._machines, self._documents, self._poll = store, machines, documents, poll_seconds
        self._closing = asyncio.Event()
        self._coming: dict[str, asyncio.Event] = {}  # by party, where somebody waits for what comes

    def _for(self, caller: Caller, trade_id: str = "") -> Store:
        """The database as the caller may see it."""
        return self._store.acting(caller.acting, trade_id)

    def close(self) -> None:
        """Answer every call that waits for a delivery now: the server is about to stop."""
        self._closing.set()
        self.arrived(list(self._coming))

    def arrived(self, parties: Collection[str]) -> None:
        """Answer who waits for deliveries to these parties. Call from the loop that serves them."""
        for party_id in parties:
            if coming := self._coming.pop(party_id, None):
                coming.set()

    @property
    def closing(self) -> bool:
        """Whether the server is about to stop."""
        return self._closing.is_set()

    async def trade(self, caller: Caller, trade_id: str, as_role: str = "", timeline: bool = True) -> Json:
        """A trade as the caller sees it: states, documents, clocks, findings, timeline if it is wanted, and what it may do next."""
        row = known(await self._for(caller, trade_id).read(trade_id), caller, trade_id)
        state, machine = row.state, await self._machines.of(row.state.machine)
        told = await telling(self._store, self._documents, caller, state, as_role=as_role)
        roles = {as_role} if as_role else _roles(caller, state)
        events = await reads.timeline(self._for(caller, trade_id), trade_id) if timeline else []
        seen = trade_view(machine, state, told.sight, events)
        shown = {timer["timer"] for timer in seen["timers"]}
        clocks = [one for one in await self._clocks(machine, state) if one.timer in shown]
        return seen | {"now": row.now, "timers": clocks, "allowed": told.explained(allowed(machine, state, roles))}

    async def costs(self, caller: Caller, trade_id: str) -> tuple[Costs, datetime]:
        """What the caller's documents say that a trade costs, and the hub's time."""
        row = known(await self._for(caller, trade_id).read(trade_id), caller, trade_id)
        machine, told = await self._machines.of(row.state.machine), await telling(self._store, self._documents, caller, row.state)
        docs = await self._documents.load(row.state, cost_documents(machine))
        return costs(Reading(machine, row.state, docs, told.sight, caller.party_id)), row.now

    async def participants(self, caller: Caller, trade_id: str) -> list[Participant]:
        """Who takes part in a trade in which the caller does."""
        return known(await self._for(caller, trade_id).read(trade_id), caller, trade_id).state.participants

    async def version(self, caller: Caller, trade_id: str) -> int | None:
        """The version a trade is at; None where the caller takes no part in it."""
        return await reads.version(self._for(caller, trade_id), trade_id)

    async def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def findings(self, caller: Caller, trade_id: str, status: str, document: str, as_role: str = "") -> Json:
        """What rules across documents found in the trade, as far as the caller sees one of the documents."""
        state = known(await self._for(caller, trade_id).read(trade_id), caller, trade_id).state
        sight = await self._sight(caller, state, as_role)
        items = history(state, sight, await reads.timeline(self._for(caller, trade_id), trade_id))
        wanted = [item for item in items if status in ("", item["status"]) and (not document or about(item, document))]
        count = {name: sum(item["status"] == name for item in items) for name in ("open", "accepted", "cured")}
        rules = concerning({e.type for e in state.standing}, {e.type for e in state.standing})
        return {"trade_id": trade_id, "version": state.version, "items": wanted, "count": count, "rules": len(rules)}

    async def _sight(self, caller: Caller, state: TradeState, as_role: str = "") -> Sight:
        everything = caller.operator and not as_role
        return Sight.of(caller, state, {} if everything else await circulation(self._store, state.trade_id), as_role)

    async def _clocks(self, machine: Machine, state: TradeState) -> list[RunningClock]:
        """Every running clock, the first to run out first."""
        wanted = {kind for key in state.timers for kind in machine.timers[key.partition(".")[2]].due.of}
        docs = await self._documents.load(state, wanted)
        found = [clock(machine, state, key, docs) for key in state.timers]
        return sorted(found, key=lambda one: (one.due_at, one.timer))

    async def refusals(self, caller: Caller, trade_id: str, limit: int) -> Json:
        """The caller's messages that were not taken, with what it was answered; the operator's view has those of all."""
        known(await self._store.read(trade_id), caller, trade_id)
        rows = await reads.refusals(self._store.acting(caller.acting), trade_id, caller.acting, limit)
        return {"items": [{k: v for k, v in row.items() if k != "answer"} | {"problem": msgspec.Raw(row["answer"])} for row in rows]}

    async def trades(self, caller: Caller, before: str, limit: int) -> Json:
        """The caller's trades, newest reference first, page by page."""
        rows = await reads.trades(self._for(caller), "" if caller.operator else caller.party_id, before, limit)
        return {"items": rows, "next": rows[-1]["trade_id"] if len(rows) == limit else None}

    async def allowed(self, caller: Caller, trade_id: str, role: str) -> list[Allowed]:
        """What may happen next, for one role or for all the caller plays."""
        row = known(await self._for(caller, trade_id).read(trade_id), caller, trade_id)
        held = _roles(caller, row.state)
        if role and role not in held:
            raise Refused(
                "FORBIDDEN_VIEW", say("%(party_id)s does not act as %(role)s in this trade", party_id=caller.party_id, role=role), 403
            )
        told = await telling(self._store, self._documents, caller, row.state)
        return told.explained(allowed(await self._machines.of(row.state.machine), row.state, {role} if role else held))

    async def documents(self, caller: Caller, trade_id: str, as_role: str = "") -> Json:
        """The current documents of a trade that the caller may read."""
        row = known(await self._for(caller, trade_id).read(trade_id), caller, trade_id)
        sight = await self._sight(caller, row.state, as_role)
        seen = [entry for entry in row.state.documents.values() if sight.message(entry.message_id) is not None]
        return {"trade_id": trade_id, "version": row.state.version, "items": seen}

    async def message(self, caller: Caller, trade_id: str, message_id: UUID) -> tuple[bytes, str]:
        """A message byte for byte as it was lodged; without what is withheld from the caller in the canonical form, marked."""
        trade = await self._for(caller, trade_id).read(trade_id)
        takes_part = trade is not None and (caller.operator or bool(trade.state.roles_of(caller.party_id)))
        # outside the trade a party is shown by the database what it sent and what reached it: whoever left keeps that, and nothing else
        row = await stored_message(self._for(caller, trade_id if takes_part else ""), trade_id, message_id)
        if row is None or trade is None:
            trade = known(trade if row is None else await self._store.read(trade_id), caller, trade_id, left=row is not None)
        if row is not None:
            document = canonical.load(row["type"], row["canonical"])
            withheld = (await self._sight(caller, trade.state)).message(message_id, document.data)
            if withheld is None:
                withheld = await self._kept(caller, trade.state, message_id, document.data)
            if withheld is not None:
                whole = not redacted(document, withheld)[1]
                return (row["original"], row["content_type"]) if whole else (as_json(document, withheld), "application/json")
        raise Missing(
            "UNKNOWN_MESSAGE_ID",
            say(
                "there is no message %(message_id)s in trade %(trade_id)s for %(party_id)s",
                message_id=message_id,
                trade_id=trade_id,
                party_id=caller.party_id,
            ),
            404,
        )

    async def _kept(self, caller: Caller, state: TradeState, message_id: UUID, data: Json) -> frozenset[str] | None:
        """What is withheld of a message from a party that left the role in which it sent or got it; None where it is not its own."""
        own = await stored_message(self._for(caller), state.trade_id, message_id) if state.left_as(caller.party_id) else None
        return Sight.kept(caller, state, await circulation(self._store, state.trade_id)).message(message_id, data) if own else None

    async def inbox(self, caller: Caller, after: int, limit: int, wait_seconds: float, unacknowledged: bool) -> Json:
        """Deliveries after a position. Waits up to wait_seconds for the first one, holding nothing while it waits."""

        async def read() -> list[reads.Row]:
            return await reads.inbox(self._for(caller), caller.party_id, after, limit, unacknowledged)

        items = [_item(row) for row in await self._wait_for(caller.party_id, read, wait_seconds)]
        return {"items": items, "next": items[-1]["position"] if items else after}

    async def last_position(self, caller: Caller) -> int:
        """The position of the newest item in the caller's inbox; 0 where it is empty."""
        return await reads.last_position(self._for(caller), caller.party_id)

    async def _wait_for(self, party_id: str, read: Callable[[], Awaitable[list[reads.Row]]], seconds: float) -> list[reads.Row]:
        end = time.monotonic() + seconds
        while True:
            # before the look, so that nothing arrives between it and the wait
            coming = self._coming.setdefault(party_id, asyncio.Event()) if seconds else None
            rows, left = await read(), end - time.monotonic()
            if rows or coming is None or left <= 0 or self.closing:
                return rows
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(self._poll, left)):
                    await coming.wait()

    async def acknowledge(self, caller: Caller, delivery_id: UUID) -> Json:
        """Say that a delivery was taken over. Again is the same."""
        at: datetime | None = await reads.acknowledge(self._for(caller), caller.party_id, delivery_id)
        if at is None:
            raise Missing(
                "UNKNOWN_DELIVERY",
                say("there is no delivery %(delivery_id)s in the inbox of %(party_id)s", delivery_id=delivery_id, party_id=caller.party_id),
                404,
            )
        return {"delivery_id": delivery_id, "acknowledged_at": at}


def _roles(caller: Caller, state: TradeState) -> set[str]:
    held = {p.role for p in state.participants} | {"platform"} if caller.operator else state.roles_of(caller.party_id)
    return {role for role in held if caller.may_act_as(role)}


def _item(row: reads.Row) -> Json:
    trade, item = (
        row["trade_id"],
        {k: row[k] for k in ("position", "delivery_id", "trade_id", "kind", "message_id", "type", "function", "role")},
    )
    item |= {
        "from": {"party_id": row["sender"], "role": row["sender_role"]},
        "delivered_at": row["delivered_at"],
        "acknowledged_at": row["acknowledged_at"],
    }
    if row["kind"] == "notice":
        return item | {"notice": msgspec.json.decode(row["body"])}
    return item | {"links": {"message": f"/v1/messages/{trade}/{row['message_id']}", "trade": f"/v1/trades/{trade}"}}
