"""Who carries, stores or trucks learns no price, no credit number and no credit date: by no reading and by no refusal, at any step."""

import asyncio
from contextlib import AsyncExitStack
from itertools import cycle
from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenario.conftest import SCENARIOS
from tests.scenario.desk import HubClient
from tests.scenario.test_visibility import BLIND, clients, everything, figures, prices
from tests.variants import variants
from tradeflow.cli._hub import Running
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import uuid7
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step, load
from tradeflow.scenario.play import Outcome, Player

CARRIERS = BLIND | {"air_carrier", "air_cargo_terminal"}
EVERY = 13  # steps
UNLIKE_ANY_OTHER = "2025-04-23"
CREDIT = ("letter_of_credit", "lc_application", "lc_advice")
ASKED = cycle(catalogue().ids())
Told = list[tuple[str, Any]]  # what was asked, and the answer


class Curious(Player):
    """Plays a scenario; after each step a blind party asks what it may ask, in turn; after some all of them do."""

    def __init__(self, hub: Running) -> None:
        super().__init__(hub.base_url, hub.operator_key, catalogue(), "json")
        self._hub, self._asking = hub, dict[str, HubClient]()
        self.told: dict[str, Told] = {}

    async def _enrol(self, stack: AsyncExitStack, scenario: Scenario) -> None:
        await super()._enrol(stack, scenario)
        self._asking = await stack.enter_async_context(clients(self._hub, scenario))

    async def _one(self, scenario: Scenario, number: int, step: Step, filler: Filler, outcome: Outcome) -> None:
        await super()._one(scenario, number, step, filler, outcome)
        parties, tails = blind(scenario), ("", "/missing", "/findings", "/allowed", f"/why-not/{next(ASKED)}", f"/draft/{next(ASKED)}")
        asking = parties if number % EVERY == 0 else [parties[number % len(parties)]]
        for party in asking:
            for tail in tails:
                answer = await self._asking[party].get(f"/v1/trades/{outcome.trade_id}{tail}")
                self.told.setdefault(party, []).append((f"step {number} {tail}", answer.body))


def blind(scenario: Scenario) -> list[str]:
    return [m.party for m in scenario.cast if not set(m.roles) - CARRIERS]


def secrets(scenario: Scenario) -> set[str]:
    """Prices of the invoice, and of the credit the number, the amount and the day on which it expires.

    The days on which it was asked for and issued are those of events, of which everybody sees that they were.
    """
    filler = Filler(catalogue(), scenario, scenario.reference)
    found: set[str] = set()
    for step in scenario.step:
        if not step.message or step.error:
            continue
        tree = filler.document(step, step.message, str(uuid7()))
        filler.lodged(step.message, tree)
        if step.message == "commercial_invoice":
            found |= prices(tree)
        if step.message in CREDIT:
            found |= {tree["document"]["number"]} | figures(tree.get("amount", {}).get("value"))
            found |= {tree["expiry_date"]}
    return {secret for secret in found if len(secret) > 2}


def leaks(secret: set[str], node: Any) -> set[str]:
    """The secrets in an answer: as figures, and as parts of any text."""
    if isinstance(node, dict):
        return set().union(*(leaks(secret, value) for value in node.values()), *(leaks(secret, name) for name in node))
    if isinstance(node, list):
        return set().union(*(leaks(secret, value) for value in node))
    text = str(node)
    return (figures([node]) & secret) | {one for one in secret if "-" in one and one in text}


async def tried(hub: Running, scenario: Scenario, trade: str) -> dict[str, Told]:
    """What each blind party is answered when it lodges whatever its roles may send, whether it is in order or not."""
    async with clients(hub, scenario) as by_party:
        whole = (await by_party["operator"].get(f"/v1/trades/{trade}")).body
        messages = [event["message_id"] for event in whole["timeline"] if event["message_id"]]
        told: dict[str, Told] = {}
        for party in blind(scenario):
            seen = await everything(by_party[party], trade, whole["documents"], messages)
            told[party] = list(seen.items())
            filler = Filler(catalogue(), scenario, trade)
            for kind in (catalogue().message(one) for one in catalogue().ids()):
                for role in {m for c in scenario.cast if c.party == party for m in c.roles} & set(kind.from_roles):
                    to = next((r for r in kind.to_roles for c in scenario.cast if r in c.roles and c.party != party), "")
                    step = Step(date=scenario.step[-1].date, message=kind.id, by=role, to=[to] if to else [])
                    try:
                        tree = filler.document(step, kind.id, str(uuid7()))
                    except (KeyError, BadInput):
                        continue
                    told[party].append((f"{role} lodges {kind.id}", (await by_party[party].post("/v1/messages", tree)).body))
        return told


def read(name: str) -> Scenario:
    """A scenario whose credit expires on a day on which nothing else happens."""
    scenario = load(SCENARIOS / f"{name}.toml")
    days = {"expiry_date": UNLIKE_ANY_OTHER}
    return replace(scenario, step=[replace(s, set=s.set | days) if s.message in CREDIT and not s.resend else s for s in scenario.step])


@pytest.mark.parametrize("name", variants("S01", "S02"))
def test_nothing_tells_a_blind_party_what_is_not_for_it(hub: Running, name: str) -> None:
    scenario, player = read(name), Curious(hub)
    outcome = asyncio.run(player.play(scenario))
    assert outcome.difference == ""
    lodged = asyncio.run(tried(hub, scenario, outcome.trade_id))
    searched({party: player.told[party] + lodged[party] for party in player.told}, scenario)


def test_no_refusal_on_the_way_tells_it_either(hub: Running) -> None:
    whole = read("S01")
    scenario = replace(whole, step=whole.step[: len(whole.step) * 2 // 3])
    outcome = asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), "json").play(scenario))
    assert outcome.difference == ""
    searched(asyncio.run(tried(hub, scenario, outcome.trade_id)), whole)


def searched(told: dict[str, Told], scenario: Scenario) -> None:
    secret = secrets(scenario)
    assert len(secret) >= 3
    assert set(told) == set(blind(scenario))
    assert sum(len(answers) for answers in told.values()) > 50
    found = {f"{party}: {asked}": leaks(secret, body) for party, answers in told.items() for asked, body in answers if leaks(secret, body)}
    assert found == {}
