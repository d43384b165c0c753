"""Whole trades through the pages alone, by every role: S01 under a letter of credit, S03 as a collection under a house bill.

In Chromium, by clicking: every step of every role in `make browser-trades`. In `make test`, which has less time, every step of the exporter
in S01, and the first accepted step of every other role; the rest is done on the same pages without a browser, as they stand without a script. What the exporter's part costs in clicks and fields is held against docs/usability.md.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser

from tests.http.desk import Desk
from tests.portal import usability
from tests.portal.conftest import DESKTOP, watched
from tests.portal.screen import Screened, by_hand
from tradeflow.bundle import bundle_root
from tradeflow.scenario.load import Scenario, load

EVERYBODY = bool(os.environ.get("TRADEFLOW_BROWSER_TRADES"))
# kinds of pages that other tests look for barriers on
EXAMINED = frozenset({"My work", "Trades", "Trade", "Form", "Sent", "Refused", "Document", "Write"})
EXPORTER = frozenset({"exporter"})
EXPORTER_AND_BANKS = EXPORTER | frozenset({"advising_bank", "issuing_bank", "exporter_bank"})


@pytest.fixture
async def clock_back(desk: Desk) -> AsyncIterator[None]:
    """The hub's clock as other tests have it: these trades take months."""
    yield
    await desk.clock_back()


def told(name: str) -> Scenario:
    return load(bundle_root() / "workflows" / "trade" / "scenarios" / f"{name}.toml")


async def played(
    desk: Desk,
    chromium: Browser,
    story: Scenario,
    whole: frozenset[str],
    elsewhere: frozenset[str] = frozenset(),
    trusting: frozenset[str] = frozenset(),
) -> Screened:
    """A scenario from its first step to its last. Each refusal is told on the page and followed by what is right; at the end the page of
    the trade says what the API says. `whole`: roles that do everything by clicking; `elsewhere`: those that are seen clicking elsewhere."""
    places = {place for place in by_hand(story, whole) if place < 0 or story.party(story.step[place].by)[1] not in elsewhere}
    async with AsyncExitStack() as stack:
        browser = watched(chromium, desk, DESKTOP)
        await stack.enter_async_context(browser)
        walk = Screened(desk, story, stack, tabs=browser.another, by_hand=places, trusting=trusting)
        walk.examined |= set() if EVERYBODY else EXAMINED
        await walk.begin()
        for step in story.step:
            await walk.step(step)
        assert walk.refused == [step.error for step in story.step if step.error]
        for party in {story.party(role)[0] for role in ("exporter", "importer")}:
            await walk.page_agrees(party)
        done = [
            (step.message or step.event, story.party(step.by)[1]) for n, step in enumerate(story.step) if n in places and not step.error
        ]
        assert walk.done_here() == done
    return walk


@pytest.mark.slow
async def test_every_role_does_its_part_of_a_collection(desk: Desk, chromium: Browser, clock_back: None) -> None:
    """From the shipping instruction to the payment, refusals and corrections on the way."""
    story = told("S03")
    if EVERYBODY:
        await played(desk, chromium, story, roles(story))
    else:
        await played(desk, chromium, story, frozenset(), elsewhere=roles(told("S01-refusals")))


@pytest.mark.slow
async def test_every_role_does_its_part_of_a_letter_of_credit(desk: Desk, chromium: Browser, clock_back: None) -> None:
    """From the order to the payment under the credit and the delivery, everything done wrong first."""
    story = told("S01-refusals")
    walk = await played(desk, chromium, story, roles(story) if EVERYBODY else EXPORTER, trusting=EXPORTER_AND_BANKS)
    if os.environ.get("TRADEFLOW_USABILITY"):
        usability.write(usability.told(walk.by("exporter")))
    usability.assert_no_worse(walk.by("exporter"))


def roles(story: Scenario) -> frozenset[str]:
    """Everybody who does something in it."""
    return frozenset(story.party(step.by)[1] for step in story.step)
