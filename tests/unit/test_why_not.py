"""Why not: every answer is true, and its first step leads closer."""

import os
from collections import Counter
from itertools import pairwise

import pytest

from tests.unit.cases.documents import NOW, document
from tests.unit.test_machine_triples import seeded
from tradeflow.machine.answers import Refusal
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.decide import decide
from tradeflow.machine.load import machine
from tradeflow.machine.whynot import why_not
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import RegionState

TERMS = {"incoterm": "CIF", "payment_method": "LC_SIGHT", "transport_mode": "1", "load_type": "FCL"}
REGIONS = [(p.id, r.id) for p in machine().processes.values() for r in p.regions.values()]
STRIDE = int(os.environ.get("TRADEFLOW_WHY_NOT_STRIDE", "6"))  # 1: every message in every state, as `make why-not` asks
CODES = {"OUT_OF_ORDER", "TERMINAL_STATE", "WRONG_SENDER", "GUARD_FAILED", "DEPENDENCY_OPEN"} | set(machine().errors)


def trade(process="contract", region="main", state="negotiating"):
    made = seeded(machine(), f"{process}.{region}", state)
    made.terms = dict(TERMS)
    return made


def ask(state, message, role):
    return why_not(machine(), state, message, role, Context(NOW))


def after(state, step):
    """The trade after one step of a way: its region moved, and the signals of the transition delivered where they are expected."""
    tables = machine()
    region = tables.region(step.region)
    assert state.state_of(step.region) in ("", step.source) or step.source == region.initial
    trigger = step.message or step.event
    rows = [t for t in region.on[trigger] if step.source in t.source and t.to in (step.target, "same", "previous")]
    assert rows, f"no transition of {step.region} takes {trigger} from {step.source} to {step.target}"
    if step.message:
        assert set(step.by) <= set(catalogue().message(step.message).from_roles), step
    state.regions[step.region] = RegionState(step.target, last_message="m-2", started=True)
    for effect in rows[0].effects:
        if effect.verb == "signal" and (heard := tables.region(effect.args[0])):
            at = state.state_of(effect.args[0]) or heard.initial
            hit = next((t for t in heard.on.get(effect.args[1], ()) if at in t.source), None)
            if hit and hit.to not in ("same", "previous"):
                state.regions[effect.args[0]] = RegionState(hit.to, last_message="m-3", started=True)
        if effect.verb == "start" and effect.args[0] not in state.regions and (begun := tables.region(effect.args[0])):
            state.regions[effect.args[0]] = RegionState(begun.initial)
    return state


@pytest.mark.parametrize(("process", "region"), REGIONS, ids=[".".join(r) for r in REGIONS])
def test_every_answer_of_every_message_in_every_state_is_true(process, region):
    """All messages that the region names, and of the others every sixth, another sixth in each state: the code and the reason are those

    of the table, a way starts where the trade is.
    """
    table = machine().processes[process].regions[region]
    found = Counter()
    asked = 0
    for turn, at in enumerate(table.states):
        state = trade(process, region, at)
        for message in (m for n, m in enumerate(catalogue().ids()) if m in table.on or (n + turn) % STRIDE == 0):
            asked += 1
            role = next(r for r in catalogue().message(message).from_roles)
            answer = ask(state, message, role)
            found[answer.blocked_by or "taken"] += 1
            if answer.taken:
                assert not answer.code
                assert not answer.unlock
                assert not any(view.holds is False for view in answer.conditions)
                continue
            assert answer.code in CODES
            assert answer.because
            if answer.blocked_by != "guard":
                new = document(message, {}, by=role, to=(catalogue().message(message).to_roles[0],))
                said = decide(machine(), state, Lodge(new, Envelope.of(new)), Context(NOW))
                assert isinstance(said, Refusal), (at, message, role, answer)
            if answer.unlock:
                first = answer.unlock[0]
                now = state.state_of(first.region)
                assert first.source == now or (not now and first.source == machine().region(first.region).initial), (at, message, first)
    assert sum(found.values()) == asked >= len(table.states) * len(catalogue().ids()) // STRIDE


@pytest.mark.parametrize("message", catalogue().ids())
def test_the_first_step_leads_closer_until_the_message_is_taken(message):
    role = next(iter(catalogue().message(message).from_roles))
    state, steps = trade(), []
    for _ in range(20):
        answer = ask(state, message, role)
        if answer.taken or not answer.unlock:
            break
        steps.append(len(answer.unlock))
        state = after(state, answer.unlock[0])
    if answer.taken:
        assert all(later <= earlier for earlier, later in pairwise(steps)), steps
    else:
        assert not answer.unlock, f"{message} by {role}: twenty steps lead nowhere: {steps}"
        assert message in NO_WAY, f"{message} by {role}: no way, {answer.because}"


NO_WAY = {"collection_advice"}  # the terms say letter of credit: there is no collection


def test_the_letter_of_credit_needs_a_contract_and_an_application_first():
    answer = ask(trade(), "letter_of_credit", "issuing_bank")
    assert (answer.code, answer.blocked_by, answer.region) == ("OUT_OF_ORDER", "state", "lc.credit")
    assert [step.message for step in answer.unlock] == ["purchase_order", "sales_order", "lc_application"]
    assert answer.unlock[2].parties


def test_whoever_may_not_send_a_message_is_told_who_may():
    answer = ask(trade(), "letter_of_credit", "exporter")
    assert (answer.code, answer.blocked_by) == ("WRONG_SENDER", "sender")
    assert "issuing_bank" in answer.because
