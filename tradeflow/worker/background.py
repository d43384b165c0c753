"""The work that runs beside the API in one process: drain on a ring, sweep on time."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from tradeflow.app.wiring import Hub
from tradeflow.errors import Unavailable
from tradeflow.store.claims import Claims
from tradeflow.worker.boards import BoardKeeper
from tradeflow.worker.bulk import forever
from tradeflow.worker.dispatch import Dispatcher
from tradeflow.worker.doorbell import InProcessDoorbell
from tradeflow.worker.drain import Drain
from tradeflow.worker.inlets import Inlets
from tradeflow.worker.sweep import Sweeper

_log = logging.getLogger(__name__)
LAST_ROUND_SECONDS_MAX = 5  # what was accepted just before the stop is handed over still


def claims_of(hub: Hub) -> Claims:
    """The queue of a hub, with its settings."""
    return Claims(hub.store, hub.settings.lease_seconds, hub.settings.deliver_attempts_max)


@asynccontextmanager
async def background(hub: Hub, doorbell: InProcessDoorbell | None) -> AsyncIterator[None]:
    """Deliver, send through channels and sweep while the block runs. Without a doorbell the sweeper does it all."""
    claims = claims_of(hub)
    dispatcher = Dispatcher(hub.store, hub.connectors, printing=hub.printing)

    def handed(parties: Collection[str]) -> None:
        dispatcher.wake()
        hub.queries.arrived(parties)

    drain = Drain(claims, handed)
    sweeper = Sweeper(hub.store, claims, drain, hub.trades.fire)
    tasks = [
        asyncio.create_task(sweeper.forever(hub.settings.sweep_seconds), name="sweep"),
        asyncio.create_task(dispatcher.forever(), name="dispatch"),
        asyncio.create_task(Inlets(hub.store, hub.connectors, hub.inbound.take).forever(hub.settings.fetch_seconds), name="inlets"),
    ]
    tasks.append(asyncio.create_task(BoardKeeper(hub.store, hub.boards).forever(), name="boards"))
    tasks.append(asyncio.create_task(forever(hub.bulk, hub.settings.sweep_seconds), name="bulk"))
    if doorbell:
        tasks.append(asyncio.create_task(_on_ring(drain, doorbell), name="drain"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(LAST_ROUND_SECONDS_MAX):
                await drain.run()


async def _on_ring(drain: Drain, doorbell: InProcessDoorbell) -> None:
    while True:
        await doorbell.wait(60)
        try:
            await drain.run()
        except Unavailable as error:
            _log.warning("delivery waits: %s", error)
        except Exception:  # noqa: BLE001 - a round that fails must not end delivery
            _log.exception("delivery round failed; the sweeper will try again")
