"""What spares typing, in a real browser: rows that a spreadsheet put onto the clipboard, and what was sent for the last shipment.

The clipboard is the browser's: what a page of its own copies there, byte for byte as Excel does, is pasted with the keys that people press.
"""

from playwright.async_api import Page, expect

from tests.http.desk import TERMS, Desk, order, reference
from tests.portal.roles import company, registered
from tests.portal.test_documents import at, sign_in

# What Excel puts there for a header and two rows: text with tabs and line ends of Windows, and a page of its own with a table in it.
TSV = (
    "Description of goods\tQuantity\tUnit price\r\n"
    '"LED table lamp, brass\nwith ""Lotus"" shade"\t4,200\t $24.50 \r\n'
    "Desk lamp\t1 000\tUSD 1,031.00\r\n"
)
HTML = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns="http://www.w3.org/TR/REC-html40"><head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=ProgId content=Excel.Sheet>
<style><!--table {mso-displayed-decimal-separator:"\\.";} td {mso-number-format:General;}--></style></head>
<body link="#0563C1" vlink="#954F72"><table border=0 cellpadding=0 cellspacing=0 width=192><!--StartFragment-->
<tr height=20><td>Description of goods</td><td>Quantity</td><td>Unit price</td></tr>
<tr height=20><td>LED table lamp, brass<br>with &quot;Lotus&quot; shade</td><td align=right>4,200</td><td align=right>$24.50</td></tr>
<tr height=20><td>Desk lamp</td><td align=right>1 000</td><td align=right>USD 1,031.00</td></tr>
<!--EndFragment--></table></body></html>"""
COPIES = """([text, html]) => document.addEventListener("copy", event => {
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
}, {once: true})"""


async def copy(page: Page, text: str, html: str) -> None:
    """Another window copies: as a spreadsheet would, text and table together."""
    sheet = await page.context.new_page()
    await sheet.set_content("<p>a workbook</p>")
    await sheet.evaluate(COPIES, [text, html])
    await sheet.keyboard.press("Control+c")
    await sheet.close()
    await page.bring_to_front()


async def test_rows_are_pasted_from_a_spreadsheet(desk: Desk, tab: Page) -> None:
    """Columns are known by their headings, lines within a cell stay, numbers lose what a spreadsheet adds; totals follow."""
    trade = await desk.trade()
    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    await at(tab, "/currency").fill("USD")
    await copy(tab, TSV, HTML)
    await at(tab, "/lines/0/description").focus()
    await tab.keyboard.press("Control+v")
    expected = {
        "/lines/0/description": 'LED table lamp, brass\nwith "Lotus" shade',
        "/lines/0/quantity/value": "4200",
        "/lines/0/unit_price/value": "24.50",
        "/lines/0/unit_price/currency": "USD",
        "/lines/1/description": "Desk lamp",
        "/lines/1/quantity/value": "1000",
        "/lines/1/unit_price/value": "1031.00",
        "/lines/0/line_amount/value": "102900",
        "/totals/total/value": "1133900",
    }
    for pointer, value in expected.items():
        await expect(at(tab, pointer)).to_have_value(value)
    await expect(tab.locator('[name^="/lines/"][name$="/description"]')).to_have_count(2)


async def test_numbers_are_read_as_the_sheet_wrote_them(desk: Desk, tab: Page) -> None:
    """A comma is a decimal sign where it can be nothing else, and so is a point; what is no number stays for the hub to say so."""
    read = {"4.200,00": "4200.00", "24,5": "24.5", "€ 1.234.567": "1234567", "4,200": "4200", "3.5 t": "3.5", "12.50-": "12.50-"}
    trade = await desk.trade()
    await sign_in(tab, "van-der-meer")
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    await copy(tab, "\r\n".join(read) + "\r\n", "<table>" + "".join(f"<tr><td>{one}</td></tr>" for one in read) + "</table>")
    await at(tab, "/lines/0/quantity/value").focus()
    await tab.keyboard.press("Control+v")
    for row, value in enumerate(read.values()):
        await expect(at(tab, f"/lines/{row}/quantity/value")).to_have_value(value)


async def test_a_document_begins_with_what_was_sent_last(desk: Desk, tab: Page) -> None:
    """Parties, goods and terms of the last shipment come with one click; its number and dates do not."""
    buyer = company("importer")  # of other tests' trades some are in the future
    await registered(desk, ["importer"])
    cast = [{"party_id": buyer, "role": "importer"}, {"party_id": "golden-lantern", "role": "exporter"}]
    last, trade = reference(), reference()
    for id in (last, trade):
        assert (await desk.post("/v1/trades", buyer, {"trade_id": id, "participants": cast, "terms": TERMS})).status == 201
    number = f"PO-{last}"
    sent = order(last)
    sent["document"]["number"] = number
    sent["message"]["sender"]["party_id"] = sent["buyer"]["party_id"] = buyer
    reply = await desk.lodge(sent, buyer)
    assert reply.status == 201, reply.body
    await sign_in(tab, buyer)
    await tab.goto(f"/portal/trades/{trade}/write/purchase_order")
    await tab.get_by_role("link", name="Copy from the last shipment").click()
    for pointer, value in {
        "/lines/0/description": sent["lines"][0]["description"],
        "/lines/0/unit_price/value": "24.5",  # as documents are kept, without the noughts at the end
        "/seller/name": "Golden Lantern",  # as the company is registered
        "/seller/address/street": sent["seller"]["address"]["street"],
        "/payment/tenor_basis": sent["payment"]["tenor_basis"],
        "/document/number": "",
        "/latest_shipment": "",
    }.items():
        await expect(at(tab, pointer)).to_have_value(value)
    origin = tab.locator(".origin").filter(has_text=number)
    await expect(origin.first).to_be_attached()


async def test_there_is_a_row_for_each_partner(tab: Page) -> None:
    """However many they are."""
    await sign_in(tab, "van-der-meer")
    await tab.goto("/portal/trades-new")
    rows = await tab.get_by_label("Short name").count()
    await tab.get_by_label("Short name").nth(rows - 1).fill("maasbank")
    await tab.get_by_role("button", name="One more partner").click()
    await expect(tab.get_by_label("Short name")).to_have_count(rows + 1)
    await expect(tab.get_by_label("Short name").nth(rows)).to_have_value("")
    await expect(tab.locator(f"#partner_role{rows + 1}")).to_be_focused()
