"""Every refusal has one shape, whoever refuses: the router, the parser, a rule, the process, the database, a defect."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from litestar import get

from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tradeflow.api.app import create_app
from tradeflow.api.codes import title
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.embedded import Postgres
from tradeflow.errors import Problem
from tradeflow.language.catalogues import chosen, translations
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings
from tradeflow.store import migrations

TRADES = "/v1/trades"
CAST = [{"party_id": "van-der-meer", "role": "importer"}]


async def test_a_refusal_is_said_in_the_language_that_is_asked_for(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    del message["lines"]
    said = {}
    for language in ("", "zh-TW", "zh-Hans-CN", "tlh"):
        reply = await desk.lodge(message, "van-der-meer", **({"Accept-Language": language} if language else {}))
        assert_problem(reply, 422, "SCHEMA_INVALID", "/v1/messages")
        said[language] = reply.json["detail"], reply.json["findings"][0]["message"], reply.headers.get("Content-Language", "en")
        titled = reply.json["title"], (await desk.get("/v1/nothing", headers={"Accept-Language": language or "en"})).json["title"]
        assert titled == tuple(translations(chosen("", language)).gettext(title(code, 0)) for code in ("SCHEMA_INVALID", "NOT_FOUND"))
    assert translations("zh_Hant").gettext(title("NOT_FOUND", 404)) == "此網址沒有內容"
    assert said[""] == said["tlh"] and said[""][2] == "en"
    assert "採購訂單" in said["zh-TW"][0] and "缺少" in said["zh-TW"][1] and said["zh-TW"][2] == "zh-Hant"
    assert "采购订单" in said["zh-Hans-CN"][0] and said["zh-Hans-CN"][2] == "zh-Hans"


async def test_an_address_that_does_not_exist(desk: Desk) -> None:
    assert_problem(await desk.get("/v1/nothing"), 404, "NOT_FOUND", "/v1/nothing")


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT", "TRACE", "CONNECT", "PROPFIND"])
async def test_a_method_that_the_address_does_not_take(desk: Desk, method: str) -> None:
    if method == "CONNECT":
        pytest.skip("a client cannot send it to a path")
    reply = await desk.call(method, TRADES, "operator")
    assert_problem(reply, 405, "METHOD_NOT_ALLOWED", TRADES)
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/trades?limit=0", "query/limit"),
        ("/v1/trades?limit=501", "query/limit"),
        ("/v1/trades?limit=many", "query/limit"),
        ("/v1/trades?limit=nan", "query/limit"),
        ("/v1/trades?limit=" + "9" * 400, "query/limit"),
        ("/v1/inbox?after=-1", "query/after"),
        ("/v1/inbox?after=9223372036854775808", "query/after"),
        ("/v1/inbox?wait_seconds=61", "query/wait_seconds"),
        ("/v1/inbox?wait_seconds=NaN", "query/wait_seconds"),
        ("/v1/inbox?unacknowledged=perhaps", "query/unacknowledged"),
        ("/v1/trades/T-00001/documents/purchase_order/1?version=0", "query/version"),
        ("/v1/trades/T-00001/documents/purchase_order/1?version=2147483648", "query/version"),
    ],
)
async def test_a_parameter_out_of_range(desk: Desk, path: str, place: str) -> None:
    body = assert_problem(await desk.get(path, "operator"), 422, "INVALID_REQUEST", path.partition("?")[0])
    assert [(finding["rule"], finding["pointer"]) for finding in body["findings"]] == [("REQUEST", place)]


@pytest.mark.parametrize("key", ["", " ", "ä", "a" * 101, "a b"])
async def test_an_idempotency_key_out_of_form(desk: Desk, key: str) -> None:
    reply = await desk.post(TRADES, "operator", {"participants": CAST}, headers={"Idempotency-Key": key})
    body = assert_problem(reply, 422, "INVALID_REQUEST", TRADES)
    assert body["findings"][0]["pointer"].lower() in ("header/idempotency-key", "header/idempotency_key")


BODIES: dict[str, tuple[bytes, int, str, str]] = {
    "nothing": (b"", 400, "MALFORMED", ""),
    "not JSON": (b"{", 400, "MALFORMED", ""),
    "no object": (b"[]", 400, "MALFORMED", ""),
    "null": (b"null", 400, "MALFORMED", ""),
    "not UTF-8": (b'{"trade_id": "\xff"}', 400, "MALFORMED", ""),
    "a member twice": (b'{"participants": [], "participants": []}', 400, "MALFORMED", ""),
    "not a number": (b'{"participants": NaN}', 400, "MALFORMED", ""),
    "deep": (b'{"terms":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "MALFORMED", ""),
    "a huge number": (b'{"participants": ' + b"9" * 5000 + b"}", 422, "INVALID_REQUEST", "/participants"),
    "nothing in it": (b"{}", 422, "INVALID_REQUEST", ""),
    "an unknown member": (b'{"participants": [{"party_id": "aa", "role": "exporter"}], "x": 1}', 422, "INVALID_REQUEST", ""),
    "nobody": (b'{"participants": []}', 422, "INVALID_REQUEST", "/participants"),
    "another type": (b'{"participants": "all"}', 422, "INVALID_REQUEST", "/participants"),
    "half a participant": (b'{"participants": [{"party_id": "aa"}]}', 422, "INVALID_REQUEST", "/participants/0"),
    "a bad id": (b'{"participants": [{"party_id": "A A", "role": "x"}]}', 422, "INVALID_REQUEST", "/participants/0/party_id"),
    "a line break": (b'{"participants": [{"party_id": "aa\\n", "role": "exporter"}]}', 422, "INVALID_REQUEST", "/participants/0/party_id"),
    "a NUL": (b'{"participants": [{"party_id": "a\\u0000", "role": "exporter"}]}', 422, "INVALID_REQUEST", "/participants/0/party_id"),
    "half a character": (
        b'{"participants": [{"party_id": "a\\ud800", "role": "exporter"}]}',
        422,
        "INVALID_REQUEST",
        "/participants/0/party_id",
    ),
    "a NUL in a name": (b'{"a\\u0000": 1}', 422, "INVALID_REQUEST", "/…"),
    "terms with numbers": (
        b'{"participants": [{"party_id": "aa", "role": "exporter"}], "terms": {"incoterm": 5}}',
        422,
        "INVALID_REQUEST",
        "/terms/…",
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_does_not_fit(desk: Desk, name: str) -> None:
    content, status, code, pointer = BODIES[name]
    reply = await desk.post(TRADES, "van-der-meer", content, headers={"Content-Type": "application/json"})
    body = assert_problem(reply, status, code, TRADES)
    if status == 422:
        assert [finding["pointer"] for finding in body["findings"]] == [pointer]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=latin1", "a/b/c"]
)
async def test_a_content_type_that_is_not_json(desk: Desk, content_type: str) -> None:
    reply = await desk.post(TRADES, "van-der-meer", b"{}", headers={"Content-Type": content_type})
    assert_problem(reply, 415, "UNSUPPORTED_MEDIA_TYPE", TRADES)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"now": "2025-01-06T10:00:00Z", "advance": 1}, ""),
        ({"now": "2025-01-06T10:00:00"}, "/now"),
        ({"now": "1989-12-31T00:00:00Z"}, "/now"),
        ({"now": "yesterday"}, "/now"),
        ({"advance": "P1Y"}, "/advance"),
        ({"advance": 10**30}, "/advance"),
        ({"advance": -(10**30)}, "/advance"),
        ({"advance": "P999999D"}, "/advance"),
        ({"advance": 1.5}, "/advance"),
    ],
)
async def test_a_clock_that_cannot_be(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    reply = await desk.call("PUT", "/v1/sandbox/clock", "operator", body)
    assert [f["pointer"] for f in assert_problem(reply, 422, "INVALID_REQUEST")["findings"]] == [pointer]


async def test_keys_for_roles_that_do_not_exist(desk: Desk) -> None:
    reply = await desk.post("/v1/parties/stranger/keys", "stranger", {"name": "x", "roles": ["exporter", "pirate"]})
    body = assert_problem(reply, 422, "INVALID_REQUEST")
    assert (body["findings"][0]["pointer"], body["findings"][0]["found"]) == ("/roles", ["pirate"])


async def test_a_schema_that_is_not_met_and_a_rule_that_is_not(desk: Desk) -> None:
    trade_id = await desk.trade()
    wrong = order(trade_id)
    wrong["currency"], wrong["lines"][0]["hs_code"] = "USDX", "94054"
    del wrong["document"]["issue_date"]
    body = assert_problem(await desk.lodge(wrong, "van-der-meer"), 422, "SCHEMA_INVALID")
    assert {f["pointer"] for f in body["findings"]} >= {"/currency", "/lines/0/hs_code", "/document/issue_date"}
    wrong = order(trade_id)
    wrong["totals"]["total"]["value"] = "1"
    body = assert_problem(await desk.lodge(wrong, "van-der-meer"), 422, "RULE_VIOLATION")
    assert any(f["found"] and f["expected"] and f["hint"] for f in body["findings"])


async def test_a_process_that_is_elsewhere(desk: Desk) -> None:
    trade_id = await desk.trade()
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    body = assert_problem(await desk.lodge(order(trade_id), "van-der-meer"), 409, "STALE_VERSION", "/v1/messages")
    assert {"order_cancellation", "purchase_order"} <= {action.get("message") for action in body["allowed"]}


async def test_accept_what_the_hub_does_not_have(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    path = f"/v1/trades/{trade_id}/documents/purchase_order/{message['document']['number']}"
    assert_problem(await desk.get(path, "van-der-meer", headers={"Accept": "text/calendar"}), 406, "NOT_ACCEPTABLE", path)
    for accept in (";;;", "q=", "a", ",,,", "application/json;q=x"):
        assert (await desk.get(path, "van-der-meer", headers={"Accept": accept})).status in (200, 406), accept
    for accept, given in {
        "application/xml": "application/xml",
        "text/html, application/xml;q=0.9, */*;q=0.1": "application/xml",
        "*/*": "application/json",
        "application/*": "application/json",
        "application/xml;q=0.5, application/json": "application/json",
    }.items():
        reply = await desk.get(path, "van-der-meer", headers={"Accept": accept})
        assert (reply.status, reply.headers["Content-Type"], reply.headers["Vary"]) == (200, given, "Accept"), accept


@pytest.fixture
async def broken(hub: Hub) -> AsyncIterator[str]:
    """A server with one more route, which has a defect."""

    @get("/v1/defect")
    async def defect() -> None:
        raise ZeroDivisionError("the secret of the defect")

    @get("/v1/busy")
    async def busy() -> None:
        raise Problem("TOO_MANY_REQUESTS", "Not so fast.", 429, retry=True)

    app = create_app(hub)
    app.register(defect)
    app.register(busy)
    async with Listener(app, "127.0.0.1", 0) as listener:
        yield listener.base_url


async def test_a_defect_of_ours_is_told_by_its_number_only(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    async with aiohttp.ClientSession() as session:
        with caplog.at_level(logging.ERROR):
            reply = await Desk(broken, session).get("/v1/defect")
    body = assert_problem(reply, 500, "INTERNAL", "/v1/defect")
    assert b"secret" not in reply.body and b"Zero" not in reply.body
    assert body["incident"] in caplog.text and "the secret of the defect" in caplog.text


async def test_slow_down_has_its_shape_too(broken: str) -> None:
    async with aiohttp.ClientSession() as session:
        reply = await Desk(broken, session).get("/v1/busy")
    assert assert_problem(reply, 429, "TOO_MANY_REQUESTS")["retry"] is True
    assert int(reply.headers["Retry-After"]) > 0


@pytest.fixture
def own_server(servers_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that this test may stop; started before the event loop, as it must be."""
    with Postgres(servers_folder / "lost", durable=False) as server:
        migrations.upgrade(server.dsn)
        yield server


async def test_without_its_database_the_hub_is_alive_but_not_ready(own_server: Postgres, tmp_path: Path) -> None:
    hub = await Hub.open(Settings(data_dir=tmp_path), own_server.dsn, NullDoorbell())
    key = await operator_key(hub.store)
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        desk = Desk(listener.base_url, session, {"operator": key})
        assert (await desk.get("/health/ready")).json["status"] == "ready"
        own_server.stop()
        assert (await desk.get("/health/live")).status == 200
        for path in ("/health/ready", "/v1/trades", "/v1/inbox", "/v1/trades/GLL-2025-0117"):
            reply = await desk.get(path, "operator")
            assert assert_problem(reply, 503, "DATABASE_UNREACHABLE", path)["retry"] is True
            assert int(reply.headers["Retry-After"]) > 0
        assert (await desk.get("/v1/catalogue/purchase_order")).status == 200
    await hub.close()


async def test_a_production_hub_does_not_set_its_clock(database: str, tmp_path: Path) -> None:
    hub = await Hub.open(Settings(data_dir=tmp_path), database, NullDoorbell())
    async with Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        desk = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        assert (await desk.get("/v1/sandbox/clock", "operator")).json["sandbox"] is False
        assert_problem(await desk.call("PUT", "/v1/sandbox/clock", "operator", {"advance": 1}), 403, "NOT_A_SANDBOX")
        seed = {"participants": [{"party_id": "golden-lantern", "role": "exporter"}]}
        assert_problem(await desk.post("/v1/sandbox/trades", "operator", seed), 403, "NOT_A_SANDBOX")
    await hub.close()
