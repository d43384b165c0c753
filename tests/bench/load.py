"""The load generator: sends requests that were made before, and looks at the clock. It runs in a process of its own and costs little."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import uvloop

from tests.bench.figures import Measured

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HttpLoad:
    """Requests for an HTTP server, byte for byte; one connection for each client, which waits for each answer."""

    host: str
    port: int
    clients: tuple[tuple[bytes, ...], ...]


def request(path: str, body: bytes, content_type: str, key: str = "") -> bytes:
    """A POST as HTTP/1.1 sends it."""
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def send(load: HttpLoad) -> Measured:
    """Send everything, all clients at the same time."""

    async def go() -> Measured:
        connections = [await asyncio.open_connection(load.host, load.port) for _ in load.clients]
        jobs = [
            [_exchange(reader, writer, message) for message in requests]
            for (reader, writer), requests in zip(connections, load.clients, strict=True)
        ]
        measured = await timed(jobs)
        for _, writer in connections:
            writer.close()
        return measured

    return run(go())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on the fastest loop there is: neither load nor baseline shall be slow by themselves."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def timed(clients: Sequence[Sequence[Callable[[], Awaitable[int]]]]) -> Measured:
    """All jobs of each client one after the other, the clients side by side. A job returns the status it got."""
    latencies: list[float] = []
    statuses: Counter[int] = Counter()

    async def client(jobs: Sequence[Callable[[], Awaitable[int]]]) -> None:
        for job in jobs:
            began = time.perf_counter()
            statuses[await job()] += 1
            latencies.append((time.perf_counter() - began) * 1000)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(client(jobs) for jobs in clients))
    return Measured(time.perf_counter() - began, latencies, dict(statuses), time.process_time() - cpu)


def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes) -> Callable[[], Awaitable[int]]:
    async def job() -> int:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        return int(head[9:12])

    return job
