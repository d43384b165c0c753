"""Partners join a trade after it was opened: an event of the trade, by those whose trade it is."""

from typing import Any

from tests.http.desk import TERMS, Desk, Reply, order, reference, sample
from tests.http.problems import assert_problem
from tradeflow.app.verify import verify
from tradeflow.app.wiring import Hub

BOTH = [{"party_id": "golden-lantern", "role": "exporter"}, {"party_id": "van-der-meer", "role": "importer"}]


async def of_two(desk: Desk) -> str:
    reply = await desk.post("/v1/trades", "van-der-meer", {"trade_id": reference(), "participants": BOTH, "terms": TERMS})
    return str(reply.json["trade_id"])


async def add(desk: Desk, trade_id: str, party: str, role: str, by: str = "van-der-meer") -> Reply:
    return await desk.post(f"/v1/trades/{trade_id}/participants", by, {"party_id": party, "role": role})


def last(trade: Any) -> Any:
    return trade["timeline"][-1]


async def test_a_partner_added_by_an_owner_takes_part_from_then_on(desk: Desk) -> None:
    trade_id = await of_two(desk)
    assert_problem(await desk.get(f"/v1/trades/{trade_id}", "maasbank"), 404, "UNKNOWN_TRADE")
    assert (await add(desk, trade_id, "maasbank", "issuing_bank", by="golden-lantern")).status == 201
    seen = (await desk.get(f"/v1/trades/{trade_id}", "maasbank")).json
    assert {"party_id": "maasbank", "role": "issuing_bank"} in seen["participants"]
    assert last(seen)["party"] == "golden-lantern"
    added = {"change": "participant_added", "participant": {"party_id": "maasbank", "role": "issuing_bank"}}
    assert added in last(seen)["changes"]
    assert trade_id in [row["trade_id"] for row in (await desk.get("/v1/trades?limit=500", "maasbank")).json["items"]]
    await desk.lodge(order(trade_id), "van-der-meer")
    application = sample("lc_application", trade_id)
    assert (await desk.lodge(application, "van-der-meer")).code != "WRONG_RECIPIENT"


async def test_only_owners_add_and_nobody_twice(desk: Desk) -> None:
    trade_id = await of_two(desk)
    assert_problem(await add(desk, trade_id, "stranger", "sea_carrier", by="stranger"), 404, "UNKNOWN_TRADE")
    assert (await add(desk, trade_id, "stranger", "sea_carrier")).status == 201
    assert_problem(await add(desk, trade_id, "maasbank", "issuing_bank", by="stranger"), 403, "WRONG_SENDER")
    assert_problem(await add(desk, trade_id, "stranger", "sea_carrier"), 409, "OUT_OF_ORDER")
    assert_problem(await add(desk, trade_id, "stranger", "exporter"), 409, "OUT_OF_ORDER")
    assert_problem(await add(desk, trade_id, "stranger", "king"), 422, "INVALID_REQUEST")
    assert_problem(await add(desk, trade_id, "no-such-line", "sea_carrier"), 422, "UNKNOWN_PARTY")


async def test_an_invitation_into_a_trade_works_once_and_says_who_accepted(desk: Desk, hub: Hub) -> None:
    trade_id = await of_two(desk)
    asked = await desk.post(f"/v1/trades/{trade_id}/invitations", "golden-lantern", {"role": "issuing_bank", "note": "Your bank"})
    assert asked.status == 201, asked.body
    token = {"token": asked.json["token"]}
    assert_problem(await desk.post("/v1/invitations/user", None, {**token, "password": "correct horse battery"}), 404, "UNKNOWN_INVITATION")
    assert (await desk.post("/v1/invitations/trade", "maasbank", token)).status == 201
    assert_problem(await desk.post("/v1/invitations/trade", "stranger", token), 404, "UNKNOWN_INVITATION")
    joined = last((await desk.get(f"/v1/trades/{trade_id}", "maasbank")).json)
    assert joined["party"] == "golden-lantern"
    (change,) = [c for c in joined["changes"] if c["change"] == "participant_added"]
    assert change["invitation"] == asked.json["invitation_id"] and change["accepted_by"] == desk.keys["maasbank"].split("_")[1]
    async with hub.store.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM participant WHERE trade_id = $1", trade_id) == 3


async def test_a_refused_acceptance_leaves_the_invitation(desk: Desk) -> None:
    trade_id = await of_two(desk)
    asked = await desk.post(f"/v1/trades/{trade_id}/invitations", "van-der-meer", {"role": "issuing_bank"})
    token = {"token": asked.json["token"]}
    assert (await add(desk, trade_id, "maasbank", "issuing_bank")).status == 201
    assert_problem(await desk.post("/v1/invitations/trade", "maasbank", token), 409, "OUT_OF_ORDER")
    assert (await desk.post("/v1/invitations/trade", "harbour-trade-bank", token)).status == 201


async def test_the_chain_and_the_state_hold_with_partners(desk: Desk, hub: Hub) -> None:
    trade_id = await of_two(desk)
    assert (await add(desk, trade_id, "maasbank", "issuing_bank")).status == 201
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    found = await verify(hub.store)
    assert [fault for fault in found.faults if trade_id in fault] == []
