"""S01 and S02 with simulated counterparties at the table: they end as they do when the scenario says every word."""

import asyncio

import pytest

from tests.scenario.conftest import SCENARIOS
from tests.verified import verified
from tradeflow.cli._hub import Running
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import Scenario, load
from tradeflow.scenario.play import Outcome, Player
from tradeflow.simulate.seats import Simulated


def play(hub: Running, scenario: Scenario, seats: dict[str, Simulated]) -> Outcome:
    return asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), "json", seats=seats).play(scenario))


@pytest.mark.parametrize(("name", "answered_min"), [("S01", 36), ("S02", 22)])
def test_with_simulated_counterparties_the_trade_ends_in_the_same_state(hub: Running, database: str, name: str, answered_min: int) -> None:
    scenario = load(SCENARIOS / f"{name}.toml")
    seats = {member.party: Simulated() for member in scenario.cast if "exporter" not in member.roles}
    simulated = play(hub, scenario, seats)
    refused = [line for seat in seats.values() for line in seat.refusals]
    assert simulated.difference == "", refused
    written = play(hub, scenario, {})
    assert written.difference == ""
    assert simulated.states == written.states
    assert simulated.by_others >= answered_min
    assert refused == []
    assert verified(database).faults == []
