"""A link to one document: it shows that document as the role may see it, takes one answer, and nothing else."""

import asyncio
import json
from typing import Any

import pytest

from tests.http.desk import CAST, TERMS, Desk, Reply, order, reference, sample
from tests.http.problems import assert_problem
from tradeflow.app.wiring import Hub

SELLER = "no-account-lamps"


@pytest.fixture(scope="module")
async def seller(desk: Desk) -> str:
    """A party that is registered, and has neither users nor keys."""
    card = {"party_id": SELLER, "name": "No Account Lamps", "country": "HK"}
    assert (await desk.post("/v1/parties", "operator", card)).status == 201
    return SELLER


def between(tree: Any, seller: str) -> Any:
    """The sample with another seller."""
    return json.loads(json.dumps(tree).replace('"golden-lantern"', f'"{seller}"'))


async def ordered(desk: Desk, seller: str) -> tuple[str, Any]:
    """A trade with an order in it that the seller has to answer."""
    cast = [
        {"party_id": seller, "role": "exporter"},
        *({"party_id": p, "role": r} for p, rs in CAST.items() for r in rs if r != "exporter"),
    ]
    spec = {"trade_id": reference(), "participants": cast, "terms": TERMS}
    trade_id = (await desk.post("/v1/trades", "van-der-meer", spec)).json["trade_id"]
    message = between(order(trade_id), seller)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    return trade_id, message


async def linked(desk: Desk, trade_id: str, message: Any, seller: str, by: str = "van-der-meer", **more: Any) -> Reply:
    asked = {"type": "purchase_order", "number": message["document"]["number"], "party_id": seller, "role": "exporter"}
    return await desk.post(f"/v1/trades/{trade_id}/links", by, asked | {"answers": ["sales_order"]} | more)


async def look(desk: Desk, token: str) -> Reply:
    return await desk.get("/v1/link", headers={"Authorization": f"Bearer {token}"})


async def answer(desk: Desk, token: str, message: Any) -> Reply:
    return await desk.post("/v1/link", None, message, headers={"Authorization": f"Bearer {token}"})


def reply_to(message: Any, trade_id: str, seller: str, **fields: Any) -> Any:
    made = between(sample("sales_order", trade_id), seller)
    made = json.loads(json.dumps(made).replace("2025-01-08", "2025-01-06"))  # the clock of these tests stands at that day
    made["message"] |= {"in_reply_to": message["message"]["id"], "created_at": "2025-01-06T10:00:00Z", **fields}
    return made


async def test_a_counterparty_without_an_account_confirms_an_order(desk: Desk, seller: str) -> None:
    trade_id, message = await ordered(desk, seller)
    link = (await linked(desk, trade_id, message, seller)).json
    shown = (await look(desk, link["token"])).json
    assert shown["document"]["document"]["number"] == message["document"]["number"]
    assert (shown["role"], shown["answers"], shown["answered"]) == ("exporter", ["sales_order"], False)
    done = await answer(desk, link["token"], reply_to(message, trade_id, seller))
    assert done.status == 201, done.body
    event = (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["timeline"][-1]
    assert event["party"] == seller
    assert {"change": "acted_for", "link": link["link_id"], "link_by": "van-der-meer"} in event["changes"]
    assert_problem(await answer(desk, link["token"], reply_to(message, trade_id, seller)), 409, "LINK_ANSWERED")
    assert (await look(desk, link["token"])).json["answered"] is True
    listed = (await desk.get("/v1/links", "van-der-meer")).json["items"]
    assert [row["uses"] for row in listed if row["link_id"] == link["link_id"]] == [2]
    assert link["token"] not in str(listed)


async def test_it_takes_nothing_but_an_answer_to_its_document(desk: Desk, seller: str) -> None:
    trade_id, message = await ordered(desk, seller)
    elsewhere, other = await ordered(desk, seller)
    token = (await linked(desk, trade_id, message, seller)).json["token"]
    for wrong in (
        reply_to(other, elsewhere, seller),
        reply_to(message, trade_id, seller, in_reply_to=other["message"]["id"]),
        between(sample("commercial_invoice", trade_id), seller),
        reply_to(message, trade_id, seller, sender={"party_id": "van-der-meer", "role": "importer"}),
    ):
        assert_problem(await answer(desk, token, wrong), 403, "LINK_EXCEEDED")
    bad = reply_to(message, trade_id, seller)
    bad["totals"]["total"]["value"] = "1.00"
    assert (await answer(desk, token, bad)).status == 422
    good = await answer(desk, token, reply_to(message, trade_id, seller))
    assert good.status == 201, f"what was refused left the answer free: {good.body!r}"


async def test_two_answers_at_once_are_one(desk: Desk, seller: str) -> None:
    trade_id, message = await ordered(desk, seller)
    token = (await linked(desk, trade_id, message, seller)).json["token"]
    replies = await asyncio.gather(*(answer(desk, token, reply_to(message, trade_id, seller)) for _ in range(4)))
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409]


async def test_its_token_opens_nothing_else(desk: Desk, seller: str) -> None:
    trade_id, message = await ordered(desk, seller)
    token = (await linked(desk, trade_id, message, seller)).json["token"]
    for path in ("/v1/trades", f"/v1/trades/{trade_id}", f"/v1/trades/{trade_id}/documents", "/v1/inbox"):
        assert_problem(await desk.get(path, headers={"Authorization": f"Bearer {token}"}), 401, "UNAUTHENTICATED")
    assert_problem(await look(desk, desk.keys["van-der-meer"]), 404, "UNKNOWN_LINK")


async def test_it_ends_by_count_by_date_and_by_hand_and_why_is_not_told(desk: Desk, seller: str, hub: Hub) -> None:
    trade_id, message = await ordered(desk, seller)
    counted, dated, ended = [(await linked(desk, trade_id, message, seller, uses_max=1)).json for _ in range(3)]
    assert (await look(desk, counted["token"])).status == 200
    async with hub.store.transaction() as connection:
        await connection.execute("UPDATE document_link SET ends_at = tf_now() WHERE link_id = $1", dated["link_id"])
    assert (await desk.call("DELETE", f"/v1/links/{ended['link_id']}", "van-der-meer")).status == 204
    wrong = [*(made["token"] for made in (counted, dated, ended)), "tl_0000_x", "x", counted["token"][:-1] + "x"]
    replies = [await look(desk, token) for token in wrong]
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}
    assert_problem(await answer(desk, dated["token"], reply_to(message, trade_id, seller)), 404, "UNKNOWN_LINK")


async def test_who_may_make_one(desk: Desk, seller: str) -> None:
    trade_id, message = await ordered(desk, seller)
    assert_problem(await linked(desk, trade_id, message, seller, by="stranger"), 404, "UNKNOWN_TRADE")
    assert_problem(await linked(desk, trade_id, message, seller, by="maasbank"), 403, "WRONG_SENDER")
    for_a_bank = {"role": "issuing_bank", "answers": []}
    assert_problem(
        await linked(desk, trade_id, message, "maasbank", **for_a_bank), 403, "WRONG_SENDER"
    )  # it has keys: nobody speaks for it
    assert_problem(await linked(desk, trade_id, message, seller, role="importer"), 403, "WRONG_RECIPIENT")
    assert_problem(await linked(desk, trade_id, message, seller, answers=["letter_of_credit"]), 422, "INVALID_REQUEST")
    own = await linked(desk, trade_id, message, "van-der-meer", role="importer", answers=[])
    assert own.status == 201, own.body
    assert_problem(await linked(desk, trade_id, message, seller, number="NONE-1"), 404, "UNKNOWN_DOCUMENT")


async def test_it_shows_no_more_than_the_role_may_see(desk: Desk, seller: str) -> None:
    """The maker of a link is not asked what may be seen: the role is."""
    trade_id, message = await ordered(desk, seller)
    added = {"party_id": "no-account-line", "role": "sea_carrier"}
    await desk.post("/v1/parties", "operator", {"party_id": "no-account-line", "name": "No Account Line"})
    assert (await desk.post(f"/v1/trades/{trade_id}/participants", "van-der-meer", added)).status == 201
    carrier = await linked(desk, trade_id, message, "no-account-line", role="sea_carrier", answers=[])
    seen = await desk.get(f"/v1/trades/{trade_id}/documents/purchase_order/{message['document']['number']}?as=sea_carrier", "van-der-meer")
    assert carrier.status == (201 if seen.status == 200 else 404)
