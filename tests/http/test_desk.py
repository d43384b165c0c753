"""Checking without lodging, and what a draft takes from the last shipment."""

import json
from typing import Any

import pytest

from tests.http.desk import Desk, order, sample


async def test_a_check_says_what_lodging_would_and_leaves_no_trace(desk: Desk) -> None:
    trade = await desk.trade()
    good = await desk.post("/v1/check", "van-der-meer", order(trade))
    assert good.json["would"] == "accept" and good.json["moved"][0]["to"] == "ordered"
    wrong = order(trade)
    wrong["totals"]["total"]["value"] = "1.00"
    said, refused = await desk.post("/v1/check", "van-der-meer", wrong), await desk.lodge(wrong, "van-der-meer")
    assert said.json["would"] == "refuse" and said.json["code"] == refused.code and said.json["findings"] == refused.json["findings"]
    assert {one["pointer"]: one["value"] for one in said.json["computed"]}["/totals/total/value"] == "102900"
    unfinished = order(trade)
    del unfinished["buyer"], unfinished["signature"]
    unfinished["totals"]["total"]["value"] = "1.00"
    said = await desk.post("/v1/check", "van-der-meer", unfinished)
    pointers = [one["pointer"] for one in said.json["findings"]]
    assert said.json["code"] == "SCHEMA_INVALID" and {"/buyer", "/signature"} <= set(pointers), "the schema's findings"
    assert any(one.startswith("/totals/total") for one in pointers), "and those of the rules that can speak already"
    assert (await desk.get(f"/v1/trades/{trade}/refusals", "van-der-meer")).json["items"][1:] == [], "only what was really lodged"
    assert (await desk.get(f"/v1/trades/{trade}/documents", "van-der-meer")).json["items"] == []


async def test_a_check_is_for_who_may_lodge_it(desk: Desk) -> None:
    trade = await desk.trade()
    said = await desk.post("/v1/check", "golden-lantern", order(trade))
    assert said.json["would"] == "refuse" and said.json["code"] == "WRONG_SENDER"
    early = await desk.post("/v1/check", "golden-lantern", sample("packing_list", trade))
    assert early.json["would"] == "refuse" and early.json["code"] and early.json["findings"] is not None


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"message": {"type": "nothing"}}', 400), (b"", 400)])
async def test_what_cannot_be_read_is_refused(desk: Desk, body: bytes, status: int) -> None:
    reply = await desk.call("POST", "/v1/check", "van-der-meer", body, headers={"Content-Type": "application/json"})
    assert reply.status == status, reply.body


async def test_a_draft_takes_from_the_last_shipment_what_the_trade_cannot_say(desk: Desk) -> None:
    first, second = await desk.trade(), await desk.trade()
    assert (await desk.lodge(order(first), "van-der-meer")).status == 201
    path = f"/v1/trades/{second}/draft/purchase_order"
    plain = (await desk.get(path, "van-der-meer")).json
    copied = (await desk.get(f"{path}?copy=true", "van-der-meer")).json
    assert "lines" not in plain["document"] and copied["document"]["lines"][0]["unit_price"] == {"value": "24.5", "currency": "USD"}
    tree: dict[str, Any] = copied["document"]
    assert "number" not in tree["document"] and "totals" not in tree and "references" not in tree and "latest_shipment" not in tree
    origin = next(one["origin"] for one in copied["origins"] if one["pointer"] == "/lines/0/unit_price/value")
    assert origin["number"] == "25-0117" and json.dumps(tree).count(first) == 0
