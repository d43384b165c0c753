"""What a trade costs and what is said in it, on the board and on the page of the trade."""

import asyncio

import aiohttp
import msgspec
from click.testing import CliRunner

from tests.http.desk import Desk, order
from tests.portal.conftest import Visits, email_of, enlisted
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.cli.conversation import command as conversation
from tradeflow.cli.costs import command
from tradeflow.cli.scenario import shipped
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player

FREE, LATE, BILLED = "VHD-2025-0391", "VHD-2025-0392", "VHD-2025-0393"


async def played(desk: Desk, reference: str, message: str) -> None:
    """The trade of a container that stays too long, up to a message that is taken."""
    scenario = load(shipped()["S10"])
    last = next(n for n, step in enumerate(scenario.step, 1) if step.message == message and not step.error)
    part = msgspec.structs.replace(scenario, reference=reference, step=scenario.step[:last])
    player = Player(desk.base_url, desk.keys["operator"], catalogue(), "json")
    outcome = await asyncio.to_thread(lambda: asyncio.run(player.play(part)))  # the hub goes on beside it
    assert not outcome.difference, outcome.difference


async def test_a_container_that_stays_costs_its_tariff_day_by_day(desk: Desk, hub: Hub, visitor: Visits) -> None:
    await desk.clock_back()
    await played(desk, FREE, "equipment_interchange_receipt")
    await enlisted(desk, "visayas-home-depot", email_of("visayas-home-depot"))
    importer, caller = await visitor("visayas-home-depot"), Caller("visayas-home-depot", "key")
    free, now = await hub.queries.costs(caller, FREE)
    (stay,) = free.stays
    assert (stay.kind, stay.charged(now), stay.cost(now), stay.rate(now)) == ("DET", 0, 0, None)
    assert f"free until {stay.free_until.day - 1} Apr" in (await importer.get("/portal/trades")).text
    await played(desk, LATE, "detention_notice_1")
    await desk.call("PUT", "/v1/sandbox/clock", "operator", {"now": "2025-04-19T09:00:00+08:00"})
    late, now = await hub.queries.costs(caller, LATE)
    (stay,) = late.stays  # as the final notice of the scenario reckons it: 10 days, 5 at 30 and 5 at 60
    assert (stay.type, stay.charged(now), stay.cost(now), stay.rate(now)) == ("detention_notice_1", 10, 450, 60)
    assert late.totals(now) == [("USD", 450)]
    desk.keys["depot"] = (await desk.post("/v1/parties/visayas-home-depot/keys", "operator", {"name": "costs"})).json["key"]
    told = (await desk.get(f"/v1/trades/{LATE}/costs", "depot")).json
    assert told["totals"] == [{"value": "450.00", "currency": "USD"}] and told["stays"][0]["container"] == stay.container
    asked = [LATE, "--url", desk.base_url, "--key", desk.keys["depot"]]
    said = await asyncio.to_thread(CliRunner().invoke, command, asked)
    assert "10 days charged: USD 450.00" in said.output and "in all USD 450.00" in said.output
    page = await importer.get(f"/portal/trades/{LATE}")
    costs = " ".join(page.all("//section[@id='costs']")[0].text_content().split())
    assert (
        stay.container in costs
        and "10 days" in costs
        and "450.00" in costs
        and page.all("//section[@id='costs']//a[contains(@href, 'detention_notice_1')]")
    )
    async with asyncio.timeout(60):  # the board is kept beside what is lodged
        while "10 days" not in (board := (await importer.get(f"/portal/trades?q={LATE}")).text):  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.1)
    assert "costs in all" in board
    # neither the shipper's board nor the trucker's tells what they do not see
    assert "450.00" not in (await hub_page(desk, hub, "mactan-hauling"))


async def hub_page(desk: Desk, hub: Hub, party: str) -> str:
    """What costs the queries tell a party of the cast."""
    costs, now = await hub.queries.costs(Caller(party, "key"), LATE)
    return str(costs.totals(now))


async def test_sums_stand_with_their_document_and_who_owes_them(desk: Desk, hub: Hub) -> None:
    await desk.clock_back()
    await played(desk, BILLED, "credit_note")
    costs, now = await hub.queries.costs(Caller("visayas-home-depot", "key"), BILLED)
    assert not costs.stays  # it is back
    assert {(one.type, one.is_, one.others) for one in costs.stated} >= {
        ("freight_invoice", "billed", False),
        ("credit_note", "credited", False),
    }
    assert costs.totals(now) == [("USD", 870)]  # 990 less 120, as the scenario pays it
    carrier, now = await hub.queries.costs(Caller("blue-ensign", "key"), BILLED)
    assert carrier.stated and all(one.others for one in carrier.stated) and carrier.totals(now) == []


async def test_what_is_said_about_documents_is_one_conversation_with_what_is_new(desk: Desk, hub: Hub, visitor: Visits) -> None:
    trade_id = await desk.trade()
    reply = await desk.lodge(order(trade_id), "van-der-meer")
    number = (
        reply.json["document"]["number"]
        if "document" in reply.json
        else (await desk.get(f"/v1/trades/{trade_id}", "van-der-meer")).json["documents"][0]["number"]
    )
    seller, buyer = await visitor("golden-lantern"), await visitor("van-der-meer")
    live = f"{desk.base_url}/portal/trades/{trade_id}/live?version=1000000"
    async with seller.session.get(live, timeout=aiohttp.ClientTimeout(total=60)) as stream:
        for text, internal in (("Two cartons more?", ""), ("They always ask.", "true")):
            await buyer.get(f"/portal/trades/{trade_id}/documents/purchase_order/{number}")
            await buyer.submit(
                f"/portal/trades/{trade_id}/comments/purchase_order/{number}", text=text, **({"internal": internal} if internal else {})
            )
        told = await asyncio.wait_for(stream.content.readuntil(b"event: changed\n"), 60) + await stream.content.readline()
    page = await seller.get(f"/portal/trades/{trade_id}")
    last = page.all("//*[@id='live']/@data-said")[0]
    assert told.decode().split()[-1] == last  # who follows the trade hears of it, and of nothing that is not for it
    said = page.all("//section[@id='conversation']")[0].text_content()
    assert "Two cartons more?" in said and "1 new" in said and "They always ask." not in said
    assert (
        "new" not in (await buyer.get(f"/portal/trades/{trade_id}")).all("//section[@id='conversation']//h2")[0].text_content()
    )  # its own
    for at, one in ((seller, ["1 new comment"]), (buyer, [])):
        board = await at.get(f"/portal/trades?q={trade_id.lower()}")
        linked = board.all(f"//tbody//a[@href='/portal/trades/{trade_id}#conversation']")
        assert [" ".join(link.text_content().split()).partition(":")[0] for link in linked] == one
    await seller.get(f"/portal/trades/{trade_id}")
    answered = await seller.submit(f"/portal/trades/{trade_id}/comments/purchase_order/{number}", text="I answer here.", back="trade")
    assert answered.all("//section[@id='conversation']//p[@class='text']")[0].text_content() == "I answer here."
    asked = [trade_id, "--url", desk.base_url, "--key", desk.keys["golden-lantern"]]
    for more, unread in (["--read"], "2 of 2 new"), ([], "0 of 2 new"):  # a key reads for itself
        said_so = (await asyncio.to_thread(CliRunner().invoke, conversation, [*asked, *more])).output
        assert "Two cartons more?" in said_so and unread in said_so
    read = await seller.submit(f"/portal/trades/{trade_id}/conversation")
    assert read.path == f"/portal/trades/{trade_id}" and "1 new" not in read.text and "Two cartons more?" in read.text
    assert "new comment" not in (await seller.get(f"/portal/trades?q={trade_id.lower()}")).text
    assert (await (await visitor("stranger")).get(f"/portal/trades/{trade_id}")).status == 404
