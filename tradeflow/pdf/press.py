"""Prints in processes of their own: a document that takes too long ends its process, and nothing else. The event loop only waits."""

import asyncio
import sys
from collections import deque
from contextlib import suppress

import msgspec

from tradeflow.errors import Problem
from tradeflow.language.sentences import say
from tradeflow.pdf.page import Job
from tradeflow.pdf.worker import DONE, TOO_LONG

QUEUE_PER_PROCESS_MAX = 8
JOBS_PER_PROCESS_MAX = 500  # typst keeps what it has laid out: a new process forgets it
_HEAD = 5  # one byte of outcome, four of length


class Press:
    """At most `processes` documents are printed at a time, each within `seconds_max`.

    A short queue waits; the rest is told to come again.
    """

    def __init__(self, processes: int = 2, seconds_max: float = 20) -> None:
        self._seconds_max, self._queue_max = seconds_max, processes * (QUEUE_PER_PROCESS_MAX + 1)
        self._turn = asyncio.Semaphore(processes)
        self._idle: deque[tuple[asyncio.subprocess.Process, int]] = deque()
        self._asked = 0

    async def printed(self, job: Job) -> bytes:
        """The PDF of a document. Raises Problem: TRY_AGAIN where too many wait, NOT_PRINTABLE where it is too long or takes too long."""
        if self._asked >= self._queue_max:
            raise Problem("TRY_AGAIN", "many documents are being printed; ask for this one again", 503)
        self._asked += 1
        try:
            async with self._turn:
                return await self._print(job)
        finally:
            self._asked -= 1

    async def _print(self, job: Job) -> bytes:
        process, jobs = await self._process()
        kept = False
        try:
            async with asyncio.timeout(self._seconds_max):
                outcome, body = await _ask(process, msgspec.msgpack.encode(job))
            kept = jobs + 1 < JOBS_PER_PROCESS_MAX
        except TimeoutError:
            raise Problem(
                "NOT_PRINTABLE",
                say("printing %(type)s took longer than %(seconds_max)s seconds", type=job.type, seconds_max=f"{self._seconds_max:g}"),
                422,
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Problem("NOT_PRINTABLE", say("%(type)s could not be printed with the memory there is", type=job.type), 422) from None
        finally:
            if kept:
                self._idle.append((process, jobs + 1))
            else:
                await _end(process)
        if outcome == TOO_LONG:
            raise Problem("NOT_PRINTABLE", body.decode(), 422)
        if outcome != DONE:
            raise RuntimeError(f"printing failed: {body.decode()}")
        return body

    async def _process(self) -> tuple[asyncio.subprocess.Process, int]:
        while self._idle:
            process, jobs = self._idle.pop()
            if process.returncode is None:
                return process, jobs
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "tradeflow.pdf.worker", stdin=pipe, stdout=pipe), 0

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await _end(self._idle.pop()[0])


async def _ask(process: asyncio.subprocess.Process, job: bytes) -> tuple[bytes, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(len(job).to_bytes(4, "big") + job)
    await process.stdin.drain()
    head = await process.stdout.readexactly(_HEAD)
    return head[:1], await process.stdout.readexactly(int.from_bytes(head[1:], "big"))


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
