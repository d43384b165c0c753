"""Receivers that mean harm: answers without end, without haste, or packed; each costs a bounded time and little memory."""

import asyncio
import contextlib
import gzip
import itertools
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tradeflow.adapters.webhook import Webhook

from tests.hostile.test_webhook_addresses import SECRET, outgoing
from tradeflow.ports import ChannelSettings, Failed, RetryLater, SendResult, Sent

MEMORY_BYTES_MAX = 3_000_000
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]
BOMB = gzip.compress(bytes(200_000_000), 1)
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"


async def answered_by(write: Write, seconds: int = 50) -> tuple[SendResult, int]:
    """(result, bytes of memory at the most) of a post to a receiver that answers so."""
    tracemalloc.start()
    try:
        return await posted(write, seconds), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def posted(write: Write, seconds: int) -> SendResult:
    """The result of a post to a receiver that answers so."""

    busy: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                await reader.readuntil(b"\r\n\r\n")
                await write(writer)
        finally:
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.add(asyncio.ensure_future(answer(reader, writer)))

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    webhook = Webhook(ChannelSettings("b", "erp", {"url": url, "timeout_seconds": seconds}, {"signing": [SECRET]}, internal=True))
    try:
        return await webhook.send(outgoing())
    finally:
        await webhook.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        server.close()


def plainly(answer: bytes) -> Write:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return write


async def headers_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    for n in range(200_000):
        writer.write(b"x-%d: %s\r\n" % (n, b"y" * 1_000))
        await writer.drain()


async def one_endless_header(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"x: ")
    for _ in range(500):
        writer.write(b"y" * 100_000)
        await writer.drain()


async def drop_by_drop(writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    for n in range(1_000):
        writer.write(b"x-%d: y\r\n" % n)
        await writer.drain()
        await asyncio.sleep(0.3)


async def a_body_drop_by_drop(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"content-length: 4000\r\n\r\n")
    for _ in range(1_000):
        writer.write(b"y")
        await writer.drain()
        await asyncio.sleep(0.3)


async def a_packed_gigabyte(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB) + BOMB)
    await writer.drain()


async def nothing(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(20)


async def test_what_an_answer_holds_is_not_taken_in():
    megabytes = itertools.count()

    async def a_gigabyte(writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"content-length: 1000000000\r\n\r\n")
        while next(megabytes) < 1_000:
            writer.write(bytes(1_000_000))
            await writer.drain()

    result, memory = await answered_by(a_gigabyte)
    assert isinstance(result, Sent)
    assert next(megabytes) < 100, "the rest of it was read"
    assert memory < MEMORY_BYTES_MAX


async def test_what_an_answer_holds_is_not_unpacked():
    result, memory = await answered_by(a_packed_gigabyte)
    assert isinstance(result, Sent)
    assert memory < MEMORY_BYTES_MAX


@pytest.mark.parametrize("write", [headers_without_end, one_endless_header])
async def test_heads_without_end_are_cut_off(write: Write):
    result, memory = await answered_by(write)
    assert isinstance(result, RetryLater) and "no HTTP" in result.why
    assert memory < MEMORY_BYTES_MAX


@pytest.mark.slow
async def test_who_dawdles_is_given_up():
    tracemalloc.start()
    try:
        results = await asyncio.gather(*(posted(write, 5) for write in (drop_by_drop, a_body_drop_by_drop, nothing)))
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    for result in results:
        assert isinstance(result, RetryLater) and ("no answer within 5 s" in result.why or "no HTTP" in result.why)
    assert memory < MEMORY_BYTES_MAX


@pytest.mark.parametrize("answer", [b"", b"\x00\xff\xfe garbage\r\n\r\n", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort"])  # fmt: skip
async def test_garbage_is_tried_again(answer: bytes):
    result, _ = await answered_by(plainly(answer))
    assert isinstance(result, RetryLater)


async def test_what_a_status_means():
    def said(status: int, *headers: str) -> Write:
        return plainly("\r\n".join([f"HTTP/1.1 {status} X", *headers, "content-length: 0", "", ""]).encode())

    for status in (200, 201, 202, 204):
        assert isinstance((await answered_by(said(status)))[0], Sent)
    gone = (await answered_by(said(410)))[0]
    assert isinstance(gone, Failed) and gone.disables
    for status in (400, 401, 404, 409, 422, 500, 502, 503, 504):
        assert (await answered_by(said(status)))[0] == RetryLater(f"answered {status}")
    assert (await answered_by(said(429, "Retry-After: 120")))[0] == RetryLater("answered 429", 120)
    dated = (await answered_by(said(503, f"Retry-After: {format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)}")))[0]
    assert isinstance(dated, RetryLater) and dated.after_seconds is not None and 3_500 < dated.after_seconds <= 3_600
    assert (await answered_by(said(503, "Retry-After: soon")))[0] == RetryLater("answered 503")
