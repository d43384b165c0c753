"""A party leaves a trade: who may, what it keeps, and what becomes of what had not reached it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from click.testing import CliRunner

from tests.http.description import Description
from tests.http.desk import Desk, Reply, order, sample
from tests.http.leaving import full
from tests.http.problems import assert_problem
from tradeflow.app.access import Caller
from tradeflow.app.verify import verify
from tradeflow.app.wiring import Hub
from tradeflow.cli.channel import command as channel
from tradeflow.cli.trade import command as trade_command
from tradeflow.ports import Arrival

BANK, ROLE = "maasbank", "issuing_bank"


@pytest.fixture(scope="module", autouse=True)
async def some_days_later(desk: Desk) -> AsyncIterator[None]:
    """A day on which order, confirmation, application and credit of the samples have been written."""
    assert (await desk.call("PUT", "/v1/sandbox/clock", "operator", {"now": "2025-01-16T12:00:00Z"})).status == 200
    card = {"party_id": "second-bank", "name": "Second Bank", "country": "NL"}
    assert (await desk.post("/v1/parties", "operator", card)).status == 201
    desk.keys["second-bank"] = (await desk.post("/v1/parties/second-bank/keys", "operator", {"name": "tests"})).json["key"]
    yield
    await desk.clock_back()


async def agreed(desk: Desk) -> str:
    trade_id = await desk.trade()
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    said = await desk.lodge(sample("sales_order", trade_id), "golden-lantern")
    assert said.status == 201, [f["message"] for f in said.json.get("findings", [])] or said.body
    return trade_id


async def apply(desk: Desk, trade_id: str) -> Any:
    """The buyer asks its bank for a letter of credit."""
    said = await desk.lodge(sample("lc_application", trade_id), "van-der-meer")
    assert said.status == 201, [f["message"] for f in said.json.get("findings", [])] or said.body
    return said.json


async def leave(desk: Desk, trade_id: str, party: str = BANK, role: str = ROLE, by: str = "", **more: str) -> Reply:
    return await desk.post(f"/v1/trades/{trade_id}/departures", by or party, {"party_id": party, "role": role, **more})


async def add(desk: Desk, trade_id: str, party: str, role: str = ROLE) -> None:
    assert (await desk.post(f"/v1/trades/{trade_id}/participants", "van-der-meer", {"party_id": party, "role": role})).status == 201


async def stuck(desk: Desk, party: str, trade_id: str) -> list[Any]:
    items = (await desk.get("/v1/deliveries?status=quarantined&limit=500", party)).json["items"]
    return [item for item in items if item["trade_id"] == trade_id]


async def inbox(desk: Desk, party: str, trade_id: str) -> list[Any]:
    items, after = [], 0
    while page := (await desk.get(f"/v1/inbox?after={after}&limit=500", party)).json["items"]:
        items, after = [*items, *page], page[-1]["position"]
    return [item for item in items if item["trade_id"] == trade_id and item["kind"] == "message"]


async def arrived(desk: Desk, party: str, trade_id: str) -> list[Any]:
    """What is in the inbox of a party, once there is something."""
    for _ in range(200):
        if found := await inbox(desk, party, trade_id):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing of {trade_id} reaches {party}")


async def left_behind(desk: Desk, hub: Hub) -> tuple[str, Any, Any]:
    """A trade that a bank left (in both its roles) while an application was on its way to it: trade, receipt, delivery in quarantine."""
    trade_id = await agreed(desk)
    async with full(hub, BANK):
        receipt = await apply(desk, trade_id)
        for role in (ROLE, "importer_bank"):
            said = await leave(desk, trade_id, role=role, note="no capacity")
            assert said.status == 201, said.body
        (item,) = await stuck(desk, "van-der-meer", trade_id)
    return trade_id, receipt, item


async def test_who_left_sees_nothing_that_comes_and_keeps_what_was_its_own(desk: Desk, hub: Hub, description: Description) -> None:
    trade_id = await agreed(desk)
    message = (await apply(desk, trade_id))["receipt"]["message_id"]
    await arrived(desk, BANK, trade_id)
    body = (await desk.get(f"/v1/messages/{trade_id}/{message}", BANK)).body
    said = await leave(desk, trade_id, note="no capacity")
    assert said.status == 201 and description.disagreements(description.operation("leaveTrade"), said) == []
    assert (await leave(desk, trade_id, role="importer_bank")).status == 201
    for path in ("", "/documents", "/deliveries", "/missing", "/allowed", "/findings", "/refusals"):
        assert_problem(await desk.get(f"/v1/trades/{trade_id}{path}", BANK), 404, "UNKNOWN_TRADE")
    assert trade_id not in [row["trade_id"] for row in (await desk.get("/v1/trades?limit=500", BANK)).json["items"]]
    (item,) = await inbox(desk, BANK, trade_id)
    assert (await desk.post(f"/v1/inbox/{item['delivery_id']}/ack", BANK)).status == 200
    kept = await desk.get(f"/v1/messages/{trade_id}/{message}", BANK)
    assert (kept.status, kept.body) == (200, body), "what reached it stays readable, byte for byte"
    seen = (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json
    others = {one["message_id"] for one in seen["timeline"] if one["message_id"]} - {message}
    assert len(others) == 2
    for unseen in (*others, str(uuid.uuid4())):
        assert_problem(await desk.get(f"/v1/messages/{trade_id}/{unseen}", BANK), 404, "UNKNOWN_TRADE")
    assert [(gone["party_id"], gone["role"]) for gone in seen["departed"]] == [(BANK, ROLE), (BANK, "importer_bank")]
    assert BANK not in {one["party_id"] for one in seen["participants"]}
    (event,) = [
        one
        for one in seen["timeline"]
        if any(c["change"] == "participant_left" and c["participant"]["role"] == ROLE for c in one["changes"])
    ]
    assert (event["party"], event["role"]) == (BANK, ROLE) and event["changes"][0]["note"] == "no capacity"
    assert [fault for fault in (await verify(hub.store)).faults if trade_id in fault] == []


async def test_what_had_not_reached_it_waits_for_its_sender_with_a_reason(desk: Desk, hub: Hub, description: Description) -> None:
    trade_id, _, item = await left_behind(desk, hub)
    assert (item["party_id"], item["status"], item["reason"], item["owner"]) == (BANK, "quarantined", "recipient_gone", "van-der-meer")
    assert item["last_error"] == f"{BANK} left the trade before this reached it"
    listed = await desk.get("/v1/deliveries?status=quarantined&limit=500", "van-der-meer")
    assert description.disagreements(description.operation("listUnfinished"), listed) == []
    assert await stuck(desk, BANK, trade_id) == [] and await inbox(desk, BANK, trade_id) == []
    for party in (BANK, "golden-lantern"):
        for way, body in (("release", {}), ("discard", {"note": "x"}), ("hand-over", {"party_id": "second-bank"})):
            assert_problem(await desk.post(f"/v1/deliveries/{item['delivery_id']}/{way}", party, body), 404, "UNKNOWN_DELIVERY")
    assert [one["delivery_id"] for one in await stuck(desk, "operator", trade_id)] == [item["delivery_id"]]


async def test_it_is_handed_over_to_whoever_plays_the_role_then(desk: Desk, hub: Hub, description: Description) -> None:
    trade_id, receipt, item = await left_behind(desk, hub)
    path = f"/v1/deliveries/{item['delivery_id']}"
    assert_problem(await desk.post(f"{path}/hand-over", "van-der-meer", {"party_id": "second-bank"}), 403, "WRONG_RECIPIENT")
    await add(desk, trade_id, "second-bank")
    said = await desk.post(f"{path}/hand-over", "van-der-meer", {"party_id": "second-bank", "note": "they do it"})
    assert said.status == 200 and description.disagreements(description.operation("handOverDelivery"), said) == []
    assert (said.json["status"], said.json["owner"]) == ("withdrawn", "")
    (got,) = await arrived(desk, "second-bank", trade_id)
    assert (got["type"], got["role"], got["from"]["party_id"]) == ("lc_application", ROLE, "van-der-meer")
    assert got["delivery_id"] in said.json["last_error"] and "they do it" in said.json["last_error"]
    assert (await desk.get(got["links"]["message"], "second-bank")).status == 200
    assert_problem(await desk.post(f"{path}/discard", "van-der-meer", {"note": "twice"}), 409, "NOT_QUARANTINED")
    assert await inbox(desk, BANK, trade_id) == [] and await stuck(desk, "van-der-meer", trade_id) == []
    seen = (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"][-1]
    assert seen["changes"] == [
        {
            "change": "delivery_redirected", "delivery_id": item["delivery_id"], "message_id": receipt["receipt"]["message_id"],
            "participant": {"party_id": BANK, "role": ROLE}, "way": "handed_over", "to": "second-bank", "note": "they do it",
        }
    ]  # fmt: skip
    assert (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json["timeline"][-1]["withheld"] == 1
    assert [fault for fault in (await verify(hub.store)).faults if trade_id in fault] == []


async def test_it_is_sent_anyway_or_discarded(desk: Desk, hub: Hub) -> None:
    trade_id, receipt, item = await left_behind(desk, hub)
    said = await desk.post(f"/v1/deliveries/{item['delivery_id']}/release", "van-der-meer")
    assert said.status == 200, said.body
    await arrived(desk, BANK, trade_id)
    assert (await desk.get(f"/v1/messages/{trade_id}/{receipt['receipt']['message_id']}", BANK)).status == 200
    other, receipt, item = await left_behind(desk, hub)
    said = await desk.post(f"/v1/deliveries/{item['delivery_id']}/discard", "operator", {"note": "by telephone"})
    assert (said.status, said.json["status"]) == (200, "withdrawn") and "by telephone" in said.json["last_error"]
    assert await inbox(desk, BANK, other) == [] and await stuck(desk, "operator", other) == []
    assert_problem(await desk.get(f"/v1/messages/{other}/{receipt['receipt']['message_id']}", BANK), 404, "UNKNOWN_TRADE")
    assert [fault for fault in (await verify(hub.store)).faults if trade_id in fault or other in fault] == []


async def test_when_the_sender_has_left_as_well_the_operator_decides(desk: Desk, hub: Hub) -> None:
    trade_id, _, item = await left_behind(desk, hub)
    assert (await leave(desk, trade_id, "van-der-meer", "importer", successor="second-bank")).status == 201
    (waits,) = await stuck(desk, "operator", trade_id)
    assert (waits["delivery_id"], waits["owner"]) == (item["delivery_id"], "operator")
    assert_problem(await desk.post(f"/v1/deliveries/{item['delivery_id']}/discard", "van-der-meer", {"note": "x"}), 404, "UNKNOWN_TRADE")
    assert (await desk.post(f"/v1/deliveries/{item['delivery_id']}/discard", "operator", {"note": "nobody's"})).status == 200


async def test_what_comes_for_it_and_from_it_is_in_quarantine(desk: Desk, hub: Hub) -> None:
    trade_id = await agreed(desk)
    await add(desk, trade_id, "second-bank")
    assert (await leave(desk, trade_id, by="van-der-meer", successor="second-bank")).status == 201
    for_it = sample("lc_application", trade_id)
    answer = sample("letter_of_credit", trade_id)
    assert (await leave(desk, trade_id, role="importer_bank")).status == 201
    found = []
    for tree, party in ((for_it, "van-der-meer"), (answer, BANK)):
        taken = await hub.inbound.take(Arrival("file_drop", f"drop/{party}", "it.json", json.dumps(tree).encode(), party_id=party))
        cases = (await desk.get("/v1/quarantine?limit=500", party)).json["items"]
        found += [case for case in cases if case["quarantine_id"] == str(taken.quarantine_id)]
    assert [(case["reason"], case["party_id"], case["state"]) for case in found] == [
        ("recipient_gone", "van-der-meer", "waiting"),
        ("unknown_trade", BANK, "waiting"),
    ]
    assert "it left on 2025-01-16; second-bank took over" in found[0]["answer"]["detail"]
    ended = await desk.post(f"/v1/quarantine/{found[0]['quarantine_id']}/reject", "van-der-meer", {"note": "sent to the new bank"})
    assert ended.json["state"] == "rejected"


async def test_who_may_leave_and_who_has_others_leave(desk: Desk) -> None:
    trade_id = await agreed(desk)
    assert_problem(await leave(desk, trade_id, by="second-bank"), 404, "UNKNOWN_TRADE")
    assert_problem(await leave(desk, trade_id, by="harbour-trade-bank"), 403, "WRONG_SENDER")
    assert_problem(await leave(desk, trade_id, by="operator"), 403, "WRONG_SENDER")
    assert_problem(await leave(desk, trade_id, "golden-lantern", "exporter", by="van-der-meer"), 403, "WRONG_SENDER")
    assert_problem(await leave(desk, trade_id, "golden-lantern", "exporter"), 409, "DEPENDENCY_OPEN")
    assert_problem(await leave(desk, trade_id, "golden-lantern", "exporter", successor="van-der-meer"), 409, "OUT_OF_ORDER")
    assert_problem(await leave(desk, trade_id, "golden-lantern", "exporter", successor="golden-lantern"), 409, "OUT_OF_ORDER")
    assert_problem(await leave(desk, trade_id, "golden-lantern", "exporter", successor="no-such-line"), 422, "UNKNOWN_PARTY")
    assert_problem(await leave(desk, trade_id, role="insurer"), 409, "OUT_OF_ORDER")
    assert_problem(await leave(desk, trade_id, successor="second-bank"), 403, "WRONG_SENDER")
    assert (await leave(desk, trade_id, by="golden-lantern")).status == 201, "an owner has a partner leave"
    assert (await desk.get(f"/v1/trades/{trade_id}", BANK)).status == 200, "it still takes part in its other role"
    await add(desk, trade_id, BANK)
    assert (await leave(desk, trade_id, "golden-lantern", "exporter", successor="second-bank")).status == 201
    seen = (await desk.get(f"/v1/trades/{trade_id}", "second-bank")).json
    assert {"party_id": "second-bank", "role": "exporter"} in seen["participants"]
    assert_problem(await desk.get(f"/v1/trades/{trade_id}", "golden-lantern"), 404, "UNKNOWN_TRADE")


async def test_whoever_is_in_the_middle_of_a_process_leaves_only_to_a_successor(desk: Desk) -> None:
    trade_id = await agreed(desk)
    await apply(desk, trade_id)
    credit = await desk.lodge(sample("letter_of_credit", trade_id), BANK)
    assert credit.status == 201, credit.body
    refused = await leave(desk, trade_id)
    assert_problem(refused, 409, "DEPENDENCY_OPEN")
    assert "lc.credit" in refused.json["detail"]
    await add(desk, trade_id, "second-bank")
    assert (await leave(desk, trade_id)).status == 201, "another party plays the role by now"


async def test_the_event_stream_and_the_board_end_with_it(desk: Desk, hub: Hub) -> None:
    trade_id = await agreed(desk)
    caller = Caller(BANK, "tests")
    changes = hub.streams.changes(caller, trade_id, 10**6, "", 30)
    assert await anext(changes) is None
    await hub.boards.refresh(trade_id, [BANK])
    assert (await leave(desk, trade_id)).status == 201
    assert (await leave(desk, trade_id, role="importer_bank")).status == 201
    async with hub.store.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM board_seat WHERE trade_id = $1 AND party_id = $2", trade_id, BANK) == 0
    assert [one async for one in changes] == [], "who left is told nothing more, and the stream ends"


async def test_by_the_command_line(desk: Desk, hub: Hub) -> None:
    trade_id, _, item = await left_behind(desk, hub)
    await add(desk, trade_id, "second-bank")

    async def run(group: Any, *words: str, party: str = "van-der-meer") -> str:
        arguments = [*words, "--url", desk.base_url, "--key", desk.keys[party]]
        result = await asyncio.to_thread(CliRunner().invoke, group, arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return str(result.output)

    late = await run(channel, "late", "--quarantined")
    assert f"{item['delivery_id']} {trade_id} lc_application to {BANK}: {item['last_error']} (for van-der-meer to look at)" in late
    assert "withdrawn: handed over to second-bank" in await run(channel, "hand-over", item["delivery_id"], "second-bank")
    assert "takes part no longer as issuing_bank" in await run(trade_command, "leave", trade_id, "second-bank", ROLE, "--note", "a slip")


@pytest.mark.parametrize("role", ["exporter", "importer"])
async def test_an_owner_that_handed_over_can_be_followed_by_itself(desk: Desk, role: str) -> None:
    """One role may be filled again by another party, or the same."""
    trade_id = await agreed(desk)
    first = {"exporter": "golden-lantern", "importer": "van-der-meer"}[role]
    assert (await leave(desk, trade_id, first, role, successor="second-bank")).status == 201
    assert (await leave(desk, trade_id, "second-bank", role, successor=first)).status == 201
    assert (await desk.get(f"/v1/trades/{trade_id}", first)).status == 200
