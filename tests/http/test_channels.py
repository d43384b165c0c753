"""Channels over the API, with a real receiver: a small web server of the partner's that verifies what it is sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import standardwebhooks
from aiohttp import web

from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tradeflow.api.app import create_app
from tradeflow.api.serve import Listener
from tradeflow.app.keys import operator_key
from tradeflow.app.wiring import Hub
from tradeflow.codec import intake
from tradeflow.settings import Settings
from tradeflow.worker.background import background
from tradeflow.worker.doorbell import InProcessDoorbell

HERE = "/v1/parties/golden-lantern/channels"


@dataclass
class Receiver:
    """The partner's system. `answers` are the statuses it gives first, then 204."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    got: "asyncio.Queue[tuple[dict[str, str], bytes]]" = field(default_factory=asyncio.Queue)

    async def met(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.put_nowait(({name.lower(): value for name, value in request.headers.items()}, body))
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    async def next(self) -> tuple[dict[str, str], bytes]:
        return await asyncio.wait_for(self.got.get(), 60)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.met)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running(database: str, folder: Path, **given: Any) -> AsyncIterator[Desk]:
    """A hub of its own with two parties."""
    bell = InProcessDoorbell()
    hub = await Hub.open(Settings(data_dir=folder, **given), database, bell)
    async with background(hub, bell), Listener(create_app(hub), "127.0.0.1", 0) as listener, aiohttp.ClientSession() as session:
        desk = Desk(listener.base_url, session, {"operator": await operator_key(hub.store)})
        for party in ("golden-lantern", "van-der-meer", "maasbank", "harbour-trade-bank", "stranger"):
            assert (await desk.post("/v1/parties", "operator", {"party_id": party, "name": party, "country": "HK"})).status == 201
            desk.keys[party] = (await desk.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
        if given.get("sandbox"):
            await desk.call("PUT", "/v1/sandbox/clock", "operator", {"now": "2025-01-06T10:00:00Z"})
        yield desk
    await hub.close()


@pytest.fixture
async def own(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running(database, tmp_path, sandbox=True, internal_addresses=True) as desk:
        yield desk


async def put(desk: Desk, url: str, **given: Any) -> Any:
    reply = await desk.call("PUT", f"{HERE}/erp", "golden-lantern", {"kind": "webhook", "settings": {"url": url}} | given)
    assert reply.status == 200, reply.body
    return reply.json


async def travelled(desk: Desk, trade_id: str, status: str, party: str = "van-der-meer") -> Any:
    """The delivery to the exporter, once its way through the channel has this status."""
    async with asyncio.timeout(60):
        while True:
            items = (await desk.get(f"/v1/trades/{trade_id}/deliveries", party)).json["items"]
            for item in items:
                if item["party_id"] == "golden-lantern" and item["channel"] and item["channel"]["status"] == status:
                    return item
            await asyncio.sleep(0.05)


async def test_a_message_is_posted_signed_and_both_sides_see_it(own: Desk) -> None:
    async with receiving() as receiver:
        made = await put(own, receiver.url)
        secret = made["issued"]["signing"]
        trade_id = await own.trade()
        message = order(trade_id)
        assert (await own.lodge(message, "van-der-meer")).status == 201
        headers, body = await receiver.next()
        assert standardwebhooks.Webhook(secret).verify(body, headers) == json.loads(
            intake.read(json.dumps(message).encode(), "application/json").canonical
        )
        assert headers["tradeflow-trade"] == trade_id and headers["tradeflow-type"] == "purchase_order"
        item = await travelled(own, trade_id, "sent")
        assert item["delivery_id"] == headers["webhook-id"]
        assert (item["status"], item["channel"]["receipt"], item["channel"]["breaker"]) == ("delivered", "answered 204", "closed")
        assert [(one["channel"], one["outcome"]) for one in item["attempt_list"]] == [("", "delivered"), ("erp", "sent")]
        assert (await own.post(f"/v1/inbox/{headers['webhook-id']}/ack", "golden-lantern")).status == 200
        assert (await travelled(own, trade_id, "sent"))["status"] == "acknowledged", "the receiver's own word is another level"
        seen = await own.get(f"{HERE}/erp", "golden-lantern")
        assert secret not in seen.body.decode() and [one["name"] for one in seen.json["secrets"]] == ["signing"]
        again = await own.post(f"/v1/deliveries/{item['delivery_id']}/resend", "van-der-meer")
        assert again.json["channel"]["status"] == "pending"
        assert (await receiver.next())[0]["webhook-id"] == headers["webhook-id"]


async def test_as_xml_where_the_channel_wants_xml(own: Desk) -> None:
    async with receiving() as receiver:
        await put(own, receiver.url, format="xml", message_types=["purchase_*"])
        trade_id = await own.trade()
        assert (await own.lodge(order(trade_id), "van-der-meer")).status == 201
        headers, body = await receiver.next()
        assert headers["content-type"] == "application/xml" and b"<purchase_order" in body[:400]


async def test_a_secret_is_renewed_without_a_gap(own: Desk) -> None:
    async with receiving() as receiver:
        old = (await put(own, receiver.url))["issued"]["signing"]
        new = (await own.post(f"{HERE}/erp/secrets", "golden-lantern", {"secret": "signing"})).json["issued"]["signing"]
        assert (await own.post(f"{HERE}/erp/test", "golden-lantern")).json["result"] == "sent"
        headers, body = await receiver.next()
        for secret in (old, new):
            standardwebhooks.Webhook(secret).verify(body, headers)
        last = (await own.post(f"{HERE}/erp/secrets", "golden-lantern", {"secret": "signing", "overlap_seconds": 0})).json["issued"][
            "signing"
        ]
        assert (await own.post(f"{HERE}/erp/test", "golden-lantern")).json["result"] == "sent"
        headers, body = await receiver.next()
        standardwebhooks.Webhook(last).verify(body, headers)
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(old).verify(body, headers)


async def test_trouble_is_seen_by_both_and_over_when_the_clock_of_the_sandbox_moves_on(own: Desk) -> None:
    async with receiving() as receiver:
        await put(own, receiver.url)
        receiver.answers += [web.Response(status=503, headers={"Retry-After": "3600"})]
        trade_id = await own.trade()
        assert (await own.lodge(order(trade_id), "van-der-meer")).status == 201
        await receiver.next()
        async with asyncio.timeout(60):
            while not (late := await travelled(own, trade_id, "pending"))["channel"]["last_error"]:  # noqa: ASYNC110 - the hub is watched as a partner would
                await asyncio.sleep(0.05)
        assert late["channel"]["last_error"] == "answered 503" and late["channel"]["wait_until"] > "2025-01-06T10:59"
        waiting = (await own.get("/v1/deliveries?status=pending", "van-der-meer")).json["items"]
        assert [one["delivery_id"] for one in waiting] == [late["delivery_id"]]
        await own.call("PUT", "/v1/sandbox/clock", "operator", {"advance": "PT2H"})
        await receiver.next()
        assert (await travelled(own, trade_id, "sent", "golden-lantern"))["channel"]["attempts"] == 2
        receiver.answers += [web.Response(status=410)]
        other = await own.trade()
        assert (await own.lodge(order(other), "van-der-meer")).status == 201
        await receiver.next()
        async with asyncio.timeout(60):
            while (await own.get(f"{HERE}/erp", "golden-lantern")).json["state"] == "active":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        stopped = (await own.get(f"{HERE}/erp", "golden-lantern")).json
        assert (stopped["state"], stopped["waiting"]) == ("disabled", 1) and "410" in stopped["reason"]
        assert (await own.post(f"{HERE}/erp/resume", "golden-lantern")).json["state"] == "active"
        await receiver.next()
        await travelled(own, other, "sent")


async def test_what_is_wrong_with_a_channel_is_said_at_once_and_all_of_it(own: Desk) -> None:
    hours = {"zone": "Mars/Olympus", "days": ["mon", "someday"], "from": "09:00", "to": "09:00"}
    given = {
        "kind": "webhook",
        "message_types": ["purchase_order", "no_such*"],
        "settings": {"url": "http://inside.example", "hurry": True},
        "hours": hours,
    }
    reply = await own.call("PUT", f"{HERE}/erp", "golden-lantern", given)
    assert_problem(reply, 422, "INVALID_REQUEST", f"{HERE}/erp")
    assert {finding["pointer"] for finding in reply.json["findings"]} == {
        "/settings/hurry",
        "/message_types",
        "/hours/zone",
        "/hours/days",
        "/hours/to",
    }
    for url in ("http://inside.example/", "https://user:pw@erp.example/", "ftp://erp.example/", "https://bücher.example/"):
        reply = await own.call("PUT", f"{HERE}/erp", "golden-lantern", {"kind": "webhook", "settings": {"url": url}})
        assert reply.status == 422 and "url" in reply.json["detail"], url
    assert (await own.call("PUT", f"{HERE}/erp", "stranger", given)).code == "UNKNOWN_PARTY"
    assert (await own.get(f"{HERE}/erp", "golden-lantern")).code == "UNKNOWN_CHANNEL"


async def test_a_production_hub_leads_to_no_address_of_its_own(database: str, tmp_path: Path) -> None:
    async with running(database, tmp_path, internal_addresses=True) as desk, receiving() as receiver:
        await put(desk, receiver.url)
        tried = (await desk.post(f"{HERE}/erp/test", "golden-lantern")).json
        assert tried["result"] == "retry" and "no channel may use" in tried["said"]
        assert receiver.got.empty()
