"""A whole trade of a scenario, done by people on the pages: each party signs in, opens the form of its step, says it, sends it.

The scenario says what happens and what is refused; the pages are the only way in. The API is asked by the operator alone: for the sandbox's
clock, and for the states that the pages are compared with.
"""

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from tests.http.desk import Desk
from tests.portal.conftest import email_of, enlisted, idle_closes
from tests.portal.typed import Paper, Tree, said, to
from tests.portal.visitor import Seen, Visitor
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import trade_id
from tradeflow.portal.wording import filters
from tradeflow.scenario.begin import history
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.propose import proposed
from tradeflow.scenario.rehearse import Rehearsal

ENGLISH = filters("en")["t"]  # what the page makes of what the API says: ids have names there
CHANGED, AGAIN = "5", "31"  # UNCL 1225


async def known(desk: Desk, scenario: Scenario) -> None:
    """Everybody of the cast on the hub, with a key and a user; those there already stay."""
    for member in scenario.cast:
        if member.party in desk.keys:
            continue
        card = {"party_id": member.party, "name": member.name, "country": member.country}
        reply = await desk.post("/v1/parties", "operator", card)
        assert reply.status in (201, 409), reply.body
        desk.keys[member.party] = (await desk.post(f"/v1/parties/{member.party}/keys", "operator", {"name": "tests"})).json["key"]
        await enlisted(desk, member.party, email_of(member.party))


@dataclass
class Walk:
    """One trade, step by step; pages are read over HTTP, and forms sent as they stand there."""

    desk: Desk
    scenario: Scenario
    stack: AsyncExitStack
    trade: str = field(default_factory=trade_id)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._filler = Filler(catalogue(), self.scenario, self.trade)
        self._rehearsal = Rehearsal(machine(), self.scenario)
        self._people: dict[str, Visitor] = {}

    async def person(self, party: str) -> Visitor:
        """Somebody of a party who has signed in."""
        if party not in self._people:
            jar = aiohttp.CookieJar(unsafe=True)
            one = Visitor(
                self.desk.base_url, await self.stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, connector=idle_closes()))
            )
            assert (await one.sign_in(email_of(party))).path == "/portal", party
            self._people[party] = one
        return self._people[party]

    async def clock(self, step: Step) -> None:
        reply = await self.desk.call("PUT", "/v1/sandbox/clock", "operator", {"now": step.date.isoformat()})
        assert reply.status == 200, reply.body

    async def states(self) -> dict[str, str]:
        regions = (await self.desk.get(f"/v1/trades/{self.trade}", "operator")).json["regions"]
        return {key: region["state"] for key, region in regions.items()}

    async def page_agrees(self, party: str) -> None:
        """The page of the trade shows a party each region that has begun in the state that the API tells it."""
        regions = (await self.desk.get(f"/v1/trades/{self.trade}", party)).json["regions"]
        page = await (await self.person(party)).get(f"/portal/trades/{self.trade}")
        cells = page.all("//section[@id='map']//td[@data-label='Stands at']")
        shown = Counter(str(one.text).strip() for one in cells)
        begun = Counter(
            region["state"].replace("_", " ") for key, region in regions.items() if region["started"] and not key.startswith("trade.")
        )
        assert begun and begun <= shown <= Counter(region["state"].replace("_", " ") for region in regions.values()), (party, begun - shown)
        assert regions["trade.case"]["state"].replace("_", " ") in page.tree.xpath("string(//header[@class='trade-head'])")

    async def begin(self) -> None:
        """Open the trade by the form; one that begins in the middle is put there by the sandbox."""
        await known(self.desk, self.scenario)
        first = self.scenario.step[0]
        await self.clock(first)
        people = [(member.party, role) for member in self.scenario.cast for role in member.roles]
        if self.scenario.given:
            on_file = history(machine(), self.scenario, self._filler, first.date)
            cast = [{"party_id": party, "role": role} for party, role in people]
            seed = {"trade_id": self.trade, "participants": cast, "terms": self.scenario.terms, "given": self.scenario.given}
            reply = await self.desk.post("/v1/sandbox/trades", "operator", {**seed, "history": on_file})
            assert reply.status == 201, reply.body
        else:
            on_file = []
            await self._opened(people)
        self._rehearsal.open(self.trade, on_file, first.date)

    async def _opened(self, people: list[tuple[str, str]]) -> None:
        """The importer opens the trade with as many partners as the form has rows for, and names the others on the trade's page."""
        party, _ = self.scenario.party("importer")
        one = await self.person(party)
        page = await one.get("/portal/trades-new")
        form = page.form("/portal/trades-new")
        rest = [person for person in people if person != (party, "importer")]
        rows = len(page.all("//input[@name='partner']"))
        given = [(name, value) for name, value in form.items() if not name.startswith("partner")]
        given = [(name, {"role": "importer", "trade_id": self.trade, **self.scenario.terms}.get(name, value)) for name, value in given]
        given += [pair for named, role in rest[:rows] for pair in (("partner_role", role), ("partner", named))]
        page = await one.post("/portal/trades-new", given)
        assert page.path == f"/portal/trades/{self.trade}", page.text
        for named, role in rest[rows:]:
            page = await one.submit(f"/portal/trades/{self.trade}/partners", role=role, party_id=named)
            assert page.status == 200 and page.path == f"/portal/trades/{self.trade}", page.text

    async def step(self, step: Step) -> None:
        """One step, by whose turn it is; refused where the scenario says so, and then nothing has changed."""
        await self.clock(step)
        party, role = self.scenario.party(step.by)
        if step.event:
            await self.decide(party, role, step)
            self._rehearsal.reported(step)
        elif step.error:
            before = await self.states()
            await self.refusal(party, role, step)
            assert await self.states() == before, step
        else:
            await self.lodge(party, role, step)
        if step.expect:
            wanted = dict(entry.split("=", 1) for entry in step.expect)
            now = await self.states()
            assert {key: now.get(key) for key in wanted} == wanted, step

    async def form(self, party: str, role: str, step: Step) -> tuple[Paper, Tree]:
        """The form of a step as its sender gets to it from the page of the trade, and the document it is to say."""
        one = await self.person(party)
        here = f"/portal/trades/{self.trade}"
        if step.resend or step.function in (CHANGED, AGAIN):
            latest = self._filler.latest(step.message)
            assert latest is not None
            page = await one.get(f"{here}/documents/{step.message}/{quote(latest['document']['number'], safe='')}")
            asked = "present=" if step.function == AGAIN else "change="
            links = [str(one) for one in page.all("//p[contains(@class, 'next')]//a/@href") if asked in one]
        else:
            page = await one.get(f"{here}/write")
            links = [str(one) for one in page.all("//main//a/@href") if one.endswith(f"/write/{step.message}")]
        assert links, f"{party} finds no way to {step.message}: {page.text[:600]}"
        page = await one.get(links[0])
        if page.form(f"{here}/write/{step.message}")["role"] != role:
            links = [str(one) for one in page.all("//main//a/@href") if one.endswith(f"?role={role}")]
            assert links, f"{party} cannot write {step.message} as {role}"
            page = await one.get(links[0])
        paper = Paper(one, f"{here}/write/{step.message}", page)
        return paper, proposed(self._filler, self._rehearsal, catalogue(), step, paper.head("/message/id"))

    async def lodge(self, party: str, role: str, step: Step) -> None:
        paper, tree = await self.form(party, role, step)
        sent = paper.fill(tree)
        page = await paper.send(sent)
        assert page.path.startswith(f"/portal/trades/{self.trade}/documents/{step.message}/"), told(page, step)
        assert page.all("//*[@role='status']"), step
        self.done(step, said(sent, step.message))

    def done(self, step: Step, tree: Tree) -> None:
        self._filler.lodged(step.message, tree)
        self._rehearsal.lodged(step, tree)

    async def refusal(self, party: str, role: str, step: Step) -> None:
        """What is refused at the form, or has no form for who asks, is said on the page in the words of the API's problem."""
        kind = catalogue().message(step.message)
        if role not in kind.from_roles:
            page = await (await self.person(party)).get(f"/portal/trades/{self.trade}/write/{step.message}?role={role}")
            assert page.status == 403 and page.text, step
            self.refused.append("WRONG_SENDER")
            return
        paper, tree = await self.form(party, role, step)
        if step.error == "WRONG_RECIPIENT":
            assert not to(tree) & paper.offered(), step
            self.refused.append(step.error)
            return
        sent = paper.fill(tree)
        page = await paper.send(sent)
        alerts = [" ".join(one.text_content().split()) for one in page.all("//*[@role='alert']")]
        assert alerts, f"{step}: accepted"
        problem = await self.desk.lodge(said(sent, step.message), party)
        assert problem.code == step.error, (step, problem.body)
        assert alerts[0].startswith(" ".join(ENGLISH(problem.json["detail"]).split())), (step, alerts, problem.json)
        for finding in problem.json.get("findings", []):
            assert not finding.get("hint") or ENGLISH(finding["hint"]) in page.text, (step, finding)
        self.refused.append(step.error)

    async def decide(self, party: str, role: str, step: Step) -> None:
        """By the list of decisions, to which the page of the trade leads."""
        one = await self.person(party)
        here = f"/portal/trades/{self.trade}/decisions"
        page = await one.get(f"/portal/trades/{self.trade}")
        assert page.all(f"//section[@id='todo']//a[@href='{here}']"), (party, step)
        page = await one.get(here)
        links = [str(link) for link in page.all("//main//h2/a/@href") if link.startswith(f"{here}/{step.event}")]
        links.sort(key=lambda link: f"region={quote(step.instance, safe='')}&" not in link)
        assert links, f"{party} cannot decide {step.event}: {page.text[:600]}"
        page = await one.get(links[0])
        offered = {name: set(page.all(f"//main//form//*[@name='{name}']/descendant-or-self::*/@value")) for name in ("role", "region")}
        assert role in offered["role"] and step.instance in offered["region"], (step, offered)
        page = await one.submit(f"{here}/{step.event}", note=step.note, role=role, region=step.instance)
        assert page.path == f"/portal/trades/{self.trade}" and page.all("//*[@role='status']"), page.text


def told(page: Seen, step: Step) -> str:
    found: list[Any] = page.all("//*[@role='alert']")
    return (
        f"{step.message} by {step.by}: {page.status} {page.path}: {' '.join(one.text_content() for one in found)[:2000] or page.text[:900]}"
    )
