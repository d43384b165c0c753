"""Migrations with Alembic: one at a time, never waiting long for a lock."""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from tradeflow.store import functions

LOCK_MILLISECONDS_MAX = 4_000
STATEMENT_MILLISECONDS_MAX = 600_000
_LOCK = 7_460_171  # any number, the same for all who migrate


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring a database to a revision. Callers on other machines wait; call from outside a running event loop."""
    asyncio.run(_upgrade(dsn, revision))


async def _upgrade(dsn: str, revision: str) -> None:
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run, revision)
    finally:
        await engine.dispose()


def _run(connection: Connection, revision: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)").bindparams(lock=_LOCK))
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS_MAX}"))
    connection.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS_MAX}"))
    command.upgrade(_config(connection), revision)
    for definition in functions.definitions() if revision == "head" else ():
        connection.exec_driver_sql(definition)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    attributes: dict[Any, Any] = config.attributes
    attributes["connection"] = connection
    return config
