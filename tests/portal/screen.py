"""A trade in which a few steps are done in a real browser, one tab for each party; everybody else has systems that speak to the API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from playwright.async_api import Locator, Page, expect

from tests.portal.barriers import barriers
from tests.portal.conftest import email_of
from tests.portal.typed import Tree, list_of, meant, owned, to
from tests.portal.visitor import PASSWORD
from tests.portal.walk import AGAIN, Walk
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import uuid7
from tradeflow.scenario.load import Step
from tradeflow.scenario.propose import proposed

UNFOLD = "form => { for (const fold of form.querySelectorAll('details')) fold.open = true; }"
VALUES = """form => Object.fromEntries([...form.querySelectorAll("input, select, textarea")]
    .filter(one => one.name && one.type !== "checkbox").map(one => [one.name, one.value]))"""
LISTS = "form => [...form.querySelectorAll('button[name=add]')].map(one => one.value)"
ROUNDS_MAX = 40
Tabs = Callable[[], Awaitable[Page]]


@dataclass
class Screened(Walk):
    """`tabs` opens one; `chosen` are the steps that people do, as (message or event, role)."""

    tabs: Tabs = field(kw_only=True)
    chosen: set[tuple[str, str]] = field(kw_only=True)
    done_here: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._open: dict[str, Page] = {}

    async def tab(self, party: str) -> Page:
        """The tab of a party, after its sign-in."""
        if party not in self._open:
            page = self._open[party] = await self.tabs()
            await page.goto("/portal/sign-in")
            await page.get_by_label("E-mail address").fill(email_of(party))
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/portal")
        return self._open[party]

    async def lodge(self, party: str, role: str, step: Step) -> None:
        if (step.message, role) not in self.chosen:
            tree = proposed(self._filler, self._rehearsal, catalogue(), step, str(uuid7()))
            reply = await self.desk.lodge(tree, party)
            assert reply.status == 201, (step, reply.body)
            return self.done(step, tree)
        page, tree = await self.written(party, role, step)
        await expect(page.get_by_role("status").first).to_contain_text(f"{tree['document']['number']} is sent")
        number = quote(tree["document"]["number"], safe="")
        lodged = await self.desk.get(f"/v1/trades/{self.trade}/documents/{step.message}/{number}", party)
        self.done_here.append(step.message)
        return self.done(step, lodged.json)

    async def refusal(self, party: str, role: str, step: Step) -> None:
        """What is wrong stands on the page, and the form still is there to be corrected."""
        page, _ = await self.written(party, role, step)
        await expect(page.locator("#refusal")).to_be_visible()
        await expect(page.locator("#refusal li").first).to_be_visible()
        await expect(page.locator("form[data-entry]")).to_be_visible()
        self.refused.append(step.error)

    async def written(self, party: str, role: str, step: Step) -> tuple[Page, Tree]:
        """Fill the form of a step, or correct the one in front that was refused, and send it."""
        page = await self.tab(party)
        if not (await page.locator("#refusal").count() and page.url.endswith(f"/write/{step.message}")):
            await self._reach(page, role, step)
        form = page.locator("form[data-entry]")
        head: dict[str, str] = await form.evaluate(VALUES)
        tree = proposed(self._filler, self._rehearsal, catalogue(), step, head["/message/id"])
        await fill(page, tree)
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.wait_for_load_state()
        return page, tree

    async def _reach(self, page: Page, role: str, step: Step) -> None:
        here = f"/portal/trades/{self.trade}"
        await page.goto(here)
        if step.function == AGAIN:
            await page.locator("#documents").get_by_role("link", name=catalogue().message(step.message).name, exact=True).first.click()
            await page.get_by_role("link", name="Present it").click()
        else:
            await page.get_by_role("link", name="Write any document").click()
            await page.locator(f"main a[href='{here}/write/{step.message}']").first.click()
        await expect(page.locator("form[data-entry]")).to_be_visible()
        if await page.locator("form[data-entry] [name=role]").input_value() != role:
            await page.locator(f"main a[href$='?role={role}']").click()
            await expect(page.locator("form[data-entry] [name=role]")).to_have_value(role)
        assert await barriers(page) == [], step

    async def decide(self, party: str, role: str, step: Step) -> None:
        page = await self.tab(party)
        await page.goto(f"/portal/trades/{self.trade}")
        await page.locator("#todo summary").last.click()
        await page.get_by_role("link", name="Decisions and reports without a document").click()
        await page.locator(f"main h2 a[href*='/decisions/{step.event}']").first.click()
        await page.get_by_label("In your words").fill(step.note)
        await page.get_by_role("button", name="Decide").click()
        await expect(page.get_by_role("status").first).to_contain_text("Decided")
        self.done_here.append(step.event)


async def fill(page: Page, tree: Tree) -> None:
    """Type what the form does not say already; once more where a total came while one typed."""
    form = page.locator("form[data-entry]")
    wanted = {name: _shown(value) for name, value in meant(tree).items()}
    for _ in range(ROUNDS_MAX):
        there: dict[str, str] = await form.evaluate(VALUES)
        if absent := [name for name in wanted if name not in there]:
            row = list_of(absent[0], set(await form.evaluate(LISTS)))
            assert row, f"nowhere to type {absent}"
            await form.evaluate(UNFOLD)
            await form.locator(f"button[name=add][value='{row}']").first.click()
            continue
        wrong = {name: wanted.get(name, "") for name in there if owned(name) and there[name] != wanted.get(name, "")}
        if not wrong:
            break
        await form.evaluate(UNFOLD)
        for name, value in wrong.items():
            await _type(form.locator(f'[name="{name}"]'), value)
        await page.wait_for_load_state("networkidle")
    for box in await form.locator("input[name=to]").all():
        await box.set_checked(await box.get_attribute("value") in to(tree))


async def _type(control: Locator, value: str) -> None:
    if await control.evaluate("element => element.tagName") == "SELECT":
        await control.select_option(value)
    else:
        await control.fill(value)


def _shown(value: str) -> str:
    """As a browser holds it: one character for the end of a line, no seconds where there are none."""
    text = value.replace("\r\n", "\n")
    return text[:16] if len(text) == 19 and text[10] == "T" and text.endswith(":00") else text
