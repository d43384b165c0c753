"""A scenario played in memory, step by step."""

from collections.abc import Iterator

from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.ids import uuid7
from tradeflow.model.trade import TradeState
from tradeflow.scenario.begin import history
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario
from tradeflow.scenario.rehearse import Rehearsal


def states(scenario: Scenario) -> Iterator[TradeState]:
    """The state of its trade before the first step, and after each."""
    filler, played = Filler(catalogue(), scenario, scenario.reference), Rehearsal(machine(), scenario)
    filed = history(machine(), scenario, filler, scenario.step[0].date) if scenario.given or scenario.history else []
    played.open(scenario.reference, filed, scenario.step[0].date)
    yield played.state
    for step in scenario.step:
        if step.event:
            played.reported(step)
        elif not step.error:
            tree = filler.document(step, step.message, str(uuid7()))
            filler.lodged(step.message, tree)
            played.lodged(step, tree)
        yield played.state
