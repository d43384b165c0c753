"""Whole trades through the pages alone, every role doing its part: S01 under a letter of credit, S03 as a collection under a house bill."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import msgspec
import pytest
from playwright.async_api import Browser, Page

from tests.http.desk import Desk
from tests.portal.conftest import DESKTOP, watched
from tests.portal.screen import Screened
from tests.portal.walk import Walk
from tradeflow.bundle import bundle_root
from tradeflow.scenario.load import Scenario, load

IN_A_BROWSER = {
    ("packing_list", "exporter"),
    ("commercial_invoice", "exporter"),
    ("lc_collection_letter", "exporter"),
    ("payment_advice", "advising_bank"),
    ("payment_advice", "issuing_bank"),
}
REFUSED = "invoice and packing list disagree"
LAST = "documents_released"


@pytest.fixture
async def clock_back(desk: Desk) -> AsyncIterator[None]:
    """The hub's clock as other tests have it: these trades take months."""
    yield
    await desk.clock_back()


def scenario(name: str) -> Scenario:
    return load(bundle_root() / "workflows" / "trade" / "scenarios" / f"{name}.toml")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["S01-refusals", "S03"])
async def test_every_role_does_its_part(desk: Desk, clock_back: None, name: str) -> None:
    """From the order to the end. Each refusal is told on the page and followed by what is right; the page says what the API says."""
    story = scenario(name)
    async with AsyncExitStack() as stack:
        walk = Walk(desk, story, stack)
        await walk.begin()
        for step in story.step:
            await walk.step(step)
        assert walk.refused == [step.error for step in story.step if step.error]
        for party in {story.party(role)[0] for role in ("exporter", "importer")}:
            await walk.page_agrees(party)


@pytest.mark.slow
async def test_exporter_and_banks_in_a_browser(desk: Desk, chromium: Browser, clock_back: None) -> None:
    """Papers of the goods with a refusal corrected in place, presentation, both examinations, the bank's payment."""
    story = scenario("S01-refusals")
    end = next(n for n, step in enumerate(story.step) if step.event == LAST) + 1
    steps = [step for step in story.step[:end] if not step.error or step.note == REFUSED]
    async with AsyncExitStack() as stack:

        async def opened() -> Page:
            return await stack.enter_async_context(watched(chromium, desk, DESKTOP))

        walk = Screened(desk, msgspec.structs.replace(story, step=steps), stack, tabs=opened, chosen=IN_A_BROWSER)
        await walk.begin()
        for step in steps:
            await walk.step(step)
        assert walk.refused == ["GUARD_FAILED"]
        assert {message for message, _ in IN_A_BROWSER} | {"examination_complying", "documents_released"} == set(walk.done_here)
        assert (await walk.states())["trade.money"] == "paid"
