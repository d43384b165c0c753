"""A doorbell: how a commit wakes a worker of the same process. That of other processes is redis_doorbell.py."""

import asyncio


class InProcessDoorbell:
    """For a worker in the same process: an event of its loop. Call from that loop only."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self, bucket: int) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until somebody rings, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()
