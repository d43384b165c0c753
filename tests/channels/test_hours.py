"""Outside its working hours a channel of any kind lets nothing out; when it opens, what waited goes out, in its order."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from tests.channels.test_every_channel import KINDS, PULLED, ByChannel, until, world
from tests.http.desk import TERMS, order
from tradeflow.client import AsyncClient

HOURS = {"zone": "Asia/Hong_Kong", "days": ["mon", "tue"], "from": "09:00", "to": "18:00"}
SUNDAY, MONDAY = "2025-01-12T04:00:00Z", "2025-01-13T01:00:00Z"


async def test_every_kind_of_channel_keeps_its_hours(database: str, tmp_path: Path) -> None:
    (tmp_path / "partner").mkdir()
    sellers = {kind: f"seller-{kind.replace('_', '-')}" for kind in KINDS if kind not in PULLED}
    async with world(database, tmp_path) as there, AsyncExitStack() as stack:
        operator = await stack.enter_async_context(AsyncClient(there.url, there.key))
        await operator.set_clock(datetime.fromisoformat(SUNDAY))
        await operator.add_party("buyer-house", "Buyer House", "NL")
        buyer = await stack.enter_async_context(AsyncClient(there.url, (await operator.add_key("buyer-house", "tests")).key))
        for kind, party in sellers.items():
            await operator.add_party(party, party, "HK")
            there.kinds[party] = kind
            own = ByChannel(there, party, (await operator.add_key(party, "tests")).key)
            own.hours = HOURS
            await own.connect()
            await stack.enter_async_context(own)
        sent: dict[str, str] = {}
        for party in sellers.values():
            cast = [("buyer-house", "importer"), (party, "exporter")]
            trade = await buyer.open_trade(cast, "", TERMS)
            text = json.dumps(order(trade.trade_id)).replace("van-der-meer", "buyer-house").replace("golden-lantern", party)
            document = json.loads(text)
            document["message"]["recipients"] = [{"party_id": party, "role": "exporter"}]
            sent[party] = (await buyer.lodge(document)).deliveries[0].delivery_id

        async def waiting() -> bool:
            items = (await operator.get("/v1/deliveries", status="pending"))["items"]
            return {item["party_id"] for item in items if item["channel"]} == set(sellers.values())

        await until(waiting)
        await asyncio.sleep(1)  # two looks of the dispatcher
        assert {party: there.arrived(party) & {id} for party, id in sent.items()} == {party: set() for party in sent}
        item = (await operator.get("/v1/deliveries", status="pending"))["items"][0]
        assert item["channel"]["opens_at"] == "2025-01-13T09:00:00+08:00" and item["attempts"] <= 1
        await operator.set_clock(datetime.fromisoformat(MONDAY))

        async def all_there() -> bool:
            return all(id in there.arrived(party) for party, id in sent.items())

        await until(all_there)
