"""Who may call: keys, in both headers; the answer to a wrong one is always the same and costs no body."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.http.description import Description
from tests.http.desk import Desk, order
from tests.http.problems import assert_problem

IDS = {"trade_id": "GLL-2025-0117", "type": "purchase_order", "party_id": "stranger", "name": "s01.json", "file": "purchase_order.json"}
IDS["sha256"] = "0" * 64


async def test_every_operation_but_the_public_ones_asks_for_a_key(desk: Desk, description: Description) -> None:
    for operation in description.operations():
        query = "?to=edifact" if operation.id == "convert" else ""  # it looks at its query first
        reply = await desk.call(operation.method, operation.anywhere(**IDS) + query)
        if operation.public:
            assert reply.status in (200, 404, 415) or reply.code == "OIDC_REFUSED", operation.id
        else:
            assert_problem(reply, 401, "UNAUTHENTICATED", operation.anywhere(**IDS).partition("?")[0])
            assert reply.headers["WWW-Authenticate"] == 'Bearer realm="tradeflow"'


async def test_what_is_wrong_with_a_key_is_not_told(desk: Desk) -> None:
    good = desk.keys["stranger"]
    revoked = (await desk.post("/v1/parties/stranger/keys", "stranger", {"name": "revoked"})).json
    assert (await desk.call("DELETE", f"/v1/keys/{revoked['key_id']}", "stranger")).status == 204
    soon = (datetime.now(UTC) + timedelta(seconds=0.2)).isoformat()
    expired = (await desk.post("/v1/parties/stranger/keys", "stranger", {"name": "expired", "expires_at": soon})).json
    await asyncio.sleep(0.4)
    wrong = [
        f"Bearer {good[:-1]}x",
        f"Bearer {good}x",
        f"Bearer {good.replace('tf_', 'tf_0')}",
        f"Bearer {revoked['key']}",
        f"Bearer {expired['key']}",
        "Bearer tf__",
        "Bearer tf_0000000000000000_x",
        "Bearer " + "x" * 10_000,
        "Bearer tf_' OR 1=1--_x",
        "Bearer ü",
        "Bearer tf_\u00a0_\u00ff",
    ]
    bodies = {(await desk.get("/v1/trades", headers={"Authorization": value})).body for value in wrong}
    assert len(bodies) == 1, "one answer for all"


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "tf_1_2", "Digest x"])
async def test_another_scheme_is_no_key(desk: Desk, value: str) -> None:
    assert_problem(await desk.get("/v1/trades", headers={"Authorization": value}), 401, "UNAUTHENTICATED")


async def test_the_key_may_come_in_either_header(desk: Desk) -> None:
    key = desk.keys["stranger"]
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bearer   {key} "},
        {"X-API-Key": key},
        {"x-api-key": f" {key} "},
    ):
        assert (await desk.get("/v1/trades", headers=headers)).status == 200, headers
    both = {"Authorization": "Bearer wrong", "X-API-Key": key}
    assert_problem(await desk.get("/v1/trades", headers=both), 401, "UNAUTHENTICATED")


async def test_no_body_is_read_before_the_key_is_known(desk: Desk) -> None:
    for path in ("/v1/messages", "/v1/trades", "/v1/trades/GLL-2025-0117/decisions"):
        assert_problem(await desk.post(path, None, b"{" * 300_000, headers={"Content-Type": "text/csv"}), 401, "UNAUTHENTICATED", path)


async def test_a_limited_key_acts_in_its_roles_only(desk: Desk) -> None:
    trade_id = await desk.trade()
    made = await desk.post("/v1/parties/van-der-meer/keys", "van-der-meer", {"name": "limited", "roles": ["notify_party"]})
    limited = {"Authorization": f"Bearer {made.json['key']}"}
    reply = await desk.post("/v1/messages", None, order(trade_id), headers=limited)
    assert_problem(reply, 403, "WRONG_SENDER")
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201


async def test_a_message_of_another_sender(desk: Desk) -> None:
    assert_problem(await desk.lodge(order(await desk.trade()), "golden-lantern"), 403, "WRONG_SENDER")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/parties", {"party_id": "pirates", "name": "Pirates"}),
        ("PUT", "/v1/sandbox/clock", {"advance": 1}),
        ("POST", "/v1/sandbox/trades", {"participants": [{"party_id": "stranger", "role": "exporter"}]}),
        ("GET", "/v1/metrics", None),
    ],
)
async def test_what_only_the_operator_may(desk: Desk, method: str, path: str, body: object) -> None:
    assert_problem(await desk.call(method, path, "stranger", body), 403, "FORBIDDEN", path)


async def test_a_revoked_key_ends_at_once_and_again_is_harmless(desk: Desk) -> None:
    made = (await desk.post("/v1/parties/stranger/keys", "stranger", {"name": "short"})).json
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (await desk.get("/v1/trades", headers=headers)).status == 200
    for _ in range(2):
        reply = await desk.call("DELETE", f"/v1/keys/{made['key_id']}", "stranger")
        assert (reply.status, reply.body) == (204, b"")
    assert_problem(await desk.get("/v1/trades", headers=headers), 401, "UNAUTHENTICATED")
    listed = (await desk.get("/v1/parties/stranger/keys", "stranger")).json["items"]
    assert [key["revoked_at"] is not None for key in listed if key["key_id"] == made["key_id"]] == [True]
    assert made["key"] not in str(listed) and "secret" not in str(listed)
