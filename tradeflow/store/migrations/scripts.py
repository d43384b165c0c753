"""Migrations that are SQL: the file beside the Python one."""

from pathlib import Path

from alembic import op


def run(migration: str) -> None:
    """Run the .sql file beside a migration; many statements at once, which no driver's parameters allow."""
    execute(Path(migration).with_suffix(".sql").read_text(encoding="utf-8"))


def execute(statements: str) -> None:
    """Run statements on the connection of the migration."""
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None, "upgrade() runs on a connection"
    raw.run_async(lambda connection: connection.execute(statements))
