"""Repeating a request: the first answer again, byte for byte, and nothing happens twice."""

import asyncio
import uuid

from tests.http.desk import CAST, TERMS, Desk, order
from tests.http.problems import assert_problem

PARTICIPANTS = [{"party_id": party, "role": role} for party, roles in CAST.items() for role in roles]


async def version(desk: Desk, trade_id: str) -> int:
    return int((await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["version"])


async def test_the_same_message_gets_its_first_answer(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    first = await desk.lodge(message, "van-der-meer")
    assert (first.status, "Idempotency-Replayed" in first.headers) == (201, False)
    for _ in range(3):
        again = await desk.lodge(message, "van-der-meer")
        assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
        assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert await version(desk, trade_id) == 2


async def test_the_same_message_at_the_same_moment(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    replies = await asyncio.gather(*(desk.lodge(message, "van-der-meer") for _ in range(8)))
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1
    assert await version(desk, trade_id) == 2


async def test_a_message_id_is_one_messages(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    message["document"]["remarks"] = "Something else."
    problem = assert_problem(await desk.lodge(message, "van-der-meer"), 409, "DUPLICATE_MESSAGE")
    (finding,) = problem["findings"]
    assert (finding["rule"], finding["pointer"]) == ("M-GEN-02", "/message/id")
    assert finding["found"] != finding["expected"]


async def test_a_refused_message_leaves_its_id_free(desk: Desk) -> None:
    trade_id = await desk.trade()
    message = order(trade_id)
    wrong = {**message, "currency": "USDX"}
    assert (await desk.lodge(wrong, "van-der-meer")).status == 422
    assert (await desk.lodge(message, "van-der-meer")).status == 201


async def test_a_message_with_an_idempotency_key(desk: Desk) -> None:
    trade_id = await desk.trade()
    key, message = f"order-{uuid.uuid4()}", order(trade_id)
    first = await desk.lodge(message, "van-der-meer", **{"Idempotency-Key": key})
    again = await desk.lodge(message, "van-der-meer", **{"Idempotency-Key": key})
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (first.status, first.body, "true")
    other = order(trade_id)
    assert_problem(await desk.lodge(other, "van-der-meer", **{"Idempotency-Key": key}), 409, "IDEMPOTENCY_KEY_REUSED")
    assert (await desk.lodge(order(await desk.trade()), "van-der-meer", **{"Idempotency-Key": f"{key}-2"})).status == 201


async def test_a_trade_is_opened_once(desk: Desk) -> None:
    key, spec = {"Idempotency-Key": f"trade-{uuid.uuid4()}"}, {"participants": PARTICIPANTS, "terms": TERMS}
    first = await desk.post("/v1/trades", "van-der-meer", spec, headers=key)
    again = await desk.post("/v1/trades", "van-der-meer", spec, headers=key)
    assert (first.status, again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, 201, first.body, "true")
    assert_problem(
        await desk.post("/v1/trades", "van-der-meer", {"participants": PARTICIPANTS}, headers=key), 409, "IDEMPOTENCY_KEY_REUSED"
    )
    without = [(await desk.post("/v1/trades", "van-der-meer", spec)).json["trade_id"] for _ in range(2)]
    assert len({*without, first.json["trade_id"]}) == 3


async def test_a_key_belongs_to_its_party(desk: Desk) -> None:
    key, spec = {"Idempotency-Key": f"shared-{uuid.uuid4()}"}, {"participants": PARTICIPANTS, "terms": TERMS}
    mine = await desk.post("/v1/trades", "van-der-meer", spec, headers=key)
    theirs = await desk.post("/v1/trades", "golden-lantern", spec, headers=key)
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.json["trade_id"] != theirs.json["trade_id"]


async def test_a_decision_is_taken_once(desk: Desk) -> None:
    trade_id = await desk.trade()
    path, key = f"/v1/trades/{trade_id}/decisions", {"Idempotency-Key": f"decision-{uuid.uuid4()}"}
    decision = {"event": "insurance_not_required", "region": "insurance.cover", "role": "importer"}
    first = await desk.post(path, "van-der-meer", decision, headers=key)
    again = await desk.post(path, "van-der-meer", decision, headers=key)
    assert (first.status, again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, 201, first.body, "true")
    assert await version(desk, trade_id) == 2
    without = await desk.post(path, "van-der-meer", decision)
    assert without.status in (409, 410), "decided already"
    other = {**decision, "note": "another"}
    assert_problem(await desk.post(path, "van-der-meer", other, headers=key), 409, "IDEMPOTENCY_KEY_REUSED")


async def test_a_refusal_does_not_use_the_key_up(desk: Desk) -> None:
    trade_id = await desk.trade()
    path, key = f"/v1/trades/{trade_id}/decisions", {"Idempotency-Key": f"refused-{uuid.uuid4()}"}
    assert (await desk.post(path, "golden-lantern", {"event": "lc_expired", "role": "exporter"}, headers=key)).status in (403, 409)
    decision = {"event": "insurance_not_required", "region": "insurance.cover", "role": "exporter"}
    assert (await desk.post(path, "golden-lantern", decision, headers=key)).status == 201
