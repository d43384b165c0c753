"""tradeflow worker: deliver and fire timers for hubs that share a database and a Redis."""

import asyncio
import signal

import click
import dramatiq

from tradeflow.app.wiring import Hub
from tradeflow.logs import configure
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings, settings
from tradeflow.worker.actors import declare
from tradeflow.worker.background import background, claims_of
from tradeflow.worker.drain import Drain
from tradeflow.worker.redis_doorbell import broker

STOP_MILLISECONDS_MAX = 25_000  # for rings being answered; leases cover what is cut short


async def _work(config: Settings, dsn: str, redis_url: str, threads: int) -> None:
    hub = await Hub.open(config, dsn, NullDoorbell())
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    bell = broker(redis_url)
    declare(bell, loop, Drain(claims_of(hub)))
    worker = dramatiq.Worker(bell, worker_timeout=100, worker_threads=threads)
    worker.start()
    try:
        async with background(hub, None):
            click.echo("worker is ready")
            await stop.wait()
    finally:
        await asyncio.to_thread(worker.stop, STOP_MILLISECONDS_MAX)
        bell.close()
        await hub.close()


@click.command(
    epilog="""\b
Example
  TRADEFLOW_DATABASE_URL=postgresql://... TRADEFLOW_REDIS_URL=redis://... tradeflow worker

Start as many as there is work. A worker that dies loses nothing: its leases end and others go on.
"""
)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Rings answered at the same time.")
def command(threads: int) -> None:
    """Hand deliveries over and fire timers until interrupted. Needs TRADEFLOW_DATABASE_URL and TRADEFLOW_REDIS_URL."""
    config = settings()
    if not (config.database_url and config.redis_url):
        raise click.UsageError(
            "a worker of its own needs TRADEFLOW_DATABASE_URL and TRADEFLOW_REDIS_URL; without them `tradeflow serve` does all work itself"
        )
    configure(config)
    asyncio.run(_work(config, config.database_url, config.redis_url, threads))
