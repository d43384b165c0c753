"""Sends what waits for channels. Each channel has its own room, so that a slow or dead partner holds up only itself."""

import asyncio
import contextlib
import logging
from collections import Counter

from tradeflow.app.connectors import SEND_SECONDS_MAX, Connectors
from tradeflow.app.hours import is_open
from tradeflow.app.kinds import kinds
from tradeflow.app.payloads import Withheld, payload
from tradeflow.app.printing import Printing
from tradeflow.errors import BadInput, Unavailable
from tradeflow.ports import Failed, Outgoing, RetryLater, SendResult, Sent
from tradeflow.store.dispatches import Dispatch, Dispatches, Line
from tradeflow.store.uow import Store
from tradeflow.worker.ladder import asked, wait_seconds

ROOM = 4  # sends at the same time for one channel of one process, each of another trade
ROOMS_MAX = 200  # and for all channels
POLL_SECONDS = 0.5  # between two looks when nobody wakes it
LOST_EVERY = 10  # looks
LEASE_SECONDS = SEND_SECONDS_MAX + 60
_log = logging.getLogger(__name__)


class Dispatcher:
    """Claims and sends until told to stop. Any number of processes may run one."""

    def __init__(self, store: Store, connectors: Connectors, poll_seconds: float = POLL_SECONDS, printing: Printing | None = None) -> None:
        self._store, self._connectors, self._poll, self._printing = store, connectors, poll_seconds, printing
        self._queue = Dispatches(store, LEASE_SECONDS)
        self._busy: Counter[tuple[str, str]] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something new."""
        self._woken.set()

    async def forever(self) -> None:
        """Until cancelled; then what is being sent is given back."""
        looks = 0
        try:
            while True:
                started = 0
                try:
                    if looks % LOST_EVERY == 0:
                        await self._lost()
                    looks += 1
                    started = await self.look()
                except Unavailable as error:
                    _log.warning("dispatch waits: %s", error)
                except Exception:  # noqa: BLE001 - whatever goes wrong in one look, the next one comes
                    _log.exception("dispatch failed; the next look comes in %g s", self._poll)
                if not started:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._poll):
                            await self._woken.wait()
                self._woken.clear()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look(self) -> int:
        """Claim what there is room for and begin to send it. Returns how many were begun."""
        rooms = [(line, room) for line in await self._queue.lines() if is_open(line.hours, line.now) and (room := self._room(line)) > 0]
        left = ROOMS_MAX - len(self._tasks)
        if not rooms or left <= 0:
            return 0
        lines = {line.key: line for line, _ in rooms}
        claimed = await self._queue.claim([(line, min(room, max(1, left // len(rooms)))) for line, room in rooms][:left])
        for d in claimed:
            self._begin(lines[d.party_id, d.channel], d)
        return len(claimed)

    async def idle(self) -> None:
        """Until nothing is being sent. For tests and for a shutdown."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _room(self, line: Line) -> int:
        """A channel in trouble is tried with one delivery at a time."""
        return (1 if line.failures else ROOM) - self._busy[line.key]

    def _begin(self, line: Line, d: Dispatch) -> None:
        self._busy[line.key] += 1
        task = asyncio.create_task(self._one(line, d), name=f"send {d.delivery_id}")
        self._tasks.add(task)

        def done(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._busy[line.key] -= 1
            self._woken.set()

        task.add_done_callback(done)

    async def _one(self, line: Line, d: Dispatch) -> None:
        try:
            await self._mark(line, d, await self._send(line, d))
        except asyncio.CancelledError:
            with contextlib.suppress(Unavailable):
                await asyncio.shield(self._queue.release(d))
            raise
        except Unavailable as error:
            _log.warning("the result of delivery %s is not stored, its lease will end: %s", d.delivery_id, error)
        except Exception:  # noqa: BLE001 - the lease ends, the attempt counts as lost, and others go on
            _log.exception("delivery %s through channel %s of %s", d.delivery_id, d.channel, d.party_id)

    async def _send(self, line: Line, d: Dispatch) -> SendResult:
        try:
            form = await payload(self._store, d, line)
            printed = await self._printing.of_delivery(d) if self._prints(line, d) and self._printing else b""
        except Unavailable:
            raise
        except Withheld as error:
            return Failed(str(error))
        except BadInput as error:  # nothing that another try would change
            return Failed("; ".join([error.detail, *(f"{f.pointer} {f.message} {f.hint}".strip() for f in error.findings[:3])]))
        outgoing = Outgoing(
            *(d.delivery_id, d.trade_id, d.seq, d.message_id, d.kind, d.type, d.function, d.sender, d.sender_role),
            *(d.party_id, d.role, d.attempts, form.media_type, form.body, d.now, form.suffix, printed),
        )
        result = await self._connectors.send(line, outgoing)
        return Sent("; ".join((result.said, *form.remarks))) if isinstance(result, Sent) and form.remarks else result

    def _prints(self, line: Line, d: Dispatch) -> bool:
        return d.kind == "message" and kinds()[line.kind].prints

    async def _mark(self, line: Line, d: Dispatch, result: SendResult) -> None:
        if isinstance(result, Sent):
            await self._queue.sent(d, result.said)
        elif isinstance(result, RetryLater):
            wait = wait_seconds(d.step, result.after_seconds)
            if wait is None:
                await self._queue.quarantine(d, f"tried {d.attempts} times, last: {result.why}", d.party_id)
            else:
                await self._queue.later(d, result.why, wait, asked(result.after_seconds))
        elif result.disables:
            _log.warning("channel %s of %s is disabled: %s", line.name, line.party_id, result.why)
            await self._queue.disable(d, result.why)
        else:
            await self._queue.quarantine(d, result.why, d.party_id)

    async def _lost(self) -> None:
        for delivery_id in await self._queue.lost():
            _log.error("delivery %s is in quarantine: the workers that sent it died or hung", delivery_id)
