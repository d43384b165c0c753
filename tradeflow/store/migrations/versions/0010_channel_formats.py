"""A channel speaks any format that the hub knows, or what a business adapter speaks; answers find what they answer by its number."""

from tradeflow.store.migrations.scripts import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """The check keeps what a name looks like; what there is changes with the folders of adapters/."""
    execute("""
    ALTER TABLE channel DROP CONSTRAINT channel_format_check;
    ALTER TABLE channel ADD CONSTRAINT channel_format_check CHECK (format ~ '^[a-z][a-z0-9_]{0,39}$');
    CREATE INDEX document_number ON document (number, type);
    """)
