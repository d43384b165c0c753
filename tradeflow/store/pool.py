"""Connections to PostgreSQL, and which of its failures mean "try again later"."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from tradeflow.errors import Unavailable
from tradeflow.language.sentences import say

ACQUIRE_SECONDS_MAX = 10  # waiting longer for a free connection only makes an overload worse
COMMAND_SECONDS_MAX = 30
Connection = Any  # asyncpg's pooled connection; its stubs do not express the pool's proxy

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalClientError,  # a connection that was cut in the middle of an exchange
    asyncpg.ReadOnlySQLTransactionError,  # a failover in progress
)
_BUSY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.InsufficientResourcesError, asyncpg.LockNotAvailableError)


class _Plain(asyncpg.Connection):  # type: ignore[misc]
    """A connection without session state (locks and settings end with their transaction), so that giving it back costs no round trip."""

    def get_reset_query(self) -> str:
        return ""


async def create(dsn: str, size: int, role: str) -> Any:
    """A pool of at most `size` connections that act in a role of the database. Raises Unavailable if the database does not answer."""
    try:
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            command_timeout=COMMAND_SECONDS_MAX,
            connection_class=_Plain,
            max_inactive_connection_lifetime=300,
            server_settings={"role": role} if role else {},
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable("DATABASE_UNREACHABLE", say("the database does not answer: %(error)s", error=error), 503, retry=True) from error


@contextmanager
def failures() -> Iterator[None]:
    """Lost connections, full disks, conflicts and time-outs become Unavailable: nothing was stored, or nobody can know."""
    try:
        yield
    except asyncpg.InterfaceError as error:
        if isinstance(error, ValueError):  # an argument that does not fit its type: not the database's doing
            raise
        raise _away() from error
    except _AWAY as error:
        raise _away() from error
    except _BUSY as error:
        raise Unavailable("TRY_AGAIN", "the hub is busy; send the same message again", 503, retry=True) from error


def _away() -> Unavailable:
    return Unavailable("DATABASE_UNREACHABLE", "the hub cannot reach its database; send the same message again", 503, retry=True)
