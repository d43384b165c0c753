"""A trade from its opening in the portal to its documents: the board, the page, versions, what follows by itself, boxes."""

import asyncio
import uuid

import pytest
from playwright.async_api import Page, expect

from tests.http.desk import CAST, Desk, order, reference
from tests.http.leaving import full
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits, email_of
from tests.portal.visitor import PASSWORD, Visitor
from tradeflow.app.access import Caller
from tradeflow.app.wiring import Hub
from tradeflow.machine.load import machine
from tradeflow.portal.linemap import line_map
from tradeflow.store import board

BOXES = ["/portal/inbox", "/portal/outbox", "/portal/quarantine"]


async def signed_in(tab: Page, party: str) -> None:
    await tab.goto("/portal/sign-in")
    await tab.get_by_label("E-mail address").fill(email_of(party))
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Sign in").click()
    await tab.wait_for_url("**/portal")


async def ordered(desk: Desk) -> str:
    """A trade with the order in it."""
    trade_id = await desk.trade()
    reply = await desk.lodge(order(trade_id), "van-der-meer")
    assert reply.status == 201, reply.body
    return trade_id


async def line_of(one: Visitor, trade_id: str, query: str = "") -> str:
    page = await one.get(f"/portal/trades?q={trade_id.lower()}{query}")
    rows = page.all("//tbody/tr")
    return " ".join(rows[0].text_content().split()) if rows else ""


async def test_a_trade_is_opened_with_its_partners_and_terms(visitor: Visits, desk: Desk) -> None:
    one, id = await visitor("golden-lantern"), reference()
    page = await one.get("/portal/trades-new")
    fields = [(name, value) for name, value in page.form("/portal/trades-new").items() if not name.startswith("partner")]
    fields = [(n, v) for n, v in fields if n not in ("role", "trade_id", "incoterm", "payment_method")]
    sent = [("role", "exporter"), ("trade_id", id), ("incoterm", "CIF"), ("payment_method", "LC_SIGHT")]
    partners = [("partner_role", "importer"), ("partner", "van-der-meer"), ("partner_role", "insurer"), ("partner", "")]
    wrong = await one.post("/portal/trades-new", [*fields, *sent, ("partner_role", "importer"), ("partner", "nobody-here")])
    assert wrong.status == 422 and wrong.all("//*[@role='alert']") and wrong.form("/portal/trades-new")["trade_id"] == id
    opened = await one.post("/portal/trades-new", [*fields, *sent, *partners])
    assert opened.path == f"/portal/trades/{id}" and "The trade is open" in opened.text
    assert (await one.post("/portal/trades-new", [*fields, *sent, *partners])).path == f"/portal/trades/{id}"  # sent twice, opened once
    trade = (await desk.get(f"/v1/trades/{id}", "van-der-meer")).json
    assert trade["terms"] == {"incoterm": "CIF", "payment_method": "LC_SIGHT"}
    assert {(p["party_id"], p["role"]) for p in trade["participants"]} == {("golden-lantern", "exporter"), ("van-der-meer", "importer")}
    again = await one.get(f"/portal/trades-new?like={id}")
    form = again.form("/portal/trades-new")
    assert (form["role"], form["incoterm"], form["payment_method"], form["trade_id"]) == ("exporter", "CIF", "LC_SIGHT", "")
    assert [one.get("value") for one in again.all("//input[@name='partner']")][:2] == ["van-der-meer", ""]
    assert "Van Der Meer, Importer" in again.all("//datalist/option[@value='van-der-meer']")[0].text_content()
    stranger = await visitor("stranger")
    assert (await stranger.get(f"/portal/trades-new?like={id}")).status == 404


async def test_a_partner_is_brought_in_and_another_invited(visitor: Visits, desk: Desk) -> None:
    trade_id, one = await desk.trade(), await visitor("golden-lantern")
    await one.get(f"/portal/trades/{trade_id}")
    added = await one.submit(f"/portal/trades/{trade_id}/partners", role="insurer", party_id="stranger")
    assert "stranger takes part" in added.text
    invited = await one.submit(f"/portal/trades/{trade_id}/partners", role="customs_broker", party_id="")
    address = invited.all("//code[@id='address']")[0].text
    assert address.startswith(desk.base_url)
    other = await visitor("stranger")
    await other.get(address.removeprefix(desk.base_url))
    joined = await other.submit("/portal/join")
    assert joined.path == f"/portal/trades/{trade_id}" and "takes part in this trade" in joined.text
    again = await other.post("/portal/join", joined.form("/portal/sign-out") | {"token": address.partition("token=")[2]})
    assert again.status == 404 and "ask for a new one" in again.text
    assert "Bring a partner in" not in (await other.get(f"/portal/trades/{trade_id}")).text  # it is not for an insurer to say


async def test_a_party_leaves_and_what_it_left_behind_is_handed_over(visitor: Visits, desk: Desk, hub: Hub) -> None:
    trade_id, seller, buyer = await desk.trade(), await visitor("golden-lantern"), await visitor("van-der-meer")
    page = f"/portal/trades/{trade_id}"
    async with full(hub, "golden-lantern"):
        assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
        await seller.get(page)
        refused = await seller.submit(f"{page}/departures", note="sold")
        assert "another party takes over as exporter" in refused.text and refused.path == page
        gone = await seller.submit(f"{page}/departures", note="sold", successor="stranger")
        assert gone.path == "/portal/trades" and "takes part no longer as Exporter" in gone.text
        assert (await seller.get(page)).status == 404
    seen = await buyer.get(page)
    assert "Golden Lantern · Exporter" in seen.text and "Stranger took over" in seen.text and "takes part no longer" in seen.text
    await buyer.get("/portal/outbox")
    (id,) = [
        item["delivery_id"] for item in (await desk.get("/v1/deliveries", "van-der-meer")).json["items"] if item["trade_id"] == trade_id
    ]
    assert buyer.page is not None and "Golden Lantern left the trade before this arrived" in buyer.page.text
    handed = await buyer.submit(f"/portal/deliveries/{id}/hand-over")
    assert handed.path == "/portal/outbox" and "stranger gets it" in handed.text
    assert "ended" in (await buyer.get(f"{page}/deliveries")).text


async def test_the_page_of_a_trade_says_what_is_missing_and_where_it_stands(visitor: Visits, desk: Desk) -> None:
    trade_id = await ordered(desk)
    seller = await (await visitor("golden-lantern")).get(f"/portal/trades/{trade_id}")
    buyer = await (await visitor("van-der-meer")).get(f"/portal/trades/{trade_id}")
    own, other = (page.all("//section[@id='todo']//ul[@class='owed-list']")[0].text_content() for page in (seller, buyer))
    assert "Sales order" in own and seller.all(f"//a[contains(@href, '/portal/trades/{trade_id}/write/')]")
    assert "Sales order" not in other or "Exporter" in other
    assert "25-0117" in seller.text and "Clocks" not in seller.text
    stands = seller.all("//*[local-name()='svg']//*[contains(@class, 'here')]")
    assert stands and "ordered" in " ".join(one.text_content() for one in stands)
    assert seller.all("//section[@id='clocks']//li[contains(@class, 'clock')]")
    assert (await (await visitor("stranger")).get(f"/portal/trades/{trade_id}")).status == 404


async def test_versions_of_a_document_and_what_changed(visitor: Visits, desk: Desk) -> None:
    trade_id = await desk.trade()
    first = order(trade_id)
    assert (await desk.lodge(first, "van-der-meer")).status == 201
    second = order(trade_id, function="5")
    second["document"]["version"] = 2
    second["lines"][0]["description"] += ", boxed"
    reply = await desk.lodge(second, "van-der-meer")
    assert reply.status == 201, reply.body
    number = first["document"]["number"]
    page = await (await visitor("golden-lantern")).get(f"/portal/trades/{trade_id}/versions?type=purchase_order&number={number}")
    assert page.status == 200 and len(page.all("//section[1]//tbody/tr")) == 2 and page.all("//ins")
    assert (
        await (await visitor("golden-lantern")).get(f"/portal/trades/{trade_id}/versions?type=purchase_order&number=none")
    ).status == 404


async def test_the_board_says_whose_turn_it_is_and_finds_what_is_asked_for(
    visitor: Visits, desk: Desk, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade_id = await ordered(desk)
    seller, buyer = await visitor("golden-lantern"), await visitor("van-der-meer")
    await asyncio.wait_for(_kept(hub, trade_id, set(CAST) - {"stranger"}), 60)
    assert "you" in await line_of(seller, trade_id) and "Sales order" in await line_of(seller, trade_id, "&only=mine")
    assert await line_of(buyer, trade_id, "&only=mine") == "" or "you" in await line_of(buyer, trade_id, "&only=mine")
    assert await line_of(seller, trade_id, "&only=late") == "" and await line_of(seller, trade_id, "&only=done") == ""
    assert await line_of(await visitor("stranger"), trade_id) == ""
    assert trade_id in await line_of(await visitor("operator"), trade_id)
    found = await seller.get("/portal/trades?q=25-0117+van-der")
    assert trade_id in found.text
    monkeypatch.setattr(board, "NEAR", 1)  # found by the index of words, which comes to the same
    for only in ("", "&only=mine", "&only=open"):
        assert trade_id in (await seller.get(f"/portal/trades?q={trade_id}+van-der{only}")).text
    assert "Nothing found" in (await seller.get("/portal/trades?q=no-such-number")).text
    for odd in ("%27%5C%3A*%26%7C", "a'b", "%00", "%5C"):
        assert (await seller.get(f"/portal/trades?q={odd}")).status in (200, 422)
    assert (await seller.get("/portal/trades?only=nonsense")).status == 422


async def _kept(hub: Hub, trade_id: str, parties: set[str]) -> None:
    """The keeper beside the hub has put the trade on the boards of these parties, at the version it has."""
    count = "SELECT count(*) FROM board_seat s JOIN trade t USING (trade_id, version) WHERE trade_id = $1 AND party_id = ANY($2)"
    while True:
        async with hub.store.connection() as connection:
            if await connection.fetchval(count, trade_id, list(parties)) == len(parties):
                return
        await asyncio.sleep(0.1)


async def test_the_board_goes_page_by_page_and_a_line_that_is_behind_is_worked_out_at_once(desk: Desk, hub: Hub) -> None:
    id = f"pager-{uuid.uuid4().hex[:8]}"
    await desk.post("/v1/parties", "operator", {"party_id": id, "name": "Pager", "country": "HK"})
    desk.keys[id] = (await desk.post(f"/v1/parties/{id}/keys", "operator", {"name": "tests"})).json["key"]
    trades = sorted([reference() for _ in range(5)], reverse=True)
    for trade_id in trades:
        spec = {
            "trade_id": trade_id,
            "participants": [{"party_id": id, "role": "importer"}, {"party_id": "golden-lantern", "role": "exporter"}],
        }
        assert (await desk.post("/v1/trades", id, spec)).status == 201
    caller, seen, after = Caller(id, "key"), [], ""  # nobody signs in for it: no board of it is kept
    while True:
        page = await hub.boards.page(caller, "", "", after, 2)
        seen += [row["trade_id"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == trades
    limited = Caller(id, "key", roles=frozenset({"insurer"}))
    assert all(not row["line"].stage and not row["line"].held for row in (await hub.boards.page(limited, "", "", "", 9))["items"])


async def test_lateness_comes_by_the_clock(visitor: Visits, desk: Desk, hub: Hub) -> None:
    trade_id, one = await ordered(desk), await visitor("golden-lantern")
    await asyncio.wait_for(_kept(hub, trade_id, {"golden-lantern"}), 60)
    assert await line_of(one, trade_id, "&only=late") == ""
    async with hub.store.connection() as connection:  # as if its last day had passed: the clock of this hub is others' too
        moved = (
            "UPDATE board_seat SET late_at = tf_now() - interval '1 day' WHERE trade_id = $1 AND party_id = 'golden-lantern' RETURNING 1"
        )
        assert await connection.fetchval(moved, trade_id)
    assert trade_id in await line_of(one, trade_id, "&only=late")


async def test_what_is_wrong_stands_on_the_line_map(desk: Desk, hub: Hub) -> None:
    trade_id = await ordered(desk)
    trade = await hub.queries.trade(Caller("golden-lantern", "key"), trade_id)
    drawn = line_map(machine(), trade, trade["now"])
    contract = next(line for line in drawn.lines if line.key == "contract.main")
    assert [one.state for one in contract.stations] == ["negotiating", "ordered", "agreed"]
    assert [one.kind for one in contract.stations] == ["past", "here", "ahead"] and contract.status == "open"
    late = line_map(machine(), trade, max(clock.due_at for clock in trade["timers"]))
    assert next(line for line in late.lines if line.key == "contract.main").status == "blocked"


async def test_deliveries_are_acknowledged_from_the_inbox(visitor: Visits, desk: Desk) -> None:
    party, trade_id = "golden-lantern", await ordered(desk)
    one = await visitor(party)
    for _ in range(100):
        page = await one.get("/portal/inbox")
        if trade_id in page.text:
            break
        await asyncio.sleep(0.1)
    boxes = [box.get("value") for box in page.all(f"//tr[contains(., '{trade_id}')]//input[@name='delivery']")]
    assert boxes
    token = page.form("/portal/inbox/acknowledge")["csrf_token"]
    done = await one.post(
        "/portal/inbox/acknowledge", [("csrf_token", token), *(("delivery", box) for box in boxes), ("delivery", "nonsense")]
    )
    assert f"{len(boxes)} acknowledged" in done.text and trade_id not in done.text
    listed = await (await visitor("van-der-meer")).get(f"/portal/trades/{trade_id}/deliveries")
    assert "acknowledged" in listed.text
    again = await one.get(f"/portal/trades/{trade_id}/deliveries")
    assert again.status == 200


@pytest.mark.parametrize("path", ["/portal", "/portal/trades", "/portal/trades-new", "/portal/join", *BOXES])
async def test_nobody_is_kept_out_of_the_pages(path: str, desk: Desk, tab: Page, phone: Page) -> None:
    await ordered(desk)
    for page in (tab, phone):
        await signed_in(page, "golden-lantern")
        await page.goto(path)
        assert await barriers(page) == []
        assert await sideways(page) <= 0


async def test_nobody_is_kept_out_of_a_trade(desk: Desk, tab: Page, phone: Page) -> None:
    trade_id = await ordered(desk)
    for page in (tab, phone):
        await signed_in(page, "golden-lantern")
        await page.goto(f"/portal/trades/{trade_id}")
        assert await barriers(page) == []
        assert await sideways(page) <= 0


async def test_a_trade_that_is_watched_follows_what_happens(desk: Desk, tab: Page) -> None:
    trade_id = await desk.trade()
    await signed_in(tab, "golden-lantern")
    await tab.goto(f"/portal/trades/{trade_id}")
    await expect(tab.locator("#documents")).to_contain_text("No document yet")
    reply = await desk.lodge(order(trade_id), "van-der-meer")
    assert reply.status == 201, reply.body
    await expect(tab.locator("#documents")).to_contain_text("25-0117")


async def test_a_tour_leads_through_the_page(visitor: Visits, desk: Desk) -> None:
    trade_id, one = await desk.trade(), await visitor("golden-lantern")
    path, seen = f"/portal/trades/{trade_id}?tour=1", []
    while path:
        page = await one.get(path.partition("#")[0])
        seen += [aside.text for aside in page.all("//aside//h2")]
        onward = page.all("//aside//a[text()='Next']/@href")
        assert all(page.all(f"//*[@id='{link.partition('#')[2]}']") for link in onward)
        path = f"/portal/trades/{trade_id}{onward[0]}" if onward else ""
    assert len(seen) == len(set(seen)) == 6
    assert (await one.get(f"/portal/trades/{trade_id}?tour=99")).status == 404


async def test_the_tour_is_taken_by_keyboard(desk: Desk, tab: Page) -> None:
    """Tab and Enter alone: the note is where the keyboard goes on from, and the part it speaks of is in sight."""
    trade_id = await ordered(desk)
    await signed_in(tab, "golden-lantern")
    await tab.goto(f"/portal/trades/{trade_id}?tour=1#todo")
    for stop in ("map", "clocks"):
        await expect(tab.locator(".tour")).to_be_focused()
        while await tab.evaluate("document.activeElement.textContent") != "Next":
            await tab.keyboard.press("Tab")
        await tab.keyboard.press("Enter")
        await tab.wait_for_url(f"**#{stop}")
        await expect(tab.locator(f"#{stop} h2")).to_be_in_viewport()
    await tab.goto("/portal/trades")
    await tab.keyboard.press("Tab")
    await expect(tab.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    await tab.keyboard.press("Enter")
    await expect(tab.locator("main")).to_be_focused()
