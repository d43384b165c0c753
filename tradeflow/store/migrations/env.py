"""Alembic's environment: runs on the connection that upgrade() locked."""

from alembic import context

from tradeflow.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
