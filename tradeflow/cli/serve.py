"""tradeflow serve: run a hub."""

import asyncio
import gc
from typing import Any

import click

from tradeflow.api import PORTAL
from tradeflow.api.serve import run
from tradeflow.cli._hub import KEY_FILE, Running, data_dir_of, migrated, run_hub, settle
from tradeflow.embedded import database
from tradeflow.logs import configure
from tradeflow.portal.warm import warm
from tradeflow.settings import Settings


async def _serve(config: Settings, dsn: str) -> None:
    ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()

    def say(done: "asyncio.Future[Running]") -> None:
        url = done.result().base_url
        click.echo(
            f"tradeflow is ready at {url} (portal: {url}{PORTAL}, reference: {url}/docs, operator's key: {config.data_dir / KEY_FILE})"
        )
        settle()

    ready.add_done_callback(say)
    warming = asyncio.create_task(_warmed(ready), name="warm")
    try:
        await run_hub(config, dsn, ready)
    finally:
        warming.cancel()


async def _warmed(ready: "asyncio.Future[Running]") -> None:
    await asyncio.shield(ready)
    await warm()
    gc.freeze()


@click.command(
    epilog="""\b
Examples
  tradeflow serve                                   everything in one process, an embedded PostgreSQL
  tradeflow serve --demo                            demo trades, and people of every role to sign in as
  tradeflow serve --sandbox --port 0                a clock you can set, any free port
  TRADEFLOW_DATABASE_URL=postgresql://... TRADEFLOW_REDIS_URL=redis://... tradeflow serve
                                                    API only; workers run as `tradeflow worker`
"""
)
@click.option("--host", help="Address to listen on; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port, 0 for any free one; 8080 unless set.")
@click.option("--data-dir", help="Folder of the embedded database and the operator's key.")
@click.option("--sandbox", is_flag=True, help="Take the time from a clock that the API can set. Never in production.")
@click.option("--demo", is_flag=True, help="A sandbox with demo trades in it, and people to sign in as.")
def command(host: str | None, port: int | None, data_dir: str | None, sandbox: bool, demo: bool) -> None:
    """Run a hub: HTTP API, portal, delivery and timers, until interrupted."""
    given: dict[str, Any] = {"host": host, "port": port, "sandbox": sandbox or demo or None, "demo": demo or None}
    config = data_dir_of(data_dir)
    if demo and not data_dir:
        given["data_dir"] = config.data_dir / "demo"
    config = config.model_copy(update={k: v for k, v in given.items() if v is not None})
    configure(config.model_copy(update={"log_level": "warning"}) if demo else config)
    with database(config) as dsn:
        migrated(dsn)
        if demo:
            from tradeflow.cli._people import serve_demo  # plays trades as clients do, which no other hub has a use for

            serve_demo(config, dsn)
        else:
            run(_serve(config, dsn))
