"""What a party wants a second person to see is in no trade before that person released it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http.desk import Desk, Reply, order
from tests.http.problems import assert_problem
from tradeflow.app.wiring import Hub

PARTY = "van-der-meer"


@pytest.fixture
async def second(desk: Desk) -> AsyncIterator[str]:
    """Another key of the party, while the party's rules are as the test set them; none afterwards."""
    desk.keys["second"] = (await desk.post(f"/v1/parties/{PARTY}/keys", PARTY, {"name": "second"})).json["key"]
    yield "second"
    await rules(desk)


async def rules(desk: Desk, *items: dict[str, Any]) -> None:
    reply = await desk.call("PUT", "/v1/release-rules", PARTY, {"items": list(items)})
    assert reply.status == 200, reply.body


async def held(desk: Desk, message: Any) -> Any:
    reply = await desk.lodge(message, PARTY)
    assert reply.status == 202, reply.body
    return reply.json


async def settle(desk: Desk, id: str, how: str, by: str, **body: Any) -> Reply:
    return await desk.post(f"/v1/held/{id}/{how}", by, body if how == "reject" else None)


async def version(desk: Desk, trade_id: str) -> int:
    return int((await desk.get(f"/v1/trades/{trade_id}", PARTY)).json["version"])


async def test_a_message_waits_and_a_second_key_releases_it(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    trade_id = await desk.trade()
    message = order(trade_id)
    case = await held(desk, message)
    assert (case["state"], case["type"], case["trade_id"]) == ("waiting", "purchase_order", trade_id)
    assert await version(desk, trade_id) == 1, "nothing is in the trade"
    assert (await held(desk, message))["held_id"] == case["held_id"], "the same message is the same case"
    assert_problem(await settle(desk, case["held_id"], "release", PARTY), 403, "SECOND_PERSON")
    assert (await desk.get(f"/v1/held/{case['held_id']}", second)).json == message
    released = await settle(desk, case["held_id"], "release", second)
    assert released.status == 201 and released.json["receipt"]["version"] == 2
    event = (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json["timeline"][-1]
    prepared = {"change": "acted_for", "prepared_by": desk.keys[PARTY].split("_")[1]}
    assert prepared in event["changes"]
    assert_problem(await settle(desk, case["held_id"], "release", second), 409, "HELD_SETTLED")
    again = await desk.lodge(message, PARTY)
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, released.body, "true")


async def test_two_who_release_at_once_are_one(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    trade_id = await desk.trade()
    case = await held(desk, order(trade_id))
    replies = await asyncio.gather(*(settle(desk, case["held_id"], "release", second) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409]
    assert await version(desk, trade_id) == 2


@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        ({"type": "*", "amount_from": "1.00", "currency": "USD"}, True),
        ({"type": "*", "amount_from": "99999999", "currency": "USD"}, False),
        ({"type": "*", "amount_from": "99999999", "currency": "EUR"}, True),
        ({"type": "commercial_invoice"}, False),
        ({"type": "*"}, True),
    ],
)
async def test_the_amount_and_the_type_say_what_waits(desk: Desk, second: str, rule: dict[str, Any], waits: bool) -> None:
    await rules(desk, rule)
    assert (await desk.lodge(order(await desk.trade()), PARTY)).status == (202 if waits else 201)


async def test_the_rule_of_a_type_counts_before_that_for_all(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "*"}, {"type": "purchase_order", "amount_from": "99999999", "currency": "USD"})
    assert (await desk.lodge(order(await desk.trade()), PARTY)).status == 201


async def test_rejected_is_the_end_and_leaves_the_id_free(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    trade_id = await desk.trade()
    message = order(trade_id)
    case = await held(desk, message)
    rejected = (await settle(desk, case["held_id"], "reject", second, note="Wrong price")).json
    assert (rejected["state"], rejected["note"]) == ("rejected", "Wrong price")
    assert_problem(await settle(desk, case["held_id"], "release", second), 409, "HELD_SETTLED")
    await rules(desk)
    assert (await desk.lodge(message, PARTY)).status == 201


async def test_what_the_main_path_refuses_waits_on(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    trade_id = await desk.trade()
    wrong = order(trade_id)
    wrong["totals"]["total"]["value"] = "1.00"
    case = await held(desk, wrong)
    assert (await settle(desk, case["held_id"], "release", second)).code == "RULE_VIOLATION"
    listed = (await desk.get("/v1/held", second)).json["items"]
    assert [row["state"] for row in listed if row["held_id"] == case["held_id"]] == ["waiting"]


async def test_another_message_under_its_id_is_refused(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    trade_id = await desk.trade()
    message = order(trade_id)
    await held(desk, message)
    other = order(trade_id, id=message["message"]["id"])
    other["document"]["number"] = "ANOTHER-1"
    assert_problem(await desk.lodge(other, PARTY), 409, "DUPLICATE_MESSAGE")


async def test_what_nobody_releases_in_time_expires(desk: Desk, second: str, hub: Hub) -> None:
    await rules(desk, {"type": "purchase_order"})
    message = order(await desk.trade())
    case = await held(desk, message)
    async with hub.store.transaction() as connection:
        await connection.execute("UPDATE held_message SET expires_at = tf_now() WHERE held_id = $1", case["held_id"])
    assert_problem(await settle(desk, case["held_id"], "release", second), 409, "HELD_SETTLED")
    listed = (await desk.get("/v1/held", PARTY)).json["items"]
    assert [row["state"] for row in listed if row["held_id"] == case["held_id"]] == ["expired"]
    assert (await held(desk, message))["held_id"] != case["held_id"], "it may be lodged anew"


async def test_a_key_without_decide_releases_nothing(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    case = await held(desk, order(await desk.trade()))
    asked = {"name": "clerk", "scopes": ["read", "lodge"]}
    desk.keys["clerk"] = (await desk.post(f"/v1/parties/{PARTY}/keys", PARTY, asked)).json["key"]
    assert_problem(await settle(desk, case["held_id"], "release", "clerk"), 403, "SCOPE_MISSING")
    assert_problem(await settle(desk, case["held_id"], "release", "golden-lantern"), 404, "UNKNOWN_HELD")


async def test_what_an_agent_lodged_needs_the_principals_second_person(desk: Desk, second: str) -> None:
    await rules(desk, {"type": "purchase_order"})
    given = {"agent": "stranger", "ends_at": "2199-01-01T00:00:00Z"}
    mandate = (await desk.post("/v1/mandates", PARTY, given)).json
    trade_id = await desk.trade()
    reply = await desk.lodge(order(trade_id), "stranger")
    assert reply.status == 202, reply.body
    assert_problem(await settle(desk, reply.json["held_id"], "release", "stranger"), 404, "UNKNOWN_HELD")
    assert (await settle(desk, reply.json["held_id"], "release", second)).status == 201
    event = (await desk.get(f"/v1/trades/{trade_id}", PARTY)).json["timeline"][-1]
    (how,) = [c for c in event["changes"] if c["change"] == "acted_for"]
    assert (how["agent"], how["mandate"], how["prepared_by"]) == ("stranger", mandate["mandate_id"], desk.keys["stranger"].split("_")[1])
    await desk.call("DELETE", f"/v1/mandates/{mandate['mandate_id']}", PARTY)
