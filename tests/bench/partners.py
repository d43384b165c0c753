"""What a hung and a dead partner cost the others: webhooks to 48 fast ones, alone and with the two beside them."""

import asyncio
import time
from typing import Final
from uuid import UUID

from aiohttp import web

from tests.bench.figures import Row, Section, percentile_of
from tests.bench.load import run
from tests.store import desk
from tradeflow.app.connectors import Connectors
from tradeflow.model.ids import bucket, uuid7
from tradeflow.settings import Settings
from tradeflow.store import channels, parties
from tradeflow.store.claims import Claims
from tradeflow.store.uow import Store
from tradeflow.store.vault import Vault, new_key
from tradeflow.worker.dispatch import Dispatcher
from tradeflow.worker.drain import Drain

FAST: Final = 48
BEAT_SECONDS: Final = 0.4  # each partner gets one delivery in each
SECRET: Final = "whsec_" + "QUJD" * 8
HUNG, DEAD = "hung", "dead"
_DELIVERY = """
INSERT INTO delivery (trade_id, delivery_id, bucket, seq, kind, party_id, role, type, function, sender, sender_role, body)
SELECT t.trade_id, t.delivery_id, t.bucket, $5, 'notice', t.party_id, 'carrier', 'note', '9', $6, 'exporter', '{"text": "a status"}'
FROM unnest($1::text[], $2::uuid[], $3::smallint[], $4::text[]) AS t (trade_id, delivery_id, bucket, party_id)
"""


class Receivers:
    """All partners in one small server: it notes when each delivery came, and never answers at /hung."""

    def __init__(self) -> None:
        self.came: dict[UUID, float] = {}

    async def met(self, request: web.Request) -> web.Response:
        await request.read()
        if request.match_info["party"] == HUNG:
            await asyncio.sleep(3_600)
        self.came.setdefault(UUID(request.headers["webhook-id"]), time.perf_counter())
        return web.Response(status=204)

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_post("/{party}", self.met)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


def section(dsn: str, beats: int) -> Section:
    """Alone first, then with the two."""
    alone, beside = run(_measured(dsn, beats))
    rows = [
        Row("p50, 48 fast partners alone", percentile_of(alone, 0.5) * 1e3, "ms"),
        Row("p50, with a hung and a dead one", percentile_of(beside, 0.5) * 1e3, "ms", percentile_of(alone, 0.5) * 1e3),
        Row("p99, 48 fast partners alone", percentile_of(alone, 0.99) * 1e3, "ms"),
        Row("p99, with a hung and a dead one", percentile_of(beside, 0.99) * 1e3, "ms", percentile_of(alone, 0.99) * 1e3),
    ]
    return Section("Webhooks: from the outbox to the partner's system, while one partner hangs and one is dead", rows)


async def _measured(dsn: str, beats: int) -> tuple[list[float], list[float]]:
    store, receivers = await Store.connect(dsn, 8, vault=Vault([new_key()])), Receivers()
    fast = [f"fast-{n:02}" for n in range(FAST)]
    await desk.desk(store, HUNG, DEAD)
    for party in fast:
        await parties.add_party(store, party, party, "HK")
    await store.sandbox(True)
    connectors = Connectors(store, Settings(sandbox=True, internal_addresses=True))
    dispatcher = Dispatcher(store, connectors)
    drain = Drain(Claims(store, 30, 5), lambda _: dispatcher.wake())
    task = asyncio.create_task(dispatcher.forever())
    async with receivers as url:
        for party in (*fast, HUNG, DEAD):
            settings = {"url": "http://127.0.0.1:9/" if party == DEAD else f"{url}/{party}", "timeout_seconds": 10}
            given = {"kind": "webhook", "message_types": ["*"], "notices": True, "format": "json", "settings": settings, "hours": None}
            await channels.put(store, party, "erp", given, {"signing": SECRET})
            for line in ("A", "B", "C", "D"):
                await desk.opened(store, f"BENCH-{party.upper()}-{line}")
        await _beats(store, drain, receivers, fast, beats // 4, 0)  # connections are made, statements prepared
        alone = await _beats(store, drain, receivers, fast, beats, 1_000)
        beside = await _beats(store, drain, receivers, [*fast, HUNG, DEAD], beats, 2_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await connectors.close()
    await store.close()
    return alone, beside


async def _beats(store: Store, drain: Drain, receivers: Receivers, to: list[str], beats: int, seq: int) -> list[float]:
    """Seconds from the outbox to the partner, of every delivery to a fast one."""
    left: dict[UUID, float] = {}
    for n in range(beats):
        began = time.perf_counter()
        trades = [f"BENCH-{party.upper()}-{'ABCD'[n % 4]}" for party in to]
        ids = [uuid7() for _ in to]
        async with store.transaction() as connection:
            await connection.execute(_DELIVERY, trades, ids, [bucket(trade) for trade in trades], to, seq + n, desk.SENDER)
        left |= {id: time.perf_counter() for id, party in zip(ids, to, strict=True) if party not in (HUNG, DEAD)}
        await drain.run()
        await asyncio.sleep(max(0.0, BEAT_SECONDS - (time.perf_counter() - began)))
    async with asyncio.timeout(60):
        while not left.keys() <= receivers.came.keys():  # noqa: ASYNC110 - partners have no event to wait on
            await asyncio.sleep(0.01)
    return [receivers.came[id] - at for id, at in left.items()]
