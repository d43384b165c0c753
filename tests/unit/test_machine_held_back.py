"""A clock that runs out while a guard on the state of the trade holds its event back: it happens when nothing holds it back any more."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from tests.unit.cases.documents import NOW
from tests.unit.cases.given import given
from tradeflow.machine.answers import Decision
from tradeflow.machine.commands import Context, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import TimerState, TradeState
from tradeflow.scenario.begin import history
from tradeflow.scenario.compact import scenarios
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario
from tradeflow.scenario.propose import proposed
from tradeflow.scenario.rehearse import Rehearsal

EXPIRY = "lc.p3_expiry"
EXAMINED = """
[[scenario]]
id = "EXAMINED"
facts = ["payment_is_lc", "basis_lc"]
given = ["contract.main=agreed", "trade.case=shipped", "lc.credit=advised", "settlement.presentation=awaiting_documents"]
steps = [
  { d = "2026-04-10", m = "lc_collection_letter", by = "exporter", to = ["issuing_bank"], x = ["settlement.presentation=at_issuing"] },
  { d = "2026-04-13", e = "examination_discrepant", at = ["settlement.presentation"], note = "late shipment" },
  { d = "2026-04-15", m = "notice_of_refusal", by = "issuing_bank", to = ["exporter"], x = ["settlement.presentation=refused"] },
]
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    file = tmp_path / "examined.toml"
    file.write_text(EXAMINED, encoding="utf-8")
    return scenarios(file)[0]


def presented(scenario: Scenario, expires: datetime) -> tuple[Filler, Rehearsal]:
    """The documents are with the issuing bank, and the credit expires at that time."""
    filler, rehearsal = Filler(catalogue(), scenario, scenario.reference), Rehearsal(machine(), scenario)
    rehearsal.open(scenario.reference, history(machine(), scenario, filler, scenario.step[0].date), scenario.step[0].date)
    lodge(filler, rehearsal, scenario, 0)
    timers = rehearsal.state.timers
    timers[EXPIRY] = msgspec.structs.replace(timers[EXPIRY], due_at=expires)
    return filler, rehearsal


def lodge(filler: Filler, rehearsal: Rehearsal, scenario: Scenario, number: int) -> None:
    step = scenario.step[number]
    tree = proposed(filler, rehearsal, catalogue(), step, f"0000000{number}-0000-7000-8000-000000000000")
    assert rehearsal.trial(step, tree).missed(step) == 0
    filler.lodged(step.message, tree)
    rehearsal.lodged(step, tree)


def test_a_credit_does_not_expire_while_documents_are_examined_and_does_when_they_are_refused(scenario: Scenario) -> None:
    filler, rehearsal = presented(scenario, datetime.fromisoformat("2026-04-12T00:00:00+08:00"))
    rehearsal.reported(scenario.step[1])
    assert EXPIRY not in rehearsal.state.timers, "its hour has come"
    assert rehearsal.state.state_of("lc.credit") == "advised", "what was presented before counts (UCP 600 art. 29)"
    lodge(filler, rehearsal, scenario, 2)
    assert rehearsal.state.state_of("lc.credit") == "expired"
    assert rehearsal.state.state_of("lc.amendment") == "closed"


def test_a_credit_that_has_time_left_goes_on_after_a_refusal(scenario: Scenario) -> None:
    filler, rehearsal = presented(scenario, datetime.fromisoformat("2026-06-12T00:00:00+08:00"))
    rehearsal.reported(scenario.step[1])
    lodge(filler, rehearsal, scenario, 2)
    assert rehearsal.state.state_of("lc.credit") == "advised"


def test_a_credit_that_was_extended_meanwhile_does_not_expire(scenario: Scenario) -> None:
    filler, rehearsal = presented(scenario, datetime.fromisoformat("2026-04-12T00:00:00+08:00"))
    running = rehearsal.state.timers[EXPIRY]
    rehearsal.reported(scenario.step[1])
    rehearsal.state.timers[EXPIRY] = msgspec.structs.replace(running, due_at=datetime.fromisoformat("2026-06-12T00:00:00+08:00"))
    lodge(filler, rehearsal, scenario, 2)
    assert rehearsal.state.state_of("lc.credit") == "advised", "the clock runs again"


def run_out(state: TradeState, timer: str) -> TradeState:
    """The trade after this clock, which is due, reported itself."""
    clock = state.timers[timer]
    answer = decide(machine(), state, Raise(clock.event, clock.region), Context(NOW))
    assert isinstance(answer, Decision)
    return fold(state, answer.changes, NOW)


@pytest.mark.parametrize(("back", "ends"), [("approved", "overdue"), ("disputed", "disputed")])
def test_an_invoice_that_fell_due_while_it_was_disputed_is_overdue_once_the_dispute_ends(back: str, ends: str) -> None:
    due = TimerState("payment.payable", "due_date_passed", NOW, NOW, "the due date")
    disputed = given({"payment.payable": "disputed"}, timers={"payment.p10_due": due}).state()
    after = run_out(disputed, "payment.p10_due")
    assert (after.state_of("payment.payable"), after.timers) == ("disputed", {})
    after.regions["payment.payable"].state = back
    told = decide(machine(), after, Raise("movement_happened", "declaration.main", "operator", "platform"), Context(NOW))
    assert isinstance(told, Decision)
    assert fold(after, told.changes, NOW).state_of("payment.payable") == ends
