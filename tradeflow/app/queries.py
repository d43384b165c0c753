"""What a party may read. Nothing here changes anything; what is not the caller's does not exist for it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.machines import Machines
from tradeflow.app.refusals import known
from tradeflow.codec import canonical, xml
from tradeflow.errors import Missing, Refused
from tradeflow.machine.allowed import allowed
from tradeflow.machine.answers import Allowed
from tradeflow.machine.tables import Machine
from tradeflow.model.trade import TradeState
from tradeflow.store import reads
from tradeflow.store.uow import Store

Json = dict[str, Any]
POLL_SECONDS = 0.25


class Queries:
    """Reads for callers."""

    def __init__(self, store: Store, machines: Machines) -> None:
        self._store, self._machines = store, machines
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Answer every call that waits for a delivery now: the server is about to stop."""
        self._closing.set()

    async def trade(self, caller: Caller, trade_id: str) -> Json:
        """Everything about a trade: states, documents, clocks, timeline, and what the caller may do next."""
        row = known(await self._store.read(trade_id), caller, trade_id)
        state, machine = row.state, await self._machines.of(row.state.machine)
        return {
            "trade_id": trade_id,
            "version": state.version,
            "now": row.now,
            "terms": state.terms,
            "participants": state.participants,
            "regions": {key: _region(machine, state, key) for key in state.regions},
            "documents": list(state.documents.values()),
            "timers": [{"timer": key, **msgspec.to_builtins(timer)} for key, timer in sorted(state.timers.items())],
            "titles": state.titles,
            "payables": state.payables,
            "tasks": [{"message": message, "region": region} for message, region in state.tasks.items()],
            "allowed": allowed(machine, state, _roles(caller, state)),
            "timeline": [_event(event) for event in await reads.timeline(self._store, trade_id)],
        }

    async def trades(self, caller: Caller, before: str, limit: int) -> Json:
        """The caller's trades, newest reference first, page by page."""
        rows = await reads.trades(self._store, "" if caller.operator else caller.party_id, before, limit)
        return {"items": rows, "next": rows[-1]["trade_id"] if len(rows) == limit else None}

    async def allowed(self, caller: Caller, trade_id: str, role: str) -> list[Allowed]:
        """What may happen next, for one role or for all the caller plays."""
        row = known(await self._store.read(trade_id), caller, trade_id)
        held = _roles(caller, row.state)
        if role and role not in held:
            raise Refused("FORBIDDEN_VIEW", f"{caller.party_id} does not act as {role} in this trade", 403)
        return allowed(await self._machines.of(row.state.machine), row.state, {role} if role else held)

    async def documents(self, caller: Caller, trade_id: str) -> Json:
        """The current documents of a trade."""
        row = known(await self._store.read(trade_id), caller, trade_id)
        return {"trade_id": trade_id, "version": row.state.version, "items": list(row.state.documents.values())}

    async def document(self, caller: Caller, trade_id: str, type_: str, number: str, version: int | None, form: str) -> tuple[bytes, str]:
        """One document in canonical JSON or as XML, for its sender and its recipients."""
        known(await self._store.read(trade_id), caller, trade_id)
        row = await reads.document(self._store, trade_id, type_, number, version)
        if row is None or not await self._may_see(caller, trade_id, row["message_id"], row["body"]):
            raise Missing("UNKNOWN_DOCUMENT", f"there is no {type_} {number} in trade {trade_id} for {caller.party_id}", 404)
        if form == "json":
            return row["body"], "application/json"
        return xml.write(canonical.load(type_, row["body"])), "application/xml"

    async def message(self, caller: Caller, trade_id: str, message_id: UUID) -> tuple[bytes, str]:
        """A message byte for byte as it was lodged, for its sender and its recipients."""
        known(await self._store.read(trade_id), caller, trade_id)
        row = await reads.message(self._store, trade_id, message_id)
        if row is None or not (row["sender"] == caller.party_id or await self._may_see(caller, trade_id, message_id, b"")):
            raise Missing("UNKNOWN_MESSAGE_ID", f"there is no message {message_id} in trade {trade_id} for {caller.party_id}", 404)
        return row["body"], row["content_type"]

    async def _may_see(self, caller: Caller, trade_id: str, message_id: UUID, body: bytes) -> bool:
        if caller.operator or (body and caller.party_id in _named(msgspec.json.decode(body)["message"])):
            return True
        return await reads.is_recipient(self._store, trade_id, message_id, caller.party_id)

    async def deliveries(self, caller: Caller, trade_id: str) -> Json:
        """Every delivery the caller sent or receives in a trade, with all attempts: both sides see why something is late."""
        known(await self._store.read(trade_id), caller, trade_id)
        return {"items": await reads.deliveries(self._store, trade_id, "" if caller.operator else caller.party_id)}

    async def inbox(self, caller: Caller, after: int, limit: int, wait_seconds: float, unacknowledged: bool) -> Json:
        """Deliveries after a position. Waits up to wait_seconds for the first one, holding nothing while it waits."""

        async def read() -> list[reads.Row]:
            return await reads.inbox(self._store, caller.party_id, after, limit, unacknowledged)

        items = [_item(row) for row in await self._wait_for(read, wait_seconds)]
        return {"items": items, "next": items[-1]["position"] if items else after}

    async def _wait_for(self, read: Callable[[], Awaitable[list[reads.Row]]], seconds: float) -> list[reads.Row]:
        end = time.monotonic() + seconds
        while not (rows := await read()) and time.monotonic() < end and not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), min(POLL_SECONDS, max(0.0, end - time.monotonic())))
        return rows

    async def acknowledge(self, caller: Caller, delivery_id: UUID) -> Json:
        """Say that a delivery was taken over. Again is the same."""
        at: datetime | None = await reads.acknowledge(self._store, caller.party_id, delivery_id)
        if at is None:
            raise Missing("UNKNOWN_DELIVERY", f"there is no delivery {delivery_id} in the inbox of {caller.party_id}", 404)
        return {"delivery_id": delivery_id, "acknowledged_at": at}


def _named(envelope: Json) -> set[str]:
    """Sender and recipients of a message."""
    return {party["party_id"] for party in (envelope["sender"], *envelope["recipients"])}


def _roles(caller: Caller, state: TradeState) -> set[str]:
    held = {p.role for p in state.participants} | {"platform"} if caller.operator else state.roles_of(caller.party_id)
    return {role for role in held if caller.may_act_as(role)}


def _region(machine: Machine, state: TradeState, key: str) -> Json:
    instance, _, name = key.partition(".")
    region, now = machine.processes[instance.partition("#")[0]].regions[name], state.regions[key]
    return {
        "state": now.state,
        "meaning": region.states[now.state],
        "since": now.since,
        "started": now.started,
        "goal": now.state in region.goal,
        "terminal": now.state in region.terminal,
    }


def _event(row: reads.Row) -> Json:
    changes = msgspec.json.decode(row["body"])
    return {**{k: row[k] for k in ("seq", "at", "kind", "party", "role", "message_id")}, "sha256": row["hash"].hex(), "changes": changes}


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
