"""Who trades in a benchmark: pairs of parties with a key each, and trades that wait for their order."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.orders import TERMS, Trade, exporter, importer
from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.trades import TradeSpec
from tradeflow.app.wiring import Hub
from tradeflow.model.trade import Participant
from tradeflow.ports import NullDoorbell
from tradeflow.settings import settings

OPENED_TOGETHER = 8
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cast:
    """The keys of the importers, by pair."""

    keys: tuple[str, ...]


def trades(pairs: int, count: int) -> list[list[Trade]]:
    """For each pair its share of so many new trades; all references have the same length."""
    share = -(-count // pairs)
    return [[Trade(f"BENCH-{next(_numbers):08d}", pair) for _ in range(share)] for pair in range(pairs)]


def spec(trade: Trade) -> TradeSpec:
    """The trade as its importer opens it."""
    return TradeSpec([Participant(trade.importer, "importer"), Participant(trade.exporter, "exporter")], trade.trade_id, dict(TERMS))


async def hired(dsn: str, pairs: int, home: Path) -> Cast:
    """Register the parties and give the importers keys. `home` holds the keys that secrets are sealed with: those of the hub measured."""
    hub = await Hub.open(settings().model_copy(update={"data_dir": home}), dsn, NullDoorbell())
    operator, keys = Caller(OPERATOR, "bench"), []
    for pair in range(pairs):
        for party in (importer(pair), exporter(pair)):
            await hub.keys.add_party(operator, party, party, "HK")
        issued = await hub.keys.issue(operator, importer(pair), "bench", None, None)
        keys.append(str(issued["key"]))
    await hub.close()
    return Cast(tuple(keys))


async def opened(dsn: str, wanted: list[list[Trade]], home: Path) -> None:
    """Open the trades, by the use case behind POST /v1/trades."""
    hub = await Hub.open(settings().model_copy(update={"data_dir": home}), dsn, NullDoorbell())
    waiting: Iterator[Trade] = iter([trade for share in wanted for trade in share])

    async def opener(_: Any) -> None:
        for trade in waiting:
            await hub.trades.open(Caller(trade.importer, "bench"), spec(trade), None)

    await asyncio.gather(*map(opener, range(OPENED_TOGETHER)))
    await hub.close()
