"""An agent acts for its principal: within the mandate, until its end, and visible in every event."""

from typing import Any

import pytest

from tests.http.desk import Desk, Reply, order
from tests.http.problems import assert_problem
from tradeflow.app.verify import verify
from tradeflow.app.wiring import Hub

AGENT, PRINCIPAL = "harbour-trade-bank", "van-der-meer"
PRINCIPAL_ROLE = "importer"
LATER = "2199-01-01T00:00:00Z"


async def give(desk: Desk, agent: str = "stranger", **limits: Any) -> Any:
    reply = await desk.post("/v1/mandates", PRINCIPAL, {"agent": agent, "ends_at": LATER, **limits})
    assert reply.status == 201, reply.body
    return reply.json


async def end(desk: Desk, mandate: Any, by: str = PRINCIPAL) -> None:
    assert (await desk.call("DELETE", f"/v1/mandates/{mandate['mandate_id']}", by)).status == 204


async def test_an_agent_lodges_for_its_principal_and_every_event_says_so(desk: Desk, hub: Hub) -> None:
    trade_id = await desk.trade()
    assert_problem(await desk.lodge(order(trade_id), "stranger"), 403, "WRONG_SENDER")
    mandate = await give(desk, roles=["importer"], types=["purchase_order"])
    lodged = await desk.lodge(order(trade_id), "stranger")
    assert lodged.status == 201, lodged.body
    event = (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json["timeline"][-1]
    assert (event["party"], event["role"]) == (PRINCIPAL, "importer")
    said = {"change": "acted_for", "agent": "stranger", "mandate": mandate["mandate_id"]}
    assert said in event["changes"], "the other side sees it, too"
    async with hub.store.connection() as connection:
        body, key = await connection.fetchrow("SELECT body, key_id FROM event WHERE trade_id = $1 AND seq = 2", trade_id)
    assert b'"acted_for"' in body and key == desk.keys["stranger"].split("_")[1], "in the bytes that the chain hashes"
    assert [fault for fault in (await verify(hub.store)).faults if trade_id in fault] == []
    await end(desk, mandate)
    assert_problem(await desk.lodge(order(await desk.trade()), "stranger"), 403, "WRONG_SENDER")


@pytest.mark.parametrize(
    "limits",
    [
        {"types": ["commercial_invoice"]},
        {"roles": ["notify_party"]},
        {"trade_id": "ANOTHER-TRADE-1"},
        {"amount_max": "10.00", "currency": "USD"},
        {"amount_max": "99999999.00", "currency": "EUR"},
    ],
)
async def test_beyond_the_mandate_nothing_is_lodged(desk: Desk, limits: dict[str, Any]) -> None:
    trade_id = await desk.trade()
    mandate = await give(desk, **limits)
    try:
        assert_problem(await desk.lodge(order(trade_id), "stranger"), 403, "MANDATE_EXCEEDED")
        assert (await desk.get(f"/v1/trades/{trade_id}", PRINCIPAL)).json["version"] == 1
    finally:
        await end(desk, mandate)


async def test_a_large_enough_limit_lets_it_pass(desk: Desk) -> None:
    mandate = await give(desk, amount_max="99999999.00", currency="USD")
    assert (await desk.lodge(order(await desk.trade()), "stranger")).status == 201
    await end(desk, mandate)


async def test_an_agent_reads_the_trade_of_its_mandate_and_nothing_else(desk: Desk) -> None:
    here, elsewhere = await desk.trade(), await desk.trade()
    mandate = await give(desk, trade_id=here)

    async def look(path: str, by: str = "stranger", principal: str = PRINCIPAL) -> Reply:
        return await desk.get(path, by, headers={"On-Behalf-Of": principal})

    assert (await look(f"/v1/trades/{here}")).json["trade_id"] == here
    assert (await look(f"/v1/trades/{here}/documents")).status == 200
    assert_problem(await desk.get(f"/v1/trades/{here}", "stranger"), 404, "UNKNOWN_TRADE")
    foreign = await look(f"/v1/trades/{elsewhere}")
    assert_problem(foreign, 403, "NO_MANDATE")
    assert_problem(await look(f"/v1/trades/{here}", principal="golden-lantern"), 403, "NO_MANDATE")
    assert_problem(await look("/v1/inbox"), 422, "INVALID_REQUEST")
    assert_problem(await look("/v1/trades"), 422, "INVALID_REQUEST")
    decision = {"event": "insurance_not_required", "role": "importer"}
    reply = await desk.post(f"/v1/trades/{here}/decisions", "stranger", decision, headers={"On-Behalf-Of": PRINCIPAL})
    assert_problem(reply, 403, "MANDATE_EXCEEDED")
    await end(desk, mandate, by="stranger")
    assert_problem(await look(f"/v1/trades/{here}"), 403, "NO_MANDATE")


async def test_a_mandate_ends_on_its_day(desk: Desk, hub: Hub) -> None:
    mandate = await give(desk)
    async with hub.store.transaction() as connection:
        await connection.execute("UPDATE mandate SET ends_at = tf_now() WHERE mandate_id = $1", mandate["mandate_id"])
    assert_problem(await desk.lodge(order(await desk.trade()), "stranger"), 403, "WRONG_SENDER")


async def test_both_sides_see_it_and_others_do_not(desk: Desk) -> None:
    mandate = await give(desk)
    for party, sees in ((PRINCIPAL, True), ("stranger", True), ("golden-lantern", False)):
        listed = (await desk.get("/v1/mandates", party)).json["items"]
        assert (mandate["mandate_id"] in [row["mandate_id"] for row in listed]) == sees
    await end(desk, mandate)


async def test_what_makes_no_sense_is_refused(desk: Desk) -> None:
    for wrong in (
        {"agent": PRINCIPAL},
        {"ends_at": "2001-01-01T00:00:00Z"},
        {"amount_max": "1"},
        {"types": ["nothing_such"]},
        {"roles": ["king"]},
    ):
        reply = await desk.post("/v1/mandates", PRINCIPAL, {"agent": "stranger", "ends_at": LATER, **wrong})
        assert_problem(reply, 422, "INVALID_REQUEST")
    assert_problem(await desk.post("/v1/mandates", PRINCIPAL, {"agent": "no-such-line", "ends_at": LATER}), 404, "UNKNOWN_PARTY")


async def test_a_decision_is_made_for_the_principal_where_the_mandate_names_it(desk: Desk) -> None:
    trade_id = await desk.trade()
    asked = {"event": "insurance_not_required", "role": "importer"}
    at, for_it = f"/v1/trades/{trade_id}/decisions", {"On-Behalf-Of": PRINCIPAL}
    assert_problem(await desk.post(at, "stranger", asked, headers=for_it), 403, "NO_MANDATE")
    for limits in (
        {},
        {"types": ["purchase_order"]},
        {"types": ["insurance_not_required"], "roles": ["exporter"]},
        {"types": ["insurance_not_required"], "trade_id": "ANOTHER-TRADE-1"},
        {"types": ["insurance_not_required"], "amount_max": "10.00", "currency": "USD"},
    ):
        mandate = await give(desk, **limits)
        assert_problem(await desk.post(at, "stranger", asked, headers=for_it), 403, "MANDATE_EXCEEDED")
        await end(desk, mandate)
    mandate = await give(desk, types=["insurance_not_required"], roles=["importer"], trade_id=trade_id)
    assert_problem(await desk.post(at, "stranger", {"event": "insurance_not_required"}, headers=for_it), 403, "MANDATE_EXCEEDED")
    assert_problem(await desk.post(at, "stranger", asked), 404, "UNKNOWN_TRADE")
    await end(desk, mandate)


async def test_a_delegated_decision_says_who_made_it(desk: Desk) -> None:
    trade_id = await desk.trade()
    allowed = (await desk.get(f"/v1/trades/{trade_id}/allowed", PRINCIPAL)).json["items"]
    event = next(e for e in allowed if e.get("event") and e.get("open", True) and PRINCIPAL_ROLE in e["by"])
    mandate = await give(desk, types=[event["event"]])
    asked = {"event": event["event"], "region": event["region"], "role": PRINCIPAL_ROLE}
    reply = await desk.post(f"/v1/trades/{trade_id}/decisions", "stranger", asked, headers={"On-Behalf-Of": PRINCIPAL})
    assert reply.status == 201, reply.body
    said = (await desk.get(f"/v1/trades/{trade_id}", PRINCIPAL)).json["timeline"][-1]
    assert (said["party"], said["role"]) == (PRINCIPAL, PRINCIPAL_ROLE)
    assert {"change": "acted_for", "agent": "stranger", "mandate": mandate["mandate_id"]} in said["changes"]
    await end(desk, mandate)


async def test_a_limited_key_decides_in_its_roles_only_even_where_it_names_none(desk: Desk) -> None:
    trade_id = await desk.trade()
    key = (await desk.post(f"/v1/parties/{PRINCIPAL}/keys", PRINCIPAL, {"name": "x", "roles": ["exporter"]})).json["key"]
    for asked in ({"event": "insurance_not_required"}, {"event": "insurance_not_required", "role": "importer"}):
        reply = await desk.post(f"/v1/trades/{trade_id}/decisions", None, asked, headers={"Authorization": f"Bearer {key}"})
        assert_problem(reply, 403, "WRONG_SENDER")
