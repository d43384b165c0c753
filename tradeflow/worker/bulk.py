"""Works on files with many documents: at once where they came in by this process, and by looking for what others left."""

import asyncio
import contextlib
import logging

from tradeflow.app.bulk import Bulk
from tradeflow.errors import Unavailable

_log = logging.getLogger(__name__)


async def forever(bulk: Bulk, every_seconds: float) -> None:
    """Until cancelled."""
    while True:
        bulk.due.clear()
        try:
            await bulk.work()
        except Unavailable as error:
            _log.warning("bulk lodging waits: %s", error)
        except Exception:  # noqa: BLE001 - whatever goes wrong with one file, the next look comes
            _log.exception("bulk lodging failed; the next look comes in %g s", every_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every_seconds):
                await bulk.due.wait()
