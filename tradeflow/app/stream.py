"""Streams of what arrives for a party: the inbox from a cursor on, and then on as it grows."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.queries import Queries
from tradeflow.errors import Problem, Unavailable

STREAMS_MAX = 16  # open for one party in one process
PAGE = 100
BEAT_SECONDS = 15.0  # after so long without anything a comment says that the line stands
LOOK_SECONDS = 1.0  # how often a trade that somebody watches is looked at
AGAIN_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """From where on, and what of it."""

    after: int
    trade_id: str = ""
    type: str = ""
    kind: str = ""

    def holds(self, item: dict[str, Any]) -> bool:
        return self.trade_id in ("", item["trade_id"]) and item["type"].startswith(self.type) and self.kind in ("", item["kind"])


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or, without an item, the news that the cursor moved on (`position`) or that nothing did (None)."""

    position: int | None
    item: dict[str, Any] | None = None


class Streams:
    """Opens streams. Each holds no connection while it waits."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._open: Counter[str] = Counter()

    def open(self, caller: Caller, wanted: Wanted, wait_seconds: float) -> AsyncIterator[Event]:
        """Raises Problem TOO_MANY_REQUESTS where a party has too many of them open."""
        if self._open[caller.party_id] >= STREAMS_MAX:
            raise Problem("TOO_MANY_REQUESTS", f"{caller.party_id} has {STREAMS_MAX} streams open", 429, retry=True)
        return self._stream(caller, wanted, wait_seconds)

    def changes(self, caller: Caller, trade_id: str, version: int, wait_seconds: float) -> AsyncIterator[int | None]:
        """The versions of a trade after this one as they come, None for a sign of life. Raises Problem TOO_MANY_REQUESTS."""
        if self._open[caller.party_id] >= STREAMS_MAX:
            raise Problem("TOO_MANY_REQUESTS", f"{caller.party_id} has {STREAMS_MAX} streams open", 429, retry=True)
        return self._changes(caller, trade_id, version, time.monotonic() + wait_seconds)

    async def _changes(self, caller: Caller, trade_id: str, version: int, end: float) -> AsyncIterator[int | None]:
        self._open[caller.party_id] += 1
        beat = time.monotonic()
        try:
            yield None
            while not self._queries.closing and time.monotonic() < end:
                now = await self._queries.version(caller, trade_id)
                if now is None:
                    return
                if now > version or time.monotonic() - beat > BEAT_SECONDS:
                    beat = time.monotonic()
                    yield now if now > version else None
                    version = max(now, version)
                await self._queries.pause(LOOK_SECONDS)
        except Unavailable:
            return  # the client comes again
        finally:
            self._open[caller.party_id] -= 1

    async def _stream(self, caller: Caller, wanted: Wanted, wait_seconds: float) -> AsyncIterator[Event]:
        self._open[caller.party_id] += 1
        try:
            async for event in self._events(caller, wanted, time.monotonic() + wait_seconds):
                yield event
        except Unavailable:
            return  # the client comes again, with its cursor
        finally:
            self._open[caller.party_id] -= 1

    async def _events(self, caller: Caller, wanted: Wanted, end: float) -> AsyncIterator[Event]:
        after = said = wanted.after
        yield Event(None)
        while True:
            left = max(0.0, end - time.monotonic())
            page = await self._queries.inbox(caller, after, PAGE, min(left, BEAT_SECONDS), False)
            after = page["next"]
            for item in filter(wanted.holds, page["items"]):
                said = item["position"]
                yield Event(said, item)
            if not page["items"] and (self._queries.closing or time.monotonic() >= end):
                return
            if said != after:
                said = after
                yield Event(after)
            elif not page["items"]:
                yield Event(None)


def encoded(event: Event) -> bytes:
    """As text/event-stream. JSON has no line end in it."""
    if event.position is None:
        return b"retry: %d\n: the line stands\n\n" % AGAIN_MILLISECONDS
    if event.item is None:
        return b"id: %d\n\n" % event.position
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.position, event.item["kind"].encode(), msgspec.json.encode(event.item))
