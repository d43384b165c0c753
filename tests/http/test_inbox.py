"""The pull inbox: order, pages, long polls that hold nothing."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from tests.http import wire
from tests.http.desk import Desk, order
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.ports import NullDoorbell
from tradeflow.settings import Settings


async def end_of_inbox(desk: Desk, party: str) -> int:
    after = 0
    while page := (await desk.get(f"/v1/inbox?after={after}&limit=500", party)).json["items"]:
        after = page[-1]["position"]
    return after


async def test_a_long_poll_answers_when_something_arrives(desk: Desk) -> None:
    trade_id, after = await desk.trade(), await end_of_inbox(desk, "golden-lantern")
    poll = asyncio.create_task(desk.get(f"/v1/inbox?after={after}&wait_seconds=20", "golden-lantern"))
    await asyncio.sleep(0.3)
    assert not poll.done()
    began = time.monotonic()
    assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    items = (await poll).json["items"]
    assert [(item["trade_id"], item["type"], item["from"]["party_id"]) for item in items] == [(trade_id, "purchase_order", "van-der-meer")]
    assert time.monotonic() - began < 15, "it waited to the end"


async def test_who_waits_is_woken_by_the_delivery(desk: Desk, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by looking again: with an hour between two looks the answer comes all the same."""
    monkeypatch.setattr(hub.queries, "_poll", 3_600)
    trade_id, after = await desk.trade(), await end_of_inbox(desk, "golden-lantern")
    async with asyncio.timeout(45):  # the wait alone would be 60
        poll = asyncio.create_task(desk.get(f"/v1/inbox?after={after}&wait_seconds=60", "golden-lantern"))
        await asyncio.sleep(0.3)
        assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
        assert [item["trade_id"] for item in (await poll).json["items"]] == [trade_id]


async def test_a_long_poll_ends_empty_when_nothing_arrives(desk: Desk) -> None:
    began = time.monotonic()
    reply = await desk.get("/v1/inbox?after=7&wait_seconds=1", "stranger")
    assert reply.json == {"items": [], "next": 7}
    assert time.monotonic() - began > 0.9


async def test_pages_follow_one_another(desk: Desk) -> None:
    after = await end_of_inbox(desk, "golden-lantern")
    trades = [await desk.trade() for _ in range(5)]
    for trade_id in trades:
        assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    seen: list[dict[str, object]] = []
    while len(seen) < 5:
        page = (await desk.get(f"/v1/inbox?after={after}&limit=2&wait_seconds=5", "golden-lantern")).json
        assert 1 <= len(page["items"]) <= 2
        assert page["next"] == page["items"][-1]["position"] > after
        after, seen = page["next"], seen + page["items"]
    assert sorted(str(item["trade_id"]) for item in seen) == sorted(trades), "each once"
    arrived = [item["trade_id"] for item in seen]
    assert (await desk.get(f"/v1/inbox?after={after}", "golden-lantern")).json == {"items": [], "next": after}
    acknowledged = seen[1]["delivery_id"]
    first = await desk.post(f"/v1/inbox/{acknowledged}/ack", "golden-lantern")
    again = await desk.post(f"/v1/inbox/{acknowledged}/ack", "golden-lantern")
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    start = int(str(seen[0]["position"])) - 1
    left = (await desk.get(f"/v1/inbox?after={start}&unacknowledged=true", "golden-lantern")).json["items"]
    assert [item["trade_id"] for item in left] == [trade_id for trade_id in arrived if trade_id != arrived[1]]


async def test_many_long_polls_leave_the_database_to_others(desk: Desk, hub: Hub) -> None:
    """Sixty wait on a pool of ten, and a command still gets through at once."""
    polls = [asyncio.create_task(desk.get(f"/v1/inbox?after={2**62 - n}&wait_seconds=5", "stranger")) for n in range(60)]
    await asyncio.sleep(0.5)
    assert (await desk.lodge(order(await desk.trade()), "van-der-meer")).status == 201
    assert not any(poll.done() for poll in polls)
    assert hub.settings.pool_size == 10
    assert {reply.status for reply in await asyncio.gather(*polls)} == {200}


async def test_a_poll_of_a_client_that_went_away_ends(desk: Desk) -> None:
    before = len(asyncio.all_tasks())
    async with wire.connect(desk.base_url) as (_, writer):
        writer.write(wire.head("GET", f"/v1/inbox?after={2**62}&wait_seconds=60", desk.keys["stranger"]))
        await writer.drain()
        await asyncio.sleep(0.3)
        assert len(asyncio.all_tasks()) > before
    await asyncio.sleep(0.5)
    assert len(asyncio.all_tasks()) <= before


async def test_a_server_that_stops_lets_polls_answer(database: str, tmp_path: Path) -> None:
    hub = await Hub.open(Settings(data_dir=tmp_path), database, NullDoorbell())
    async with aiohttp.ClientSession() as session:
        async with Listener(create_app(hub), "127.0.0.1", 0) as listener:
            desk = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
            poll = asyncio.create_task(desk.get("/v1/inbox?wait_seconds=60", "operator"))
            await asyncio.sleep(0.3)
            began = time.monotonic()
        assert time.monotonic() - began < 30
        assert (await poll).json == {"items": [], "next": 0}
    await hub.close()
