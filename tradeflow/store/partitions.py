"""Monthly partitions of what only grows: events and attempts. The default partition catches what no month was made for."""

from datetime import UTC, datetime

from tradeflow.store.uow import Store

MONTHS_AHEAD = 3
_TABLES = ("event", "attempt")


async def make_partitions(store: Store) -> None:
    """Make sure this month and the next ones have a partition of their own. Safe to call at any time, by anybody."""
    async with store.transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(4711)")
        today: datetime = await connection.fetchval("SELECT now()")
        months = [today.astimezone(UTC).year * 12 + today.astimezone(UTC).month - 1 + n for n in range(MONTHS_AHEAD + 1)]
        for table in _TABLES:
            for month in months:
                name = f"{table}_{month // 12}_{month % 12 + 1:02}"
                if await connection.fetchval("SELECT to_regclass($1) IS NULL", name):
                    # rows of this month that arrived before it had a partition stay in the default one
                    taken = await connection.fetchval(
                        f"SELECT EXISTS (SELECT 1 FROM {table}_default WHERE {_column(table)} >= $1)", _start(month)
                    )
                    if not taken:
                        await connection.execute(
                            f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{_start(month).isoformat()}') TO ('{_start(month + 1).isoformat()}')"
                        )


def _column(table: str) -> str:
    return "recorded_at" if table == "event" else "started_at"


def _start(month: int) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
