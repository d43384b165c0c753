"""Whoever holds a document learns whether it is authentic and current, and nothing more."""

import json

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.http.desk import Desk, order
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits
from tests.portal.visitor import Seen, Visitor

PDF, XML = {"Accept": "application/pdf"}, {"Accept": "application/xml"}


async def lodged(desk: Desk) -> tuple[dict[str, object], str]:
    """An order in a trade of its own, and its address in the API."""
    trade_id = await desk.trade()
    message = order(trade_id)
    assert (await desk.lodge(message, "van-der-meer")).status == 201
    return message, f"/v1/trades/{trade_id}/documents/purchase_order/{message['document']['number']}"  # type: ignore[index]


async def upload(one: Visitor, name: str, body: bytes) -> Seen:
    await one.get("/portal/verify")
    form = aiohttp.FormData()
    form.add_field("csrf_token", one.page.form("/portal/verify").get("csrf_token", ""))  # type: ignore[union-attr]
    form.add_field("file", body, filename=name)
    return await one.post("/portal/verify", form)


def verdict(page: Seen) -> str:
    return str(page.all("//*[@id='verdict']/text()")[0])


async def test_a_file_is_compared_whatever_its_form(desk: Desk, visitor: Visits) -> None:
    message, path = await lodged(desk)
    one = await visitor("")
    forms = [
        ("order.json", json.dumps(message, indent=7).encode()),
        ("canonical.json", (await desk.get(path, "golden-lantern")).body),
        ("order.xml", (await desk.get(path, "golden-lantern", headers=XML)).body),
        ("order.pdf", (await desk.get(path, "golden-lantern", headers=PDF)).body),
    ]
    for name, body in forms:
        page = await upload(one, name, body)
        assert page.status == 200 and verdict(page) == "Authentic and current", name
        assert str(message["document"]["number"]) in page.text and "van-der-meer" not in page.text.lower(), "no more than it has to"  # type: ignore[index]
    assert "inside the PDF" in page.text


async def test_what_was_changed_is_noticed(desk: Desk, visitor: Visits) -> None:
    message, _ = await lodged(desk)
    one = await visitor("")
    message["notes"] = "a word more"
    message.setdefault("document", {})["issue_date"] = "2025-01-05"  # type: ignore[index]
    page = await upload(one, "order.json", json.dumps({k: v for k, v in message.items() if k != "notes"}).encode())
    assert verdict(page) == "Not what was lodged here" and not page.all("//dl[@class='facts']")
    for name, body in (
        ("x.pdf", b"%PDF-1.7 nothing"),
        ("x.json", b"{"),
        ("x.xml", b"<a/>"),
        ("x.png", b"\x89PNG\r\n"),
        ("x.json", b"[" * 90_000),
    ):
        assert verdict(await upload(one, name, body)) == "No document of this hub", name


async def test_a_replaced_version_says_so(desk: Desk, visitor: Visits) -> None:
    message, path = await lodged(desk)
    first = (await desk.get(path, "golden-lantern")).body
    envelope = message["message"] | {"id": "0194fe00-0000-7000-8000-0000000000aa", "function": "5"}  # type: ignore[operator]
    changed = message["document"] | {"version": 2, "issue_date": "2025-01-05"}  # type: ignore[operator]
    reply = await desk.lodge(message | {"message": envelope, "document": changed}, "van-der-meer")
    assert reply.status == 201, reply.body
    page = await upload(await visitor(""), "old.json", first)
    assert verdict(page) == "Authentic, but replaced" and "the newest is 2" in page.text


async def test_the_code_on_paper_leads_to_the_page(desk: Desk, visitor: Visits) -> None:
    _, path = await lodged(desk)
    trade_id, sha256 = (
        path.split("/")[3],
        (await desk.get(path.replace("documents", "versions"), "golden-lantern")).json["items"][0]["sha256"],
    )
    one = await visitor("")
    page = await one.get(f"/v1/verify/{trade_id}/{sha256}", Accept="text/html,*/*")
    assert page.path == f"/portal/verify/{trade_id}/{sha256}" and verdict(page) == "Authentic and current"
    assert (await desk.get(f"/v1/verify/{trade_id}/{sha256}")).json["current"] is True
    typed = await one.submit("/portal/verify", trade_id=trade_id.lower(), sha256=f"{sha256[:32]} {sha256[32:].upper()}")
    assert verdict(typed) == "Authentic and current"
    typed = await one.submit("/portal/verify", trade_id="", sha256=f"https://hub.example/v1/verify/{trade_id}/{sha256}")
    assert verdict(typed) == "Authentic and current"
    for wrong in ("0" * 64, "short", "'; --"):
        assert verdict(await one.get(f"/portal/verify/{trade_id}/{wrong}")) == "Not what was lodged here"


@pytest.mark.parametrize("path", ["/portal/verify", "/portal/verify/ANY-TRADE/0000"])
async def test_nobody_is_kept_out(path: str, tab: Page, phone: Page) -> None:
    for page in (tab, phone):
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await barriers(page) == [] and await sideways(page) <= 0
