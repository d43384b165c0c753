"""The main job: scenario S01 over HTTP, in every wire form, and what is stored afterwards."""

import asyncio

from tests.scenario.conftest import SCENARIOS
from tests.verified import verified
from tradeflow.cli._hub import Running
from tradeflow.model.catalogue import catalogue
from tradeflow.scenario.load import load
from tradeflow.scenario.play import Outcome, Player


def play(hub: Running, name: str, wire: str = "mixed") -> Outcome:
    return asyncio.run(Player(hub.base_url, hub.operator_key, catalogue(), wire).play(load(SCENARIOS / f"{name}.toml")))


def test_s01_runs_from_order_to_payment_and_everything_is_delivered(hub: Running, database: str) -> None:
    outcome = play(hub, "S01")
    assert outcome.difference == ""
    assert (outcome.steps_done, outcome.accepted, outcome.events) == (65, 61, 4)
    assert outcome.formats == {"json": 31, "xml": 30}
    assert outcome.deliveries == outcome.delivered == outcome.acknowledged > 61
    assert outcome.states["trade.case"] == "completed"
    assert outcome.states["trade.money"] == "paid"
    stored = verified(database)
    assert stored.faults == []
    assert set(stored.deliveries) <= {"acknowledged", "delivered"}, "nothing is left lying; a notice may still wait to be acknowledged"


def test_json_and_xml_are_the_same_trade(hub: Running) -> None:
    in_json, in_xml = play(hub, "S01", "json"), play(hub, "S01", "xml")
    assert in_json.difference == in_xml.difference == ""
    assert (in_json.formats, in_xml.formats) == ({"json": 61}, {"xml": 61})
    assert in_json.trade_id != in_xml.trade_id
    assert in_json.sha256s == in_xml.sha256s, "canonical content does not depend on the wire form"
    assert in_json.states == in_xml.states


def test_every_wrong_step_is_refused_and_changes_nothing(hub: Running, database: str) -> None:
    outcome = play(hub, "S01-refusals")
    assert outcome.difference == ""
    assert outcome.refused >= 20
    assert outcome.states["trade.case"] == "completed"
    assert verified(database).faults == []
