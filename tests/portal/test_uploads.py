"""Files that are uploaded are looked at first: what was read, what was not, and what can be done with it."""

import pytest

from tests.http.desk import Desk, order
from tests.portal.conftest import Visits
from tests.portal.visitor import upload


@pytest.mark.parametrize("to", ["json", "xml", "edifact"])
async def test_a_file_is_looked_at_before_it_is_sent(desk: Desk, visitor: Visits, to: str) -> None:
    trade = await desk.trade()
    made = await desk.call("POST", f"/v1/convert?to={to}", "van-der-meer", order(trade))
    one = await visitor("van-der-meer")
    page = await upload(one, trade, f"order.{to}", made.json["file"].encode())
    assert page.status == 200 and "What was read of" in page.text and "What was not taken over" in page.text, page.text
    assert "LED table lamp" in page.text
    before = await desk.get(f"/v1/trades/{trade}/documents", "van-der-meer")
    assert before.json["items"] == []
    edited = await one.submit(f"/portal/trades/{trade}/upload", do="edit")
    assert edited.form(f"/portal/trades/{trade}/write/purchase_order")["/lines/0/quantity/value"] == "4200"
    if to == "json":
        await upload(one, trade, "order.json", made.json["file"].encode())
        sent = await one.submit(f"/portal/trades/{trade}/upload", do="send")
        assert "is sent" in sent.text


@pytest.mark.parametrize(
    ("name", "body"),
    [("x.json", b"{"), ("x.bin", b"\x00\x01"), ("x.edi", b"UNB+"), ("x.xml", b"<a/>"), ("x.json", b""), ("x.pdf", b"%PDF-1.7 a picture")],
)
async def test_a_file_that_is_none_is_said_to_be_none(desk: Desk, visitor: Visits, name: str, body: bytes) -> None:
    trade = await desk.trade()
    page = await upload(await visitor("van-der-meer"), trade, name, body)
    assert page.status == 200 and page.all("//*[@role='alert']"), page.text
