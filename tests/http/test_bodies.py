"""Bodies: how large, how announced, how sent. Too much is refused early, and nothing of it is kept."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import psutil
import pytest

from tests.http import wire
from tests.http.conftest import BODY_BYTES_MAX
from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tradeflow.api.body import BODY_BYTES_MAX as SMALL_BYTES_MAX
from tradeflow.bundle import bundle_root

JSON = {"Content-Type": "application/json"}


def padded(size: int) -> bytes:
    return b"{" + b" " * (size - 2) + b"}"


async def test_one_byte_too_many(desk: Desk) -> None:
    exact = await desk.lodge(padded(BODY_BYTES_MAX), "van-der-meer")
    assert exact.code == "UNKNOWN_MESSAGE", "read, and found to be no message"
    assert_problem(await desk.lodge(padded(BODY_BYTES_MAX + 1), "van-der-meer"), 413, "TOO_LARGE", "/v1/messages")


@pytest.mark.parametrize("path", ["/v1/trades", "/v1/trades/GLL-2025-0117/decisions", "/v1/parties/stranger/keys"])
async def test_small_bodies_have_a_smaller_limit(desk: Desk, path: str) -> None:
    assert_problem(await desk.post(path, "van-der-meer", padded(SMALL_BYTES_MAX + 1), headers=JSON), 413, "TOO_LARGE", path)


async def test_a_body_announced_too_large_is_refused_before_it_is_sent(desk: Desk) -> None:
    key = desk.keys["van-der-meer"]
    for length in ("20000000", "9" * 18):
        async with asyncio.timeout(60):  # the body never comes
            reply = await wire.send(
                desk.base_url, wire.head("POST", "/v1/messages", key, Content_Type="application/json", Content_Length=length)
            )
        assert (reply.status, reply.json["code"]) == (413, "TOO_LARGE")


async def test_whoever_asks_before_sending_is_told_before_sending(desk: Desk) -> None:
    async with wire.connect(desk.base_url) as (reader, writer):
        writer.write(
            wire.head(
                "POST",
                "/v1/messages",
                desk.keys["van-der-meer"],
                Content_Type="application/json",
                Content_Length="20000000",
                Expect="100-continue",
            )
        )
        first = await asyncio.wait_for(reader.readline(), 60)
        assert first.startswith(b"HTTP/1.1 413"), "and not 100 Continue"


async def test_whoever_asks_before_sending_may_send(desk: Desk) -> None:
    async with wire.connect(desk.base_url) as (reader, writer):
        writer.write(
            wire.head(
                "POST",
                "/v1/messages",
                desk.keys["van-der-meer"],
                Content_Type="application/json",
                Content_Length="2",
                Expect="100-continue",
            )
        )
        assert (await asyncio.wait_for(reader.readline(), 60)).startswith(b"HTTP/1.1 100")
        await reader.readline()
        writer.write(b"{}")
        assert (await wire.answer(reader)).json["code"] == "UNKNOWN_MESSAGE"


async def test_a_body_in_chunks(desk: Desk) -> None:
    trade_id = await desk.trade()
    whole = json.dumps(order(trade_id)).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 100):
            yield whole[at : at + 100]

    headers = {**JSON, "Authorization": f"Bearer {desk.keys['van-der-meer']}"}
    async with desk.session.post(desk.base_url + "/v1/messages", data=chunks(), headers=headers) as answer:
        assert answer.status == 201


async def test_chunks_without_end_are_refused_at_the_limit(desk: Desk) -> None:
    process, chunk = psutil.Process(), b"10000\r\n" + b" " * 65536 + b"\r\n"
    before = process.memory_info().rss
    async with wire.connect(desk.base_url) as (reader, writer):
        writer.write(
            wire.head("POST", "/v1/messages", desk.keys["van-der-meer"], Content_Type="application/json", Transfer_Encoding="chunked")
        )
        for _ in range(BODY_BYTES_MAX // 65536 + 2):
            writer.write(chunk)
            await writer.drain()
        reply = await wire.answer(reader)
        assert (reply.status, reply.json["code"]) == (413, "TOO_LARGE")
        for _ in range(500):  # a sender that does not stop is not stored either
            writer.write(chunk)
            await asyncio.wait_for(writer.drain(), 60)
        assert process.memory_info().rss - before < 30_000_000


@pytest.mark.parametrize(
    "lie",
    [
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: two\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        b"this is no HTTP\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"GET /\xff\xfe HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET /v1/trades HTTP/1.1\r\nHost: hub\r\nX: " + b"x" * 200_000,
        b"GET /" + b"x" * 200_000,
        b"GET /v1/trades HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(20_000)),
    ],
    ids=lambda lie: repr(lie[:60]),
)
async def test_what_is_not_proper_http_is_a_problem_too(desk: Desk, lie: bytes) -> None:
    reply = await wire.send(desk.base_url, lie)
    assert (reply.status, reply.headers["content-type"], reply.json["code"]) == (400, "application/problem+json", "INVALID_REQUEST")
    assert reply.headers["connection"] == "close"


async def test_a_body_shorter_than_announced_changes_nothing(desk: Desk) -> None:
    trade_id = await desk.trade()
    whole = json.dumps(order(trade_id)).encode()
    async with wire.connect(desk.base_url) as (_, writer):
        head = wire.head(
            "POST", "/v1/messages", desk.keys["van-der-meer"], Content_Type="application/json", Content_Length=str(len(whole) + 1)
        )
        writer.write(head + whole)
        await writer.drain()
        await asyncio.sleep(0.2)
        assert (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["version"] == 1


async def test_what_follows_a_body_is_another_request(desk: Desk) -> None:
    head = wire.head("POST", "/v1/messages", desk.keys["van-der-meer"], Content_Type="application/json", Content_Length="2")
    async with wire.connect(desk.base_url) as (reader, writer):
        writer.write(head + b"{}")
        assert (await wire.answer(reader)).json["code"] == "UNKNOWN_MESSAGE"
        writer.write(b"and more\r\n\r\n")
        assert (await wire.answer(reader)).status == 400


@pytest.mark.parametrize(
    "content_type", ["text/html", "", "application/pdf", "application/json; charset=utf-7", "application/xml; charset=ebcdic-cp-us"]
)
async def test_a_message_of_another_media_type(desk: Desk, content_type: str) -> None:
    assert_problem(await desk.lodge(b"{}", "van-der-meer", content_type), 415, "UNSUPPORTED_MEDIA_TYPE", "/v1/messages")


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"", "MALFORMED"),
        ("application/json", b"{", "MALFORMED"),
        ("application/json", b"\xff\xfe{\x00}\x00", "MALFORMED"),
        ("application/json", b"[" * 100_000, "MALFORMED"),
        ("application/xml", b"", "MALFORMED"),
        ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><purchase_order/>', "MALFORMED"),
        ("application/xml", b"<purchase_order", "MALFORMED"),
        ("application/xml", b"<nothing/>", "UNKNOWN_MESSAGE"),
        ("application/json", b'{"message": {"type": "nothing"}}', "UNKNOWN_MESSAGE"),
        ("application/json", b'{"message": {"type": "purchase_order"}}', "SCHEMA_INVALID"),
    ],
)
async def test_bytes_that_are_no_message(desk: Desk, content_type: str, body: bytes, code: str) -> None:
    reply = await desk.lodge(body, "van-der-meer", content_type)
    assert_problem(reply, 422 if code == "SCHEMA_INVALID" else 400, code, "/v1/messages")
    assert reply.json["findings"]


async def test_a_message_id_that_is_no_uuid(desk: Desk) -> None:
    reply = await desk.lodge(order(await desk.trade(), id="4711"), "van-der-meer")
    body = assert_problem(reply, 422, "SCHEMA_INVALID", "/v1/messages")
    assert [(finding["rule"], finding["pointer"], finding["found"]) for finding in body["findings"]] == [
        ("M-GEN-02", "/message/id", "4711")
    ]


async def test_the_original_bytes_come_back_as_they_were(desk: Desk) -> None:
    trade_id = await desk.trade()
    body = (bundle_root() / "documents/purchase_order/samples/valid/s01.xml").read_bytes()
    message_id = uuid.uuid4()
    body = body.replace(b"01943ae2-a700-7c16-81ee-683ef08e1c0e", str(message_id).encode()).replace(b"GLL-2025-0117", trade_id.encode())
    reply = await desk.lodge(body, "van-der-meer", "application/xml; charset=utf-8")
    assert reply.status == 201, reply.body
    again = await desk.get(f"/v1/messages/{trade_id}/{message_id}", "golden-lantern")
    assert (again.body, again.headers["Content-Type"]) == (body, "application/xml")
