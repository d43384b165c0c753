"""What every request passes: ids, log lines, headers, counters."""

import io
import json
import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog

from tests.http import wire
from tests.http.desk import Desk, order, reference
from tradeflow import logs
from tradeflow.settings import Settings


async def test_every_answer_has_a_request_id(desk: Desk) -> None:
    ids = {
        (await desk.get(path)).headers["X-Request-ID"] for path in ("/health/live", "/v1/trades", "/nothing", "/docs", "/v1/catalogue/x")
    }
    assert len(ids) == 5 and all(uuid.UUID(id).version == 7 for id in ids)


@pytest.mark.parametrize("given", ["order-4711", "a.b_c:D-9", "x" * 64])
async def test_a_request_id_of_the_caller_is_kept(desk: Desk, given: str) -> None:
    assert (await desk.get("/health/live", headers={"X-Request-ID": given})).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "<script>", "ä", "a;b", "a\\n"])
async def test_a_request_id_that_could_harm_a_log_is_replaced(desk: Desk, given: str) -> None:
    made = (await desk.get("/health/live", headers={"X-Request-ID": given})).headers["X-Request-ID"]
    assert made != given and uuid.UUID(made)


async def test_head_is_get_without_the_body(desk: Desk) -> None:
    for path in ("/health/live", "/v1/catalogue/purchase_order", "/docs", "/v1/trades", "/nothing"):
        got, head = await desk.get(path, "operator"), await desk.call("HEAD", path, "operator")
        assert (head.status, head.body) == (got.status, b"")
        same = [name for name in got.headers if name not in ("Date", "X-Request-ID")]
        assert {name: head.headers.get(name) for name in same} == {name: got.headers[name] for name in same}, path


async def test_options_lists_methods_and_allows_no_other_origin(desk: Desk) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for reply in (await desk.call("OPTIONS", "/v1/trades", headers=headers), await desk.get("/v1/trades", "operator", headers=headers)):
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]
    assert "POST" in (await desk.call("OPTIONS", "/v1/trades")).headers["Allow"]


async def test_answers_are_not_kept_unless_they_are_public(desk: Desk) -> None:
    for path in ("/v1/trades", "/v1/inbox", "/v1/nothing", "/health/ready"):
        reply = await desk.get(path, "operator")
        assert (reply.headers["Cache-Control"], reply.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert (await desk.get("/v1/catalogue")).headers["Cache-Control"] == "public, max-age=300"


async def test_an_answer_does_not_name_its_software(desk: Desk) -> None:
    assert "Server" not in (await desk.get("/health/live")).headers


@pytest.mark.parametrize(
    "path", ["/v1/trades/%00", "/v1/trades/A%00B", "/%2e%2e/%2e%2e/etc/passwd", "/v1/samples/..%2f..%2f/s01.json", "/v1/trades/%ff%fe"]
)
async def test_addresses_nobody_should_ask_for(desk: Desk, path: str) -> None:
    raw = wire.head("GET", path, desk.keys["stranger"])
    reply = await wire.send(desk.base_url, raw)
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json"), reply.body


@pytest.mark.parametrize("query", ["before=%00", "before=a%00b", "before=%ed%a0%80", "before=%ff", "role=%00"])
async def test_parameters_no_database_can_hold(desk: Desk, query: str) -> None:
    for path in ("/v1/trades", f"/v1/trades/{await desk.trade()}/allowed"):
        reply = await wire.send(desk.base_url, wire.head("GET", f"{path}?{query}", desk.keys["van-der-meer"]))
        assert reply.status in (200, 403, 422), reply.body


async def test_a_bad_host_is_a_problem(desk: Desk) -> None:
    reply = await wire.send(desk.base_url, b"GET /health/live HTTP/1.1\r\nHost: a b\r\n\r\n")
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the hub writes to its log, as it is set up in production."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    logs.configure(Settings(log_json=True))
    stream = io.StringIO()
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**kept)


async def test_the_log_has_one_line_for_a_request_and_nothing_of_its_content(desk: Desk, lines: io.StringIO) -> None:
    trade_id, secret = reference(), "UNMISTAKABLE"
    message = order(trade_id)
    message["document"]["remarks"] = secret
    headers = {"X-Request-ID": "line-1", "X-Secret": secret}
    reply = await desk.lodge(message, "van-der-meer", **headers)
    await desk.get(f"/v1/trades?before={secret}", "van-der-meer")
    said = lines.getvalue()
    mine = [line for line in map(json.loads, said.splitlines()) if line.get("request_id") == "line-1"]
    assert [(x["method"], x["path"], x["status"], x["party"]) for x in mine] == [("POST", "/v1/messages", reply.status, "van-der-meer")]
    assert mine[0]["ms"] > 0
    assert secret not in said
    assert not [key for key in desk.keys.values() if key in said or key.split("_")[2] in said]


async def test_a_line_break_in_an_address_does_not_make_a_line(desk: Desk, lines: io.StringIO) -> None:
    await wire.send(desk.base_url, wire.head("GET", "/v1/%0a%7b%22level%22:%22forged%22%7d", "tf_1_2"))
    assert all(json.loads(line)["level"] != "forged" for line in lines.getvalue().splitlines())


async def test_requests_are_counted_by_route(desk: Desk) -> None:
    trade_id = await desk.trade()
    for _ in range(3):
        await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")
    await desk.get("/v1/" + "x" * 50)
    reply = await desk.get("/v1/metrics", "operator")
    text = reply.body.decode()
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    counts = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if not line.startswith("#")}
    assert counts['tradeflow_http_requests_total{method="GET",route="/v1/trades/{trade_id}",status="200"}'] >= 3
    assert counts['tradeflow_http_requests_total{method="GET",route="none",status="404"}'] >= 1
    assert trade_id not in text and "xxxx" not in text
    infinite = counts['tradeflow_http_request_seconds_bucket{route="/v1/trades/{trade_id}",le="+Inf"}']
    assert infinite == counts['tradeflow_http_request_seconds_count{route="/v1/trades/{trade_id}"}'] >= 3
    assert counts["process_resident_memory_bytes"] > 10_000_000
