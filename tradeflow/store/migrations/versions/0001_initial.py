"""Everything a hub keeps."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables, partitions and functions of the first version."""
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None, "upgrade() runs on a connection"
    raw.run_async(lambda connection: connection.execute(statements))  # many statements at once, which no driver's parameters allow
