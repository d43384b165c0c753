"""Whole trades through the pages alone: S01 under a letter of credit, S03 as a collection under a house bill.

Of S01 the exporter and both banks do their part by clicking in Chromium, from the order to the payment and on; the others are systems. What
the exporter's part costs in clicks and fields is held against docs/usability.md. S03 is done by every role on pages read over HTTP, their
forms sent as they stand there.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, Page

from tests.http.desk import Desk
from tests.portal import usability
from tests.portal.conftest import DESKTOP, watched
from tests.portal.screen import Screened
from tests.portal.walk import Walk
from tradeflow.bundle import bundle_root
from tradeflow.scenario.load import load

PEOPLE = frozenset({"exporter", "advising_bank", "issuing_bank"})


@pytest.fixture
async def clock_back(desk: Desk) -> AsyncIterator[None]:
    """The hub's clock as other tests have it: these trades take months."""
    yield
    await desk.clock_back()


async def played(
    desk: Desk, chromium: Browser, name: str, chosen: Callable[[str, str], bool], trusting: frozenset[str] = frozenset()
) -> Screened:
    """A scenario from its first step to its last. Each refusal is told on the page and followed by what is right."""
    story = load(bundle_root() / "workflows" / "trade" / "scenarios" / f"{name}.toml")
    async with AsyncExitStack() as stack:
        browser = watched(chromium, desk, DESKTOP)
        await stack.enter_async_context(browser)
        walk = Screened(desk, story, stack, tabs=browser.another, chosen=chosen, trusting=trusting)
        await walk.begin()
        for step in story.step:
            await walk.step(step)
        assert walk.refused == [step.error for step in story.step if step.error]
        for party in {story.party(role)[0] for role in ("exporter", "importer")}:
            await walk.page_agrees(party)
        done = {(step.message or step.event, story.party(step.by)[1]) for step in story.step if not step.error}
        assert walk.done_here() == {one for one in done if chosen(*one) and one[1] != "platform"}
    return walk


@pytest.mark.slow
async def test_every_role_does_its_part_of_a_collection(desk: Desk, clock_back: None) -> None:
    """From the order to the end, each refusal told on the page; at the end the page says what the API says."""
    story = load(bundle_root() / "workflows" / "trade" / "scenarios" / "S03.toml")
    async with AsyncExitStack() as stack:
        walk = Walk(desk, story, stack)
        await walk.begin()
        for step in story.step:
            await walk.step(step)
        assert walk.refused == ["GUARD_FAILED", "OUT_OF_ORDER"]
        for party in {story.party(role)[0] for role in ("exporter", "importer")}:
            await walk.page_agrees(party)


@pytest.mark.slow
async def test_exporter_and_banks_do_a_letter_of_credit_in_a_browser(desk: Desk, chromium: Browser, clock_back: None) -> None:
    """From the confirmed order to the payment under the credit, refusals and corrections on the way."""
    walk = await played(desk, chromium, "S01-refusals", lambda what, role: role in PEOPLE, PEOPLE)
    measured = usability.told(walk.by("exporter"))
    if os.environ.get("TRADEFLOW_USABILITY"):
        usability.write(measured)
    usability.assert_no_worse(walk.by("exporter"))
