"""Monthly partitions of what only grows: events and attempts. The default partition catches what no month was made for."""

import logging

from tradeflow.errors import Unavailable
from tradeflow.store.uow import Store

MONTHS_AHEAD = 3
_log = logging.getLogger(__name__)


async def make_partitions(store: Store) -> list[str]:
    """Make sure this month and the next ones have a partition of their own. Returns what was made; safe at any time, by anybody.

    Where the tables are too busy it is left for the next time: no command waits for this longer than two seconds.
    """
    try:
        async with store.transaction() as connection:
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            return [row[0] for row in await connection.fetch("SELECT tf_make_partitions($1)", MONTHS_AHEAD)]
    except Unavailable as error:
        _log.warning("partitions wait: %s", error)
        return []
