"""Real servers from wheels, for a hub that was given none: PostgreSQL as the record, Valkey as a broker.

Start them from the main thread, before the event loop: on Linux they are told to die with the thread that forked them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tradeflow.embedded.postgres import Postgres
from tradeflow.embedded.valkey import Valkey
from tradeflow.settings import Settings

__all__ = ["Postgres", "Valkey", "database"]


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The DSN of the database to use: that of the settings, or an embedded server that runs as long as the block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with Postgres(settings.data_dir, settings=settings) as server:
        yield server.dsn
