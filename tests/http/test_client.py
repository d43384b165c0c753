"""The client against a real hub: what a program of a party does with it, from opening a trade to acknowledging a delivery."""

import asyncio
import json
import threading
import uuid
from datetime import timedelta

import pytest

from tests.http.desk import Desk, order, reference
from tradeflow.client import AsyncClient, Client, Conflict, Forbidden, Invalid, NotAuthenticated, NotFound

CAST = [("van-der-meer", "importer"), ("golden-lantern", "exporter")]


@pytest.fixture
async def buyer(desk: Desk) -> AsyncClient:
    return AsyncClient(desk.base_url, desk.keys["van-der-meer"])


@pytest.fixture
async def seller(desk: Desk) -> AsyncClient:
    return AsyncClient(desk.base_url, desk.keys["golden-lantern"])


async def test_from_an_order_to_its_acknowledgement(desk: Desk, buyer: AsyncClient, seller: AsyncClient) -> None:
    async with buyer, seller:
        start = (await seller.inbox(limit=500)).next
        trade_id = (await buyer.open_trade(CAST, reference(), {"incoterm": "CIF"}, key=(key := str(uuid.uuid4())))).trade_id
        assert (await buyer.open_trade(CAST, trade_id, {"incoterm": "CIF"}, key=key)).trade_id == trade_id, "the same key, the same answer"
        document = order(trade_id)
        receipt = await buyer.lodge(document)
        assert (await buyer.lodge(document)) == receipt, "again is the same"
        assert next((move.region, move.target) for move in receipt.response.moved) == ("contract.main", "ordered")
        taken = [item async for item in seller.deliveries(start, wait_seconds=2, until_empty=True) if item.trade_id == trade_id]
        assert [(item.type, item.sender.party_id, item.role) for item in taken] == [("purchase_order", "van-der-meer", "exporter")]
        assert json.loads((await seller.message(taken[0])).body) == document
        assert (await seller.acknowledge(taken[0].delivery_id)).delivery_id == taken[0].delivery_id
        assert not [i for i in (await seller.inbox(start, unacknowledged=True, limit=500)).items if i.trade_id == trade_id]
        trade = await seller.trade(trade_id)
        assert trade.regions["contract.main"].state == "ordered"
        assert [entry.type for entry in trade.documents] == ["purchase_order"]
        assert any(one.message == "sales_order" and one.open for one in await seller.allowed(trade_id, "exporter"))
        moved = [move for event in trade.timeline for move in event.moved]
        assert ("contract.main", "ordered") in {(move.region, move.target) for move in moved}


async def test_the_next_document_and_what_keeps_it_back(desk: Desk, buyer: AsyncClient, seller: AsyncClient) -> None:
    async with buyer, seller:
        trade_id = await desk.trade()
        await buyer.lodge(document := order(trade_id))
        draft = await seller.draft(trade_id, "sales_order", "exporter", "SO-1")
        assert draft.document["message"]["trade_id"] == trade_id and draft.document["document"]["number"] == "SO-1"
        assert draft.origins and all(one.name for one in draft.to_type)
        assert (await seller.why_not(trade_id, "letter_of_credit", "exporter")).taken is False
        assert "purchase_order" not in (await seller.missing(trade_id)).may_send.get("exporter", [])
        assert (await buyer.findings(trade_id)).items == []
        found = await seller.document(trade_id, "purchase_order", document["document"]["number"], xml=True)
        assert found.content_type == "application/xml" and found.body.startswith(b"<?xml")
        assert [one.number for one in await seller.documents(trade_id)] == [document["document"]["number"]]
        assert trade_id in [line.trade_id async for line in seller.trades()]


async def test_refusals_are_exceptions_and_stay_readable_for_their_sender(desk: Desk, buyer: AsyncClient, seller: AsyncClient) -> None:
    async with buyer, seller, AsyncClient(desk.base_url, "tf_0_none") as nobody:
        trade_id = await desk.trade()
        wrong = order(trade_id)
        wrong["lines"][0]["quantity"]["value"] = "42"
        with pytest.raises(Invalid) as refused:
            await buyer.lodge(wrong)
        assert refused.value.code == "RULE_VIOLATION"
        assert all(finding.rule and finding.pointer and finding.hint for finding in refused.value.findings)
        kept = await buyer.refusals(trade_id)
        assert [(one.type, one.sender, one.problem["code"]) for one in kept] == [("purchase_order", "van-der-meer", "RULE_VIOLATION")]
        assert len(kept[0].problem["findings"]) == len(refused.value.findings)
        assert await seller.refusals(trade_id) == [], "nobody else's business"
        async with AsyncClient(desk.base_url, desk.keys["operator"]) as operator:
            assert len(await operator.refusals(trade_id)) == 1, "the operator helps"
        with pytest.raises(Forbidden):
            await seller.lodge(order(trade_id))
        with pytest.raises(NotFound):
            await seller.trade(reference())
        with pytest.raises(NotAuthenticated):
            await nobody.trade(trade_id)
        await buyer.lodge(order(trade_id))
        with pytest.raises(Conflict) as early:
            await buyer.lodge(order(trade_id) | {"document": {**wrong["document"], "number": "another"}})
        assert early.value.allowed, "what would be taken instead"


async def test_an_envelope_is_completed_once(desk: Desk, buyer: AsyncClient) -> None:
    async with buyer:
        document = order(await desk.trade())
        for made in ("id", "schema_version", "function"):
            del document["message"][made]
        receipt = await buyer.lodge(document)
        assert uuid.UUID(receipt.receipt.message_id).version == 7
        assert "id" not in document["message"], "the caller's document stays as it is"


async def test_without_an_event_loop(desk: Desk) -> None:
    trade_id = await desk.trade()
    arrived: list[str] = []

    def seller() -> None:
        with Client(desk.base_url, desk.keys["golden-lantern"]) as hub:
            for item in hub.deliveries(hub.inbox(limit=500).next, wait_seconds=10):
                hub.acknowledge(item.delivery_id)
                if item.trade_id == trade_id:  # other tests' deliveries may still be on their way
                    arrived.append(item.trade_id)
                    return

    waiting = threading.Thread(target=seller)
    waiting.start()
    await asyncio.sleep(0.3)

    def buyer() -> str:
        with Client(desk.base_url, desk.keys["van-der-meer"]) as hub:
            hub.lodge(order(trade_id))
            return hub.decide(trade_id, "inspection_not_required", role="importer").response.moved[0].target

    assert await asyncio.to_thread(buyer) == "not_required"
    await asyncio.to_thread(waiting.join, 20)
    assert arrived == [trade_id]


async def test_the_operators_part(desk: Desk) -> None:
    async with AsyncClient(desk.base_url, desk.keys["operator"]) as operator:
        party = f"client-{uuid.uuid4().hex[:8]}"
        assert (await operator.add_party(party, "Client Test Ltd", "HK")).country == "HK"
        key = await operator.add_key(party, "tests")
        before = (await operator.clock()).now
        assert (await operator.set_clock(timedelta(seconds=1))).now > before
        async with AsyncClient(desk.base_url, key.key) as mine:
            assert (await mine.party(party)).name == "Client Test Ltd"
            assert [line async for line in mine.trades()] == []
            assert (await mine.get("/v1/catalogue"))["items"]
