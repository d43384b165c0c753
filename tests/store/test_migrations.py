"""The schema: made by migrations, described by store/tables.py, and the two say the same."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import execute, named
from tradeflow.store import migrations
from tradeflow.store.tables import metadata
from tradeflow.store.uow import Store


def _is_ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Partitions are made as time passes and Alembic's own table is its own."""
    return not (
        kind == "table" and reflected and compare_to is None and name is not None and name.startswith(("event_", "attempt_", "alembic_"))
    )


def _differences(connection: Connection) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": True, "include_object": _is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def _with(dsn: str, look: Any) -> Any:
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


async def test_the_metadata_says_what_the_migrations_made(database: str) -> None:
    assert await _with(database, _differences) == []


async def test_constraints_and_indexes_are_the_same_too(database: str, store: Store) -> None:
    """compare_metadata does not look at checks, nor at the conditions of partial indexes: the catalogue of the database does."""
    sql = """
    SELECT c.conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND NOT t.relispartition AND t.relname <> 'alembic_version'
    UNION ALL
    SELECT regexp_replace(indexdef, ' (public|described)\\.', ' ') FROM pg_indexes i JOIN pg_class t ON t.relname = i.tablename
    WHERE schemaname = current_schema() AND t.relnamespace = current_schema()::regnamespace AND NOT t.relispartition
        AND i.tablename <> 'alembic_version'
    """
    async with store.transaction() as connection:
        migrated = sorted({row[0] for row in await connection.fetch(sql)})
        await connection.execute("CREATE SCHEMA described")

    def create(described: Connection) -> None:
        described.exec_driver_sql("SET LOCAL search_path = described")
        metadata.create_all(described, checkfirst=False)
        described.commit()

    await _with(database, create)
    async with store.transaction() as connection:
        await connection.execute("SET LOCAL search_path = described")
        assert sorted({row[0] for row in await connection.fetch(sql)}) == migrated


async def test_every_table_of_a_trade_can_move_to_another_shard_whole(database: str) -> None:
    """trade_id stands in every primary key and unique index of a table that belongs to a trade; an inbox and the quarantine are a party's."""

    def look(connection: Connection) -> list[str]:
        wrong, inspector = [], inspect(connection)
        for name in inspector.get_table_names():
            if "trade_id" not in {column["name"] for column in inspector.get_columns(name)} or name in ("inbox_item", "quarantine"):
                continue
            keys = [inspector.get_pk_constraint(name)["constrained_columns"]]
            keys += [u["column_names"] for u in inspector.get_unique_constraints(name)]
            wrong += [f"{name} {key}" for key in keys if "trade_id" not in key]
        return wrong

    assert await _with(database, look) == []


def test_the_newest_revision_by_its_file_is_the_one_that_alembic_ends_at() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.newest()


def test_what_a_hub_reads_at_its_start_holds_neither_what_migrates_nor_what_only_a_redis_needs() -> None:
    """They were a quarter of its memory: what is not read is not there."""
    code = (
        "import sys, tradeflow.cli.serve; print(*({'sqlalchemy', 'alembic', 'redis', 'dramatiq', 'typst', 'joserfc'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


def test_migrating_twice_and_by_several_at_once_is_migrating_once(database_server: str) -> None:
    name = f"migrations_{threading.get_ident()}"
    execute(database_server, f"CREATE DATABASE {name}")
    dsn = named(database_server, name)
    try:
        failures: list[Exception] = []

        def migrate() -> None:
            try:
                migrations.upgrade(dsn)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                failures.append(error)

        threads = [threading.Thread(target=migrate) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        migrations.upgrade(dsn)
        assert asyncio.run(_with(dsn, _differences)) == []
    finally:
        execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")
