"""A file with many documents in a browser: chosen, worked on with a bar that moves by itself, refused rows told with their cells."""

import uuid
from pathlib import Path

from playwright.async_api import Page, expect

from tests.http.desk import Desk
from tests.http.test_bulk import joined, numbered
from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import Visits, email_of
from tests.portal.visitor import PASSWORD


async def test_many_documents_are_sent_at_once_and_one_that_is_refused_is_told(
    desk: Desk, tab: Page, visitor: Visits, tmp_path: Path
) -> None:
    documents = [numbered(await desk.trade(), f"B-{n}-{uuid.uuid4().hex[:6]}") for n in range(3)]
    lines = joined(documents).decode("utf-8-sig").splitlines()
    wrong = next(n for n, line in enumerate(lines) if documents[1].number in line)
    lines[wrong] = lines[wrong].replace(",CIF,", ",CIFF,", 1)
    (tmp_path / "orders.csv").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    await tab.goto("/portal/sign-in")
    await tab.get_by_label("E-mail address").fill(email_of("van-der-meer"))
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Sign in").click()
    await tab.get_by_role("link", name="Inbox").click()
    await tab.get_by_role("link", name="Files").click()
    assert await barriers(tab) == []
    await tab.get_by_label("File").set_input_files(tmp_path / "orders.csv")
    await tab.get_by_role("button", name="Send all of it").click()
    await expect(tab.locator("#job")).to_contain_text("All of it was dealt with")  # the page was not loaded again: the bar follows
    await expect(tab.locator("#job progress")).to_have_attribute("value", "3")
    await expect(tab.get_by_role("link", name=documents[0].number)).to_be_visible()
    assert await barriers(tab) == [] and await sideways(tab) <= 0
    await tab.get_by_role("link", name="Refused").click()
    await expect(tab.locator("#job tbody tr")).to_have_count(1)
    await expect(tab.locator("#job tbody")).to_contain_text("CIFF")
    await tab.get_by_role("link", name="All", exact=True).click()
    async with tab.expect_download() as download:
        await tab.get_by_role("link", name="The table with what became of each row").click()
    table = await (await download.value).path()
    assert (await download.value).suggested_filename == "orders-findings.csv" and "CIFF" in table.read_text(encoding="utf-8-sig")
    await expect(tab.locator("a[data-export] + progress")).to_have_count(0)
    here = tab.url.removeprefix(desk.base_url).partition("?")[0]
    one, stranger = await visitor("van-der-meer"), await visitor("stranger")
    assert "CIFF" in (await one.get(f"{here}/report")).text
    assert (await stranger.get(here)).status == (await stranger.get(f"{here}/report")).status == 404
    page = await one.get("/portal/files")
    assert "orders.csv" in page.text and page.all("//progress")
    none = await one.submit("/portal/files")
    assert none.status == 422 and "Choose a file first" in none.text
