"""Streams of what happens for a party, from a cursor on: the inbox by itself, or with everything the party may see."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.comments import Comments
from tradeflow.app.feed import BEGINNING, Feed
from tradeflow.app.queries import POLL_SECONDS, Queries
from tradeflow.errors import Problem, Unavailable
from tradeflow.language.sentences import say

STREAMS_MAX = 16  # open for one party in one process
PAGE = 100
BEAT_SECONDS = 15.0  # after so long without anything a comment says that the line stands
LOOK_SECONDS = 1.0  # how often a trade that somebody watches is looked at
AGAIN_MILLISECONDS = 1_000
INBOX = frozenset({"inbox"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far somebody has read: the position in its inbox, and the transaction of everything else."""

    position: int
    xid: int = BEGINNING

    @classmethod
    def of(cls, text: str) -> "Cursor":
        """As it stands in the id of an event: "7", or "7-1234"."""
        position, _, xid = text.partition("-")
        return cls(int(position), int(xid.replace("m", "-")) if xid else BEGINNING)

    def written(self, topics: frozenset[str]) -> str:
        """The id of an event; of the inbox alone its position. What was there before transactions were numbered is below 0: "m3"."""
        return f"{self.position}" if topics == INBOX else f"{self.position}-{str(self.xid).replace('-', 'm')}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """From where on, and what of it. `type` and `kind` are about the inbox, `trade_id` about everything."""

    after: Cursor
    trade_id: str = ""
    type: str = ""
    kind: str = ""
    topics: frozenset[str] = INBOX

    def holds(self, item: dict[str, Any]) -> bool:
        return self.trade_id in ("", item["trade_id"]) and item["type"].startswith(self.type) and self.kind in ("", item["kind"])


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or, without an item, the news that the cursor moved on (`id`) or that nothing did (None)."""

    id: str | None
    name: str = ""
    item: dict[str, Any] | None = None


class Streams:
    """Opens streams. Each holds no connection while it waits."""

    def __init__(self, queries: Queries, feed: Feed, comments: Comments) -> None:
        self._queries, self._feed, self._comments = queries, feed, comments
        self._open: Counter[str] = Counter()

    def open(self, caller: Caller, wanted: Wanted, wait_seconds: float) -> AsyncIterator[Event]:
        """Raises Problem TOO_MANY_REQUESTS where a party has too many of them open."""
        if self._open[caller.party_id] >= STREAMS_MAX:
            raise Problem(
                "TOO_MANY_REQUESTS",
                say("%(party_id)s has %(STREAMS_MAX)s streams open", party_id=caller.party_id, STREAMS_MAX=STREAMS_MAX),
                429,
                retry=True,
            )
        return self._stream(caller, wanted, wait_seconds)

    async def end(self, caller: Caller) -> Cursor:
        """The cursor of somebody who wants only what comes."""
        return Cursor(await self._queries.last_position(caller), await self._feed.end())

    def changes(self, caller: Caller, trade_id: str, version: int, said: str, wait_seconds: float) -> AsyncIterator[tuple[int, str] | None]:
        """The version of a trade and the id of its last comment whenever one moves on from these; None for a sign of life.

        Raises Problem TOO_MANY_REQUESTS.
        """
        if self._open[caller.party_id] >= STREAMS_MAX:
            raise Problem(
                "TOO_MANY_REQUESTS",
                say("%(party_id)s has %(STREAMS_MAX)s streams open", party_id=caller.party_id, STREAMS_MAX=STREAMS_MAX),
                429,
                retry=True,
            )
        return self._changes(caller, trade_id, (version, said), time.monotonic() + wait_seconds)

    async def _changes(self, caller: Caller, trade_id: str, at: tuple[int, str], end: float) -> AsyncIterator[tuple[int, str] | None]:
        self._open[caller.party_id] += 1
        beat, looked = time.monotonic(), at[1]
        try:
            yield None
            while not self._queries.closing and time.monotonic() < end:
                version = await self._queries.version(caller, trade_id)
                if version is None:
                    return
                now = max(version, at[0]), at[1]
                if (newest := await self._comments.newest(caller, trade_id)) > looked:
                    looked = newest
                    now = now[0], max(now[1], (await self._comments.conversation(caller, trade_id))["last"])
                if now != at or time.monotonic() - beat > BEAT_SECONDS:
                    beat = time.monotonic()
                    yield now if now != at else None
                    at = now
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
        at = said = wanted.after
        beat = time.monotonic()
        yield Event(None)
        while True:
            before, found = at, False
            read, at = await self._read(caller, wanted, at, end)
            for here, event in read:
                said, found = here, True
                yield event
            quiet, due = not found and at.position == before.position, time.monotonic() - beat >= BEAT_SECONDS
            over = quiet and (self._queries.closing or time.monotonic() >= end)
            if at.position != said.position or (at != said and (due or over)):
                said, beat = at, time.monotonic()
                yield Event(at.written(wanted.topics))
            elif due and not over:
                beat = time.monotonic()
                yield Event(None)
            if over:
                return
            if quiet and wanted.topics != INBOX:  # the inbox alone waits by itself
                await self._queries.pause(min(POLL_SECONDS, max(0.0, end - time.monotonic())))

    async def _read(self, caller: Caller, wanted: Wanted, at: Cursor, end: float) -> tuple[list[tuple[Cursor, Event]], Cursor]:
        """One look at everything that is wanted: each event with the cursor after it, and the cursor after all."""
        found: list[tuple[Cursor, Event]] = []
        if "inbox" in wanted.topics:
            wait = min(max(0.0, end - time.monotonic()), BEAT_SECONDS) if wanted.topics == INBOX else 0
            page = await self._queries.inbox(caller, at.position, PAGE, wait, False)
            for item in filter(wanted.holds, page["items"]):
                here = Cursor(item["position"], at.xid)
                found.append((here, Event(here.written(wanted.topics), item["kind"], item)))
            at = Cursor(page["next"], at.xid)
        if wanted.topics != INBOX:
            news, upto = await self._feed.since(caller, at.xid, wanted.topics, wanted.trade_id)
            for n, one in enumerate(news):
                # the cursor moves on with the last event of a transaction: a line that breaks before it gets all of them again
                if n + 1 == len(news) or news[n + 1].xid != one.xid:
                    at = Cursor(at.position, one.xid)
                found.append((at, Event(at.written(wanted.topics), one.topic, one.item)))
            at = Cursor(at.position, upto)
        return found, at


def encoded(event: Event) -> bytes:
    """As text/event-stream. JSON has no line end in it."""
    if event.id is None:
        return b"retry: %d\n: the line stands\n\n" % AGAIN_MILLISECONDS
    if event.item is None:
        return b"id: %s\n\n" % event.id.encode()
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (event.id.encode(), event.name.encode(), msgspec.json.encode(event.item))
