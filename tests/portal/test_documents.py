"""Documents and findings in a real browser: typed by hand, from a draft, refused and corrected, uploaded, read, compared, discussed."""

import asyncio
import json
from urllib.parse import quote

import msgspec
import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.http.desk import Desk, order, sample
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits, email_of
from tests.portal.visitor import PASSWORD, upload
from tradeflow.bundle import bundle_root
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Player

NEXT = "//p[contains(@class, 'next')]//a/@href"
UNTIL_INVOICED = 7  # steps of S01

OPEN_FOLDS = (
    "element => { for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true; }"
)
PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


async def sign_in(page: Page, party: str) -> None:
    await page.goto("/portal/sign-in")
    await page.get_by_label("E-mail address").fill(email_of(party))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/portal")


def at(page: Page, pointer: str) -> Locator:
    """The field of a value."""
    return page.locator(f'form[data-entry] [name="{pointer}"]')


async def fill(page: Page, values: dict[str, str]) -> None:
    """Type values; what is folded away is opened first, as a person would."""
    for pointer, value in values.items():
        field = at(page, pointer)
        await field.evaluate(OPEN_FOLDS)
        if await field.evaluate("element => element.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)


BY_HAND = {
    "/document/number": "PO-HAND-1",
    "/currency": "USD",
    "/order_kind": "SPOT",
    "/transport_mode": "1",
    "/load_type": "FCL",
    "/latest_shipment": "2025-03-15",
    "/buyer/name": "Van der Meer Verlichting B.V.",
    "/buyer/address/city": "Rotterdam",
    "/buyer/address/country": "NL",
    "/seller/name": "Golden Lantern Lighting Ltd",
    "/seller/address/city": "Hong Kong",
    "/seller/address/country": "HK",
    "/terms/incoterm": "CIF",
    "/terms/version": "Incoterms 2020",
    "/terms/place/unlocode": "NLRTM",
    "/terms/place/name": "Rotterdam",
    "/terms/place/country": "NL",
    "/port_of_discharge/unlocode": "NLRTM",
    "/port_of_discharge/name": "Rotterdam",
    "/port_of_discharge/country": "NL",
    "/documents_required/0/document_type": "commercial_invoice",
    "/documents_required/0/originals": "3",
    "/payment/method": "LC_SIGHT",
    "/payment/tenor_basis": "SIGHT",
    "/insurance_by": "SELLER",
    "/signature/signatory": "Joris van der Meer",
    "/signature/capacity": "AUTHORISED_OFFICER",
    "/signature/date": "2025-01-06",
    "/signature/method": "MANUAL",
}


async def test_a_purchase_order_typed_by_hand(desk: Desk, tab: Page) -> None:
    """From an empty form to a sent order: rows pasted from a spreadsheet, totals computed, a refusal with its findings, corrected."""
    trade = await desk.trade()
    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    assert await barriers(tab) == [] and await sideways(tab) <= 0
    await fill(tab, BY_HAND)
    await at(tab, "/lines/0/description").focus()
    await tab.evaluate(PASTE, "Description of goods\tQuantity\tUnit price\nLED table lamp\t4,200\t24.50\nDesk lamp, brass\t100\t31.00")
    await expect(at(tab, "/lines/1/description")).to_have_value("Desk lamp, brass")
    await expect(at(tab, "/lines/0/quantity/value")).to_have_value("4200")
    await expect(at(tab, "/lines/1/unit_price/currency")).to_have_value("USD")
    for line in (0, 1):
        await at(tab, f"/lines/{line}/quantity/unit").fill("PCE")
    await at(tab, "/lines/1/quantity/unit").press("Tab")
    await expect(at(tab, "/lines/1/line_amount/value")).to_have_value("3100")
    await expect(at(tab, "/totals/total/value")).to_have_value("106000")

    await at(tab, "/totals/total/value").fill("106001")  # the clerk knows better, and does not
    await tab.get_by_role("button", name="Send", exact=True).click()
    await expect(tab.locator("#refusal")).to_be_visible()
    await expect(tab.locator('[id="f.totals.total"] .wrong').first).to_contain_text("106,001.00 is not USD 106,000.00")
    assert await barriers(tab) == []
    await at(tab, "/totals/total/value").fill("106000")
    await tab.get_by_role("button", name="Send", exact=True).click()
    await expect(tab.get_by_role("status").first).to_contain_text("PO-HAND-1 is sent")
    lodged = await desk.get(f"/v1/trades/{trade}/documents/purchase_order/PO-HAND-1", "golden-lantern")
    assert lodged.json["totals"]["total"] == {"value": "106000", "currency": "USD"} and len(lodged.json["lines"]) == 2
    assert await barriers(tab) == [] and await sideways(tab) <= 0


async def contracted(desk: Desk) -> str:
    """A trade with an order that is confirmed: what the draft of the confirmation needs of its sender is typed."""
    trade = await desk.trade()
    assert (await desk.lodge(order(trade), "van-der-meer")).status == 201
    tree = (await desk.get(f"/v1/trades/{trade}/draft/sales_order?number=GL-25-031", "golden-lantern")).json["document"]
    written = sample("sales_order", trade)
    tree["signature"]["signatory"], tree["advising_bank"] = written["signature"]["signatory"], written["advising_bank"]
    reply = await desk.lodge(tree, "golden-lantern")
    assert reply.status == 201, reply.body
    return trade


@pytest.fixture(scope="session")
async def invoiced(desk: Desk) -> str:
    """S01 as far as the invoice, played by a hub's own player: order, confirmation, credit, packing list, invoice."""
    scenario = load(bundle_root() / "workflows" / "trade" / "scenarios" / "S01.toml")
    short = msgspec.structs.replace(scenario, step=scenario.step[:UNTIL_INVOICED])
    outcome = await Player(desk.base_url, desk.keys["operator"], catalogue(), "json").play(short)
    assert outcome.difference == ""
    return outcome.trade_id


async def test_rows_by_keyboard_and_by_button(desk: Desk, tab: Page) -> None:
    trade = await desk.trade()
    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    await fill(tab, {"/currency": "EUR", "/lines/0/description": "One", "/lines/0/quantity/value": "1", "/lines/0/quantity/unit": "PCE"})
    await at(tab, "/lines/0/quantity/value").press("Enter")
    await expect(at(tab, "/lines/1/quantity/value")).to_be_focused()
    await expect(at(tab, "/lines/1/quantity/unit")).to_have_value("PCE")
    await expect(at(tab, "/lines/1/unit_price/currency")).to_have_value("EUR")
    await at(tab, "/lines/1/description").fill("Two")
    await at(tab, "/lines/1/quantity/value").press("ArrowUp")
    await expect(at(tab, "/lines/0/quantity/value")).to_be_focused()
    await at(tab, "/lines/0/description").press("Control+Delete")
    await expect(at(tab, "/lines/0/description")).to_have_value("Two")
    assert await at(tab, "/lines/1/description").count() == 0


async def test_who_types_on_while_a_check_is_under_way_gets_the_last_one_and_no_error(desk: Desk, tab: Page) -> None:
    """A hub that is slow to answer: nothing is broken off (`tab` fails on anything in the console), and what was typed last is what is checked."""
    trade, asked, go_on = await desk.trade(), asyncio.Queue[str](), asyncio.Event()

    async def slow(route: Route) -> None:
        asked.put_nowait(route.request.post_data or "")
        await go_on.wait()
        await route.continue_()

    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    await tab.route("**/check", slow)
    for number in ("PO-1", "PO-2"):
        await at(tab, "/document/number").fill(number)
        await at(tab, "/document/number").press("Tab")
        if number == "PO-1":
            assert "PO-1" in await asyncio.wait_for(asked.get(), 60)
    await tab.wait_for_timeout(700)  # the second change has waited its half second
    assert asked.empty(), "one at a time"
    go_on.set()
    assert "PO-2" in await asyncio.wait_for(asked.get(), 60)
    await expect(tab.locator("#checked .verdict")).to_be_visible()


async def test_a_commercial_invoice_from_the_draft(desk: Desk, tab: Page) -> None:
    """The trade knows nearly all of it: the exporter types a number and who signs, and sends."""
    trade = await contracted(desk)
    await sign_in(tab, "golden-lantern")
    await tab.goto(f"/portal/trades/{trade}/write/commercial_invoice")
    await expect(at(tab, "/lines/0/quantity/value")).to_have_value("4200")
    await expect(tab.locator("main")).to_contain_text("from Sales")
    await expect(tab.locator(".to")).to_contain_text("Van Der Meer Importer")
    unit = at(tab, "/lines/0/quantity/unit")
    await expect(unit).to_have_attribute("title", "piece")
    await unit.fill("KGM")
    await expect(unit).to_have_attribute("title", "kilogram")
    await unit.fill("PCE")
    await at(tab, "/document/number").fill("INV-1")
    await at(tab, "/document/number").press("Tab")
    await expect(tab.locator("#checked .verdict")).to_be_visible()
    await tab.get_by_role("button", name="Save as draft").click()
    await expect(tab.get_by_role("status").first).to_contain_text("Kept as a draft")
    await expect(at(tab, "/document/number")).to_have_value("INV-1")
    await tab.goto("/portal/drafts")
    await expect(tab.get_by_role("link", name="INV-1")).to_be_visible()
    assert await barriers(tab) == []


async def test_a_port_is_looked_up(desk: Desk, tab: Page) -> None:
    trade = await desk.trade()
    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    field = at(tab, "/port_of_loading/unlocode")
    await field.evaluate(OPEN_FOLDS)
    await field.press_sequentially("yant")
    await expect(tab.locator("#list-offers option")).to_have_count(1)
    await field.fill("CNYTN")
    await expect(at(tab, "/port_of_loading/name")).to_have_value("Yantian")
    await expect(at(tab, "/port_of_loading/country")).to_have_value("CN")


# --- over HTTP ------------------------------------------------------------------------------------------------------------------


async def test_without_script_a_row_is_added_and_taken_away_by_the_hub(desk: Desk, visitor: Visits) -> None:
    trade = await desk.trade()
    one = await visitor("van-der-meer")
    path = f"/portal/trades/{trade}/write/purchase_order"
    await one.get(path)
    page = await one.submit(path, **{"/lines/0/description": "First", "add": "/lines"})
    assert "/lines/1/description" in page.form(path) and page.form(path)["/lines/0/description"] == "First"
    page = await one.submit(path, **{"/lines/1/description": "Second", "remove": "/lines/0"})
    assert page.form(path)["/lines/0/description"] == "Second" and "/lines/1/description" not in page.form(path)
    page = await one.submit(path, do="check")
    assert page.all("//p[contains(@class, 'wrong')]") and "still to be filled in" in page.text


async def test_a_draft_is_not_overwritten_by_who_read_it_earlier(desk: Desk, visitor: Visits) -> None:
    trade = await desk.trade()
    one, other = await visitor("van-der-meer"), await visitor("van-der-meer")
    path = f"/portal/trades/{trade}/write/purchase_order"
    await one.get(path)
    kept = await one.submit(path, **{"/document/number": "A", "do": "save"})
    await other.get(kept.url.removeprefix(other.base_url))
    await one.submit(path, **{"/document/number": "B", "do": "save"})
    late = await other.submit(path, **{"/document/number": "C", "do": "save"})
    assert late.all("//*[@role='alert']") and late.form(path)["/document/number"] == "C" and late.form(path)["draft_id"] == ""


async def test_a_second_person_is_said_to_be_needed(desk: Desk, visitor: Visits) -> None:
    trade = await desk.trade()
    rules = {"items": [{"type": "purchase_order", "amount_from": None, "currency": None}]}
    assert (await desk.call("PUT", "/v1/release-rules", "van-der-meer", rules)).status == 200
    try:
        one = await visitor("van-der-meer")
        file = json.dumps(order(trade)).encode()
        page = await upload(one, trade, "order.json", file)
        assert "A second person of your company" in page.text
        held = await one.submit(f"/portal/trades/{trade}/upload", do="send")
        assert "Kept for a second person" in held.text
    finally:
        assert (await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": []})).status == 200


async def test_a_document_is_read_taken_along_and_talked_about(desk: Desk, visitor: Visits) -> None:
    trade = await contracted(desk)
    exporter, importer, stranger = [await visitor(party) for party in ("golden-lantern", "van-der-meer", "stranger")]
    here = f"/portal/trades/{trade}/documents/purchase_order/25-0117"
    page = await exporter.get(here)
    assert page.status == 200 and "LED table lamp" in page.text and "USD" in page.text
    assert (await stranger.get(here)).status == 404
    files = {link.text_content(): link.get("href") for link in page.all("//aside//a[contains(@href, '/files/')]")}
    assert {"PDF", "JSON", "XML"} < set(files)
    for name, path in files.items():
        async with exporter.session.get(exporter.base_url + path) as answer:
            body = await answer.read()
            assert (answer.status == 200 and body and "attachment" in answer.headers["Content-Disposition"]) or name == "PDF", name
    said = f"/portal/trades/{trade}/comments/purchase_order/25-0117"
    await exporter.get(here)
    page = await exporter.submit(said, text="Is 24.50 final?\nWe had 24.80.")
    assert "Is 24.50 final?" in page.text
    page = await exporter.submit(said, text="Ask May first", internal="true")
    assert "Ask May first" in page.text
    theirs = await importer.get(here)
    assert "Is 24.50 final?" in theirs.text and "Ask May first" not in theirs.text
    assert (await exporter.submit(said, text="")).status == 422


async def test_the_next_version_of_a_document_and_what_it_breaks(desk: Desk, visitor: Visits, invoiced: str) -> None:
    """A new version of the packing list says another weight: told beside the field, then side by side, cured by one more version."""
    one = await visitor("golden-lantern")
    packed = next(
        d for d in (await desk.get(f"/v1/trades/{invoiced}/documents", "golden-lantern")).json["items"] if d["type"] == "packing_list"
    )
    number, path = packed["number"], f"/portal/trades/{invoiced}/write/packing_list"
    page = await one.get(f"/portal/trades/{invoiced}/documents/packing_list/{number}")
    change = next(href for href in page.all(NEXT) if "change=" in href)
    form = (await one.get(change)).form(path)
    assert form["/document/version"] == "2" and form["/message/function"] == "5"
    sent = await one.submit(path, **{"/marks": "VDM / ANOTHER MARK", "do": "send"})
    assert "is sent" in sent.text, sent.text
    page = await one.get(f"/portal/trades/{invoiced}/differences/packing_list/{number}")
    assert "ANOTHER MARK" in "".join(one.text_content() for one in page.all("//ins"))
    page = await one.get(f"/portal/trades/{invoiced}/findings")
    cards = [card for card in page.all("//article[contains(@class, 'finding')]") if "ANOTHER MARK" in card.text_content()]
    assert cards and len(cards[0].xpath(".//mark")) == 2, page.text
    fix = next(href for href in cards[0].xpath(".//a/@href") if "change=" in href and "packing_list" in href)
    form = (await one.get(fix)).form(path)
    assert form["/document/version"] == "3" and "ANOTHER" not in form["/marks"]
    cured = await one.submit(path, do="send")
    assert "is sent" in cured.text, cured.text
    assert "ANOTHER MARK" not in (await one.get(f"/portal/trades/{invoiced}/findings")).text
    assert "ANOTHER MARK" in (await one.get(f"/portal/trades/{invoiced}/findings?status=cured")).text


async def test_amounts_of_a_new_version_follow_and_what_is_wrong_leaves_the_columns_their_room(
    desk: Desk, tab: Page, invoiced: str
) -> None:
    """Another quantity: the line and the totals say what follows. An amount typed wrong is told below the row, with what is right to take."""
    sent = (await desk.get(f"/v1/trades/{invoiced}/documents", "golden-lantern")).json["items"]
    number = next(one["number"] for one in sent if one["type"] == "commercial_invoice")
    await sign_in(tab, "golden-lantern")
    await tab.goto(f"/portal/trades/{invoiced}/write/commercial_invoice?change={quote(number, safe='')}")
    line, total = at(tab, "/lines/0/line_amount/value"), at(tab, "/totals/total/value")
    await at(tab, "/lines/0/quantity/value").fill("4000")
    await at(tab, "/lines/0/quantity/value").press("Tab")
    await expect(line).to_have_value("98000")
    await expect(total).to_have_value("98000")
    await line.fill("1")
    await line.press("Tab")
    take = tab.locator("table.grid tr.rest .wrong").get_by_role("button", name="98000")
    await expect(take).to_be_visible()
    assert (await line.bounding_box() or {"width": 0})["width"] > 50
    await take.click()
    await expect(line).to_have_value("98000")


async def test_a_document_is_presented_by_who_may(desk: Desk, visitor: Visits, invoiced: str) -> None:
    """As it is, by reference, to the bank that the set goes to; nobody else's to present, and nothing that is not there."""
    exporter, importer = await visitor("golden-lantern"), await visitor("van-der-meer")
    found = (await desk.get(f"/v1/trades/{invoiced}/documents", "golden-lantern")).json["items"]
    number = next(d["number"] for d in found if d["type"] == "commercial_invoice")
    path = f"/portal/trades/{invoiced}/write/commercial_invoice"
    page = await exporter.get(f"/portal/trades/{invoiced}/documents/commercial_invoice/{number}")
    form = await exporter.get(next(href for href in page.all(NEXT) if "present=" in href))
    assert form.form(path)["/message/function"] == "31" and form.form(path)["/document/number"] == number
    assert form.all("//input[@name='to' and @checked]/@value") == ["harbour-trade-bank|advising_bank"]
    page = await importer.get(f"/portal/trades/{invoiced}/documents/commercial_invoice/{number}")
    assert not [href for href in page.all(NEXT) if "present=" in href]
    assert (await importer.get(f"{path}?present={number}")).status == 403
    assert (await exporter.get(f"{path}?present=NONE")).status == 404


async def test_pages_about_documents_keep_nobody_out(tab: Page, phone: Page, desk: Desk, invoiced: str) -> None:
    here = f"/portal/trades/{invoiced}"
    found = (await desk.get(f"/v1/trades/{invoiced}/documents", "golden-lantern")).json["items"]
    invoice = next(d["number"] for d in found if d["type"] == "commercial_invoice")
    paths = [
        f"{here}/documents/commercial_invoice/{invoice}",
        f"{here}/write",
        f"{here}/upload",
        f"{here}/findings",
        f"{here}/write/shipping_instruction",
    ]
    for page in (tab, phone):
        await sign_in(page, "golden-lantern")
        for path in paths:
            assert (await page.goto(path)).status == 200, path  # type: ignore[union-attr]
            assert await barriers(page) == [], path
            assert await sideways(page) <= 0, path


PRINTED = {"pdf": "commercial_invoice", "excel": "commercial_invoice", "swift_mt": "letter_of_credit"}


@pytest.mark.parametrize("form", PRINTED)
async def test_files_are_uploaded_in_a_browser(desk: Desk, tab: Page, invoiced: str, form: str) -> None:
    """A print with its data, a workbook, a SWIFT message: chosen, looked at, opened in the form with what is wrong, kept as a draft."""
    kind = PRINTED[form]
    party = "golden-lantern" if kind == "commercial_invoice" else "maasbank"
    found = (await desk.get(f"/v1/trades/{invoiced}/documents", party)).json["items"]
    number = next(d["number"] for d in found if d["type"] == kind)
    await sign_in(tab, party)
    await tab.goto(f"/portal/trades/{invoiced}/documents/{kind}/{number}")
    link = tab.locator(f"aside a[href*='/files/{form}/']")
    body = await (await tab.request.get(str(await link.get_attribute("href")))).body()
    await tab.goto(f"/portal/trades/{invoiced}/upload")
    await tab.get_by_label("File", exact=True).set_input_files({"name": f"file.{form}", "mimeType": "", "buffer": body})
    await tab.get_by_role("button", name="Look at it").click()
    await expect(tab.get_by_role("heading", name="What was read of")).to_be_visible()
    await expect(tab.locator(".paper")).to_contain_text(number)
    assert await barriers(tab) == [] and await sideways(tab) <= 0
    await tab.get_by_role("button", name="Open it in the form").click()
    await expect(at(tab, "/document/number")).to_have_value(number)
    wrong = "/document/issue_date"
    await at(tab, wrong).fill("")
    await at(tab, wrong).press("Tab")
    await expect(tab.locator('[data-field="/document/issue_date"] .wrong')).to_be_visible()
    await tab.get_by_role("button", name="Save as draft").click()
    await expect(tab.get_by_role("status").first).to_contain_text("Kept as a draft")
