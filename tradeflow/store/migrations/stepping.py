"""From one revision to another, with Alembic."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from tradeflow.store import functions
from tradeflow.store.migrations import alone


async def step(dsn: str, revision: str) -> None:
    """To this revision, in one transaction."""
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run, revision)
    finally:
        await engine.dispose()


def _run(connection: Connection, revision: str) -> None:
    for statement in alone():
        connection.exec_driver_sql(statement)
    command.upgrade(_config(connection), revision)
    for definition in functions.definitions() if revision == "head" else ():
        connection.exec_driver_sql(definition)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    attributes: dict[Any, Any] = config.attributes
    attributes["connection"] = connection
    return config
