"""What the hub tells a party about its next step, over HTTP."""

import uuid
from typing import Any

from tests.http.desk import Desk, order, sample
from tests.http.problems import assert_problem


async def ordered(desk: Desk) -> str:
    trade = await desk.trade()
    assert (await desk.lodge(order(trade), "van-der-meer")).status == 201
    return trade


async def test_a_draft_that_is_completed_is_accepted(desk: Desk) -> None:
    trade = await ordered(desk)
    reply = await desk.get(f"/v1/trades/{trade}/draft/sales_order?number=GL-25-031", "golden-lantern")
    assert reply.status == 200, reply.body
    found = reply.json
    tree: dict[str, Any] = found["document"]
    assert tree["message"]["sender"] == {"party_id": "golden-lantern", "role": "exporter"}
    assert tree["message"]["recipients"] == [{"party_id": "van-der-meer", "role": "importer"}]
    origins = {one["pointer"]: one["origin"] for one in found["origins"]}
    assert origins["/buyer/name"]["number"] == "25-0117"
    assert origins["/document/number"]["kind"] == "given"
    assert [one["pointer"] for one in found["to_type"]] == ["/signature/signatory"]
    written = sample("sales_order", trade)
    tree["signature"]["signatory"] = written["signature"]["signatory"]
    tree["advising_bank"] = written["advising_bank"]
    tree["message"]["id"] = str(uuid.uuid4())
    accepted = await desk.lodge(tree, "golden-lantern")
    assert accepted.status == 201, accepted.body
    assert accepted.json["response"]["moved"][0]["to"] == "agreed"


async def test_a_draft_uses_nothing_that_its_sender_may_not_read(desk: Desk) -> None:
    trade = await ordered(desk)
    bank = (await desk.get(f"/v1/trades/{trade}/draft/letter_of_credit", "maasbank")).json
    assert not any(one["origin"].get("type") == "purchase_order" for one in bank["origins"] if not one["pointer"].startswith("/references"))
    assert "amount" not in bank["document"]


async def test_what_cannot_be_drafted_is_refused(desk: Desk) -> None:
    trade = await ordered(desk)
    assert_problem(await desk.get(f"/v1/trades/{trade}/draft/sales_ordr", "golden-lantern"), 404, "UNKNOWN_MESSAGE_TYPE")
    assert_problem(await desk.get(f"/v1/trades/{trade}/draft/sales_order", "van-der-meer"), 403, "FORBIDDEN_VIEW")
    assert_problem(await desk.get(f"/v1/trades/{trade}/draft/sales_order", "stranger"), 404, "UNKNOWN_TRADE")


async def test_why_not_names_what_blocks_and_who_unlocks_it(desk: Desk) -> None:
    trade = await ordered(desk)
    found = (await desk.get(f"/v1/trades/{trade}/why-not/letter_of_credit", "maasbank")).json
    assert (found["taken"], found["code"], found["blocked_by"]) == (False, "OUT_OF_ORDER", "state")
    assert [step["message"] for step in found["unlock"]] == ["sales_order", "lc_application"]
    assert found["unlock"][0]["parties"] == ["golden-lantern"]
    refused = await desk.lodge(sample("letter_of_credit", trade), "maasbank")
    assert refused.code in (found["code"], "WRONG_RECIPIENT", "RULE_VIOLATION")
    now = (await desk.get(f"/v1/trades/{trade}/why-not/sales_order", "golden-lantern")).json
    assert now["taken"]
    assert_problem(await desk.get(f"/v1/trades/{trade}/why-not/sales_order?role=exporter", "van-der-meer"), 403, "FORBIDDEN_VIEW")


async def test_why_not_answers_for_all_who_may_send_it_and_says_where_the_caller_may_not(desk: Desk) -> None:
    trade = await ordered(desk)
    buyer = (await desk.get(f"/v1/trades/{trade}/why-not/sales_order", "van-der-meer")).json
    assert (buyer["role"], buyer["taken"], [one["role"] for one in buyer["roles"]]) == ("exporter", True, ["exporter"])
    assert buyer["may_not"] == "a sales_order is sent by exporter; van-der-meer is importer in this trade"
    cover = (await desk.get(f"/v1/trades/{trade}/why-not/insurance_certificate", "golden-lantern")).json
    assert {one["role"]: one["blocked_by"] for one in cover["roles"]}["insurance_broker"] == "participants"
    assert len(cover["roles"]) == 3
    own = (await desk.get(f"/v1/trades/{trade}/why-not/letter_of_credit", "maasbank")).json
    assert (own["role"], own["may_not"]) == ("issuing_bank", "")
    unseen = (await desk.get(f"/v1/trades/{trade}/why-not/purchase_order_change", "maasbank")).json
    assert (unseen["taken"], unseen["may_not"] != "") == (False, True)
    assert "region" not in unseen
    assert "unlock" not in unseen
    assert "do not see" in unseen["because"]


async def test_what_is_missing_is_named_with_its_reason(desk: Desk) -> None:
    trade = await ordered(desk)
    found = (await desk.get(f"/v1/trades/{trade}/missing", "golden-lantern")).json
    items = {one["id"]: one for one in found["items"]}
    assert items["confirmation"]["parties"] == ["golden-lantern"]
    assert items["confirmation"]["possible_now"]
    assert items["confirmation"]["due"]
    assert items["bill"]["due_why"].startswith("until 2025-03-15")
    assert "sales_order" in found["may_send"]["exporter"]
    assert_problem(await desk.get(f"/v1/trades/{trade}/missing", "stranger"), 404, "UNKNOWN_TRADE")
