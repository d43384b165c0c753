import os
from tests.http.desk import Desk, order, sample
from tests.portal.conftest import email_of
from tests.portal.visitor import PASSWORD
from tests.portal.barriers import barriers, sideways
async def sign(page, party):
    await page.goto("/portal/sign-in")
    await page.get_by_label("E-mail address").fill(email_of(party))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/portal")
async def test_shots(desk, tab, phone):
    trade = await desk.trade()
    o = order(trade)
    assert (await desk.lodge(o, "van-der-meer")).status == 201
    for page, size in ((tab,'d'),(phone,'p')):
        for party, types in (("van-der-meer", ["purchase_order"]), ("golden-lantern", ["commercial_invoice","bill_of_lading" ,"packing_list"])):
            await page.context.clear_cookies()
            await sign(page, party)
            for t in types:
                r = await page.goto(f"/portal/trades/{trade}/write/{t}")
                if r.status != 200:
                    print(t, r.status, (await page.inner_text("main"))[:300]); continue
                print(size, t, "barriers", (await barriers(page))[:8], "sideways", await sideways(page), len(await page.content()))
                await page.screenshot(path=f"/tmp/shots/{t}-{size}.png", full_page=True)
