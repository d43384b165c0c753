"""A whole trade done in a real browser: every party has a tab of its own, and gets to each of its steps by clicking.

`Screened` plays the steps that are `by_hand` in Chromium; the others are done on the same pages by `Walk`, without a browser. Every click
and every field typed is counted, by step: docs/usability.md quotes what the exporter's part costs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any
from urllib.parse import quote

from playwright.async_api import Locator, Page, expect

from tests.portal.barriers import barriers, sideways
from tests.portal.conftest import email_of
from tests.portal.gestures import CHECKED, MISSING, ROWS, TYPE, VALUES, same, shown
from tests.portal.typed import Tree, meant, owned, to
from tests.portal.visitor import PASSWORD
from tests.portal.walk import AGAIN, CHANGED, ENGLISH, Walk
from tradeflow.codec import canonical
from tradeflow.draft import computed
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.model.ids import uuid7
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.propose import proposed

FORM = "form[data-entry]"
ROUNDS_MAX = 8
OPENING = -1  # stands for the opening of the trade among the places of its steps
Tabs = Callable[[], Awaitable[Page]]


@dataclass(slots=True)
class Effort:
    """What one step costs whoever does it."""

    message: str
    role: str
    clicks: int = 0
    typed: list[str] = field(default_factory=list)
    open: int = 0  # fields that the form says are still to be filled in when it opens


@dataclass
class Screened(Walk):
    """`tabs` opens a tab; `by_hand` are the places in the scenario of the steps that are done by clicking."""

    tabs: Tabs = field(kw_only=True)
    by_hand: set[int] = field(kw_only=True)
    thorough: bool = False  # examine the form of every message for barriers, and not only each kind of page
    trusting: frozenset[str] = frozenset()  # roles that leave what the draft says beside the sample as it is
    efforts: list[Effort] = field(default_factory=list)
    examined: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._open: dict[str, Page] = {}
        self._jars: dict[str, list[Any]] = {}
        self._sits = ""
        self._effort = Effort("", "")
        self._place = 0
        self._presented: set[str] = set()

    async def step(self, step: Step) -> None:
        await super().step(step)
        self._place += 1

    async def window(self, party: str) -> Page:
        """The tab of a party, after its sign-in. All tabs are of one browser, whose cookies are those of who sits in front of it."""
        page = self._open.get(party) or await self.tabs()
        if party != self._sits:
            self._jars[self._sits] = [*await page.context.cookies()]
            await page.context.clear_cookies()
            await page.context.add_cookies(self._jars.get(party, []))
            self._sits = party
        if party not in self._open:
            self._open[party] = page
            await page.goto("/portal/sign-in")
            await page.get_by_label("E-mail address").fill(email_of(party))
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/portal")
        return page

    async def click(self, target: Locator) -> None:
        self._effort.clicks += 1
        await target.click()

    async def examine(self, page: Page, name: str, message: str = "") -> None:
        """Each kind of page is examined for barriers once; where one is thorough, for each message."""
        name = f"{name} {message}" if message and self.thorough else name
        if name not in self.examined:
            self.examined.add(name)
            assert await barriers(page) == [] and await sideways(page) <= 0, (name, page.url)

    async def _opened(self, people: list[tuple[str, str]]) -> None:
        """The importer opens the trade, with a row for each partner but the last, who is named on the page of the trade."""
        if OPENING not in self.by_hand:
            await super()._opened(people)
            return
        party, _ = self.scenario.party("importer")
        page = await self.window(party)
        await page.get_by_role("navigation", name="Main").get_by_role("link", name="Trades").click()
        await page.get_by_role("link", name="Open a trade").first.click()
        await self.examine(page, "Open a trade")
        await page.locator("#role").select_option("importer")
        await page.locator("#trade_id").fill(self.trade)
        for name, value in self.scenario.terms.items():
            await page.locator(f"[name={name}]").select_option(value)
        *rest, last = [person for person in people if person != (party, "importer")]
        for _ in range(await page.locator("[name=partner]").count(), len(rest)):
            await page.get_by_role("button", name="One more partner").click()
        for index, (named, role) in enumerate(rest):
            await page.locator("[name=partner_role]").nth(index).select_option(role)
            await page.locator("[name=partner]").nth(index).fill(named)
        await page.get_by_role("button", name="Open the trade").click()
        await page.wait_for_url(f"**/portal/trades/{self.trade}*")
        await page.locator("#role").select_option(last[1])
        await page.locator("#party_id").fill(last[0])
        await page.get_by_role("button", name="Add or invite").click()
        await expect(page.get_by_role("status").first).to_contain_text(f"{last[0]} takes part from now on")
        await page.get_by_role("link", name="tradeflow", exact=True).click()

    # --- getting there ------------------------------------------------------------------------------------------------------------

    async def reach(self, page: Page, role: str, step: Step) -> bool:
        """From wherever one is to the form or the decision of a step. False where it is not offered."""
        what = step.event or step.message
        here = f"/portal/trades/{self.trade}"
        if step.function == CHANGED or step.resend or step.function == AGAIN:
            return await self._reach_again(page, step)
        follows = page.locator(f".next a[href='{here}/write/{what}']")
        if await follows.count():
            await self.click(follows.first)
            return await self._as(page, role)
        work = page.get_by_role("navigation", name="Main").get_by_role("link", name="My work")
        if not await work.count():  # the operator of a hub has no part in a trade
            return await self._reach_by_trade(page, role, step)
        await self.click(work)
        await self.examine(page, "My work")
        if "/desks/" not in page.url and await page.locator("main .card h2 a").count():
            return await self._reach_by_trade(page, role, step)
        kind = "decisions" if step.event else "write"
        way = page.locator(f"main .tasks a[href^='{here}/{kind}/{what}?'][href*='role={role}']")
        if step.event:
            way = way.and_(page.locator(f"[href*='region={quote(step.instance, safe='')}']"))
        if not await way.count():
            return await self._reach_by_trade(page, role, step)
        await self.click(way.first)
        return True

    async def _to_trade(self, page: Page) -> None:
        """By the board."""
        await self.click(page.get_by_role("navigation", name="Main").get_by_role("link", name="Trades"))
        await self.examine(page, "Trades")
        await self.click(page.locator(f"main th a[href='/portal/trades/{self.trade}']"))
        await page.wait_for_url(f"**/portal/trades/{self.trade}")
        await self.examine(page, "Trade")

    async def _reach_by_trade(self, page: Page, role: str, step: Step) -> bool:
        here = f"/portal/trades/{self.trade}"
        await self._to_trade(page)
        if step.event:
            await self.click(page.locator("#todo summary").last)
            await self.click(page.get_by_role("link", name="Decisions and reports without a document"))
            await self.examine(page, "Decisions")
            await self.click(page.locator(f"main h2 a[href*='/decisions/{step.event}']").first)
            return True
        offered = page.locator(f"#todo a[href^='{here}/write/{step.message}']")
        if await offered.count():
            if not await offered.first.is_visible():
                await self.click(page.locator("#todo summary").last)
            await self.click(offered.first)
        else:
            await self.click(page.get_by_role("link", name="Write any document"))
            await self.examine(page, "Write")
            way = page.locator(f"main a[href='{here}/write/{step.message}']")
            if not await way.count():
                return False
            await self.click(way.first)
        return await self._as(page, role)

    async def _as(self, page: Page, role: str) -> bool:
        """In the role of the step, where the form opened in another of the same company."""
        form = page.locator(FORM)
        await form.wait_for()
        if await form.locator("[name=role]").input_value() != role:
            await self.click(page.locator(f"main a[href$='?role={role}']"))
            await expect(form.locator("[name=role]")).to_have_value(role)
        return True

    async def _reach_again(self, page: Page, step: Step) -> bool:
        """By the page of the document that is presented, or of which there is a new version."""
        number = quote(self._number(step), safe="")
        await self._to_trade(page)
        await self.click(page.locator(f"#documents th a[href$='/documents/{step.message}/{number}']"))
        await page.wait_for_url("**/documents/**")
        await self.examine(page, "Document")
        await self.click(page.get_by_role("link", name="Present it" if step.function == AGAIN else "New version"))
        return True

    # --- doing it -----------------------------------------------------------------------------------------------------------------

    async def lodge(self, party: str, role: str, step: Step) -> None:
        if self._place not in self.by_hand:
            return await super().lodge(party, role, step)
        page = await self.window(party)
        if step.resend:
            return await self._present(page, party, role, step)
        written = await self.written(page, role, step)
        assert written is not None, f"{party} finds no way to {step.message}"
        number = written["document"]["number"]
        assert not await page.locator("#refusal").count(), (step, await page.locator("#refusal").inner_text())
        await expect(page.get_by_role("status").first).to_contain_text(f"{number} is sent")
        await self.examine(page, "Sent", step.message)
        lodged = await self.desk.get(f"/v1/trades/{self.trade}/documents/{step.message}/{quote(number, safe='')}", party)
        self.efforts.append(self._effort)
        return self.done(step, lodged.json)

    async def _present(self, page: Page, party: str, role: str, step: Step) -> None:
        """By reference: all documents that follow each other in the scenario are chosen in one list and presented at once."""
        number = self._number(step)
        self._effort = Effort(step.message, role)
        if f"{step.message}:{number}" not in self._presented:
            run = list(takewhile(lambda one: one.resend and one.by == step.by and not one.error, self.scenario.step[self._place :]))
            wanted = {f"{one.message}:{self._number(one)}" for one in run}
            await self._to_trade(page)
            await self.click(page.get_by_role("link", name="Present documents"))
            await self.examine(page, "Present")
            for box in await page.locator("main input[name=document]").all():
                if await box.is_checked() != (await box.get_attribute("value") in wanted):
                    await self.click(box)
            await self.click(page.get_by_role("button", name="Present them"))
            await expect(page.get_by_role("status").first).to_contain_text(f"{len(wanted)} documents are presented")
            await page.get_by_role("link", name="tradeflow", exact=True).click()
            self._presented |= wanted
        self.efforts.append(self._effort)
        self.done(step, self._filler.document(step, step.message, str(uuid7())))  # as presented: by whom and to whom is not as lodged

    def _number(self, step: Step) -> str:
        latest = self._filler.latest(step.message)
        assert latest is not None, step
        return str(latest["document"]["number"])

    async def written(self, page: Page, role: str, step: Step) -> Tree | None:
        """Fill the form of a step, or correct the one in front that was refused, and send it. None where there is no way to it."""
        self._effort = Effort(step.message, role)
        if not (await page.locator("#refusal").count() and page.url.endswith(f"/write/{step.message}")):
            if not await self.reach(page, role, step):
                return None
            await page.locator(FORM).wait_for()
            await self.examine(page, "Form", step.message)
            self._effort.open = len(await page.evaluate(MISSING))
        form = page.locator(FORM)
        head: dict[str, str] = await form.evaluate(VALUES)
        tree = proposed(self._filler, self._rehearsal, catalogue(), step, head["/message/id"])
        for exactly in (
            bool(step.error) or role not in self.trusting,
            True,
        ):  # what the draft says beside it stays, unless it is refused for that
            if not await self.fill(form, tree, exactly):
                return None
            await self.click(page.get_by_role("button", name="Send", exact=True))
            await page.locator("#refusal, [role=status].said.good:not(.verdict)").first.wait_for()
            if step.error or not await page.locator("#refusal").count():
                break
        return tree

    async def fill(self, form: Locator, tree: Tree, exactly: bool) -> bool:
        """Type what the form does not say already; what the hub computes is waited for. False where a recipient cannot be chosen."""
        kind = catalogue().message(tree["message"]["type"])
        wanted = {name: shown(value) for name, value in meant(tree).items()}
        kept = set() if exactly else {name for name in await form.evaluate(VALUES) if name not in wanted}  # what the draft says beside it
        follows = _follows(kind, tree)
        awaited = True
        for _ in range(ROUNDS_MAX):
            there: dict[str, str] = await form.evaluate(VALUES)
            if absent := [name for name in wanted if name not in there]:
                clicks, nowhere = await form.evaluate(ROWS, absent)
                assert not nowhere, (form.page.url, nowhere)
                self._effort.clicks += clicks
                there = await form.evaluate(VALUES)
            wrong = {
                name: wanted.get(name, "")
                for name in there
                if owned(name) and name not in kept and not same(there[name], wanted.get(name, ""))
            }
            typed = {name: value for name, value in wrong.items() if not (awaited and name in follows and not there[name])}
            if wrong and not typed:
                typed, awaited = wrong, False
            if not typed:
                break
            clicks, untyped = await form.evaluate(TYPE, typed)
            assert not untyped, (form.page.url, untyped)
            self._effort.clicks += clicks
            self._effort.typed += [name for name in typed if not name.endswith("@")]
            await form.evaluate(CHECKED)
        return await self._ticked(form, to(tree))

    async def _ticked(self, form: Locator, wanted: set[str]) -> bool:
        boxes: dict[str, bool] = await form.evaluate(
            "form => Object.fromEntries([...form.querySelectorAll('input[name=to]')].map(one => [one.value, one.checked]))"
        )
        if not wanted <= boxes.keys():
            return False
        for value, checked in boxes.items():
            if checked != (value in wanted):
                await self.click(form.locator(f"input[name=to][value='{value}']"))
        return True

    async def refusal(self, party: str, role: str, step: Step) -> None:
        """What is wrong stands on the page, and the form still is there to be corrected; or there is no way to do it at all."""
        if self._place not in self.by_hand:
            await super().refusal(party, role, step)
            return
        page = await self.window(party)
        tree = await self.written(page, role, step)
        if tree is None:
            assert step.error in ("WRONG_SENDER", "WRONG_RECIPIENT"), step
        else:
            refusal = page.locator("#refusal")
            await expect(refusal).to_be_visible()
            problem = await self.desk.lodge({**tree}, party)
            assert problem.code == step.error, (step, problem.body)
            said = " ".join((await refusal.inner_text()).split())
            assert " ".join(ENGLISH(problem.json["detail"]).split()) in said, (step, said, problem.json)
            for finding in problem.json.get("findings", []):
                assert " ".join(ENGLISH(finding.get("hint", "")).split()) in said, (step, finding)
            await expect(page.locator(FORM)).to_be_visible()
            await self.examine(page, "Refused")
        self.refused.append(step.error)

    async def decide(self, party: str, role: str, step: Step) -> None:
        if self._place not in self.by_hand:
            await super().decide(party, role, step)
            return
        page = await self.window(party)
        self._effort = Effort(step.event, role)
        await self.reach(page, role, step)
        await page.get_by_label("In your words").fill(step.note)
        self._effort.typed.append("note")
        await self.examine(page, "Decision")
        await self.click(page.get_by_role("button", name="Decide"))
        await expect(page.get_by_role("status").first).to_contain_text("Decided")
        self.efforts.append(self._effort)
        await page.get_by_role("link", name="tradeflow", exact=True).click()  # a page of a trade that stays open follows every step

    def done_here(self) -> list[tuple[str, str]]:
        """Message or event, and role, of each step that was done by clicking, in their order."""
        return [(one.message, one.role) for one in self.efforts]

    def by(self, role: str) -> list[Effort]:
        return [one for one in self.efforts if one.role == role]


def by_hand(story: Scenario, whole: frozenset[str]) -> set[int]:
    """All steps of the roles that are played whole, and of every other role the first that is accepted."""
    first: dict[str, int] = {}
    places = {OPENING} if "importer" in whole else set()
    for place, step in enumerate(story.step):
        role = story.party(step.by)[1]
        if role in whole:
            places.add(place)
        elif not step.error and not step.resend:
            first.setdefault(role, place)
    return places | set(first.values())


def _follows(kind: MessageType, tree: Tree) -> frozenset[str]:
    """What the hub computes of a document; nothing where it is not one, as the hub then says."""
    try:
        return frozenset(computed(kind, canonical.document(kind.id, tree).data, datetime.now(UTC)))
    except BadInput:
        return frozenset()
