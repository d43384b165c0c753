"""Migrations: one at a time, never waiting long for a lock.

Alembic and SQLAlchemy are read only where there is something to do: a hub that starts on a database of its own version needs neither, and
they would stay in its memory.
"""

import asyncio
import functools
from pathlib import Path

import asyncpg

from tradeflow.store import functions

LOCK_MILLISECONDS_MAX = 4_000
STATEMENT_MILLISECONDS_MAX = 600_000
_LOCK = 7_460_171  # any number, the same for all who migrate


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring a database to a revision. Callers on other machines wait; call from outside a running event loop."""
    if revision == "head" and is_current(dsn):
        return
    from tradeflow.store.migrations.stepping import step

    asyncio.run(step(dsn, revision))


def is_current(dsn: str) -> bool:
    """Whether a database is at the newest revision; then it has the functions of this build, too. Call from outside an event loop."""
    return asyncio.run(_is_current(dsn))


@functools.cache
def newest() -> str:
    """The newest revision there is: every one is named by its file, and they follow one another."""
    return max(file.stem.partition("_")[0] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def alone() -> tuple[str, ...]:
    """What a transaction that changes the schema begins with."""
    return (
        f"SELECT pg_advisory_xact_lock({_LOCK})",
        f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS_MAX}",
        f"SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS_MAX}",
    )


async def _is_current(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for statement in alone():
                await connection.execute(statement)
            if await connection.fetchval("SELECT to_regclass('alembic_version') IS NULL"):
                return False
            found = {row[0] for row in await connection.fetch("SELECT version_num FROM alembic_version")}
            for definition in functions.definitions() if found == {newest()} else ():
                await connection.execute(definition)
            return found == {newest()}
    finally:
        await connection.close()
