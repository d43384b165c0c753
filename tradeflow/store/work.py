"""Trades for a work list: the newest references of a party in some roles, page by page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.model.trade import TradeState
from tradeflow.store.circulation import Circulation, circulation
from tradeflow.store.uow import Store

_state = msgspec.json.Decoder(TradeState)
_ROLES = "SELECT DISTINCT role FROM (SELECT role FROM participant WHERE party_id = $1 ORDER BY trade_id DESC LIMIT $2) p"
_HEADS = """
SELECT t.trade_id, t.version, t.updated_at FROM (
    SELECT DISTINCT trade_id FROM participant WHERE party_id = $1 AND role = ANY ($2) AND ($3 = '' OR trade_id < $3)
    ORDER BY trade_id DESC LIMIT $4
) p JOIN trade t USING (trade_id) ORDER BY t.trade_id DESC
"""
_STATES = "SELECT trade_id, version, state FROM trade WHERE trade_id = ANY ($1)"
_MESSAGES = """
SELECT trade_id, message_id, type, sender, role FROM message WHERE trade_id = ANY ($1) AND verdict = 'accepted' AND type = ANY ($2)
"""
_ADDRESSED = """
SELECT trade_id, message_id, party_id, role FROM delivery WHERE trade_id = ANY ($1) AND kind = 'message' AND type = ANY ($2)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A trade as it stands: whatever is computed from its state holds until the version is another one."""

    trade_id: str
    version: int
    updated_at: datetime


async def roles(store: Store, party_id: str, trades: int) -> set[str]:
    """The roles a party has in the newest of its trades."""
    async with store.connection() as connection:
        return {row[0] for row in await connection.fetch(_ROLES, party_id, trades)}


async def heads(store: Store, party_id: str, held: list[str], before: str, limit: int) -> list[Head]:
    """Trades in which a party has one of these roles, the newest reference first, from before a reference on."""
    async with store.connection() as connection:
        return [Head(*row) for row in await connection.fetch(_HEADS, party_id, held, before, limit)]


async def states(store: Store, trade_ids: list[str]) -> dict[str, TradeState]:
    """The states of trades, in one query."""
    async with store.connection() as connection:
        return {row["trade_id"]: _state.decode(row["state"]) for row in await connection.fetch(_STATES, trade_ids)}


async def circulated(store: Store, trades: Mapping[str, TradeState], types: Collection[str]) -> dict[str, dict[Any, Circulation]]:
    """Who sent and who got the documents of these types, by trade; of trades with documents on file from the beginning all of them."""
    found = await circulations(store, list(trades), sorted(types))
    for id, state in trades.items():  # where documents were on file from the beginning, they are asked for one by one
        if any(d.type in types and UUID(d.message_id) not in found[id] for d in state.standing):
            found[id] = await circulation(store, id)
    return found


async def circulations(store: Store, trade_ids: list[str], types: list[str]) -> dict[str, dict[Any, Circulation]]:
    """Who sent and who got the messages of these types, by trade. A document that was on file from the beginning is not among them."""
    found: dict[str, dict[Any, Circulation]] = {trade_id: {} for trade_id in trade_ids}
    async with store.connection() as connection:
        for trade_id, message_id, type_, sender, role in await connection.fetch(_MESSAGES, trade_ids, types):
            found[trade_id][message_id] = Circulation(type_, (sender, role))
        for trade_id, message_id, party, role in await connection.fetch(_ADDRESSED, trade_ids, types):
            if message_id in found[trade_id]:
                found[trade_id][message_id].recipients.add((party, role))
    return found
