"""Only listed transitions happen: every other (state, message, role) of every region is refused and changes nothing."""

import copy
from itertools import chain

import pytest

from tests.unit.cases.documents import NOW, PARTY, document
from tests.unit.cases.given import ROLES
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.commands import Context, Lodge, Open
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import from_content, machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import Participant, RegionState, TradeState

REGIONS = [(p.id, r.id) for p in machine().processes.values() for r in p.regions.values()]
CODES = {"OUT_OF_ORDER", "TERMINAL_STATE", "WRONG_SENDER", "GUARD_FAILED", "CORRELATION_NOT_FOUND"}


def alone(process, region):
    """A machine with one region, no guards, no effects: the bare table."""
    content = copy.deepcopy(machine().content)
    body = next(p for p in content["processes"] if p["id"] == process)
    body["regions"] = [r for r in body["regions"] if r["id"] == region]
    for row in body["regions"][0]["transitions"]:
        row["guards"], row["effects"] = [], []
    content["processes"], content["dependencies"] = [body], {"edges": []}
    return from_content(content)


def seeded(tables, key, state):
    cast = [Participant(PARTY.format(role=role), role) for role in ROLES]
    opened = decide(tables, TradeState(""), Open("TEST-TRADE-1", {}, cast, PARTY.format(role="exporter")), Context(NOW))
    trade = fold(TradeState(""), opened.changes, NOW)
    trade.regions[key] = RegionState(state, last_message="m-1")
    return trade


@pytest.mark.parametrize(("process", "region"), REGIONS, ids=[".".join(r) for r in REGIONS])
def test_what_is_not_in_the_table_is_refused_and_changes_nothing(process, region):
    tables = alone(process, region)
    table = tables.processes[process].regions[region]
    key = f"{process}.{region}"
    messages = sorted({*chain.from_iterable(t.messages for t in table.transitions), "purchase_order", "title_transfer"})
    asked = accepted = 0
    for state in table.states:
        trade = seeded(tables, key, state)
        before = copy.deepcopy(trade)
        for message in messages:
            kind = catalogue().message(message)
            for role in ROLES:
                new = document(message, {"answers_message_id": "m-1"}, by=role, to=(kind.to_roles[0],))
                answer = decide(tables, trade, Lodge(new, Envelope.of(new)), Context(NOW))
                listed = next((t for t in table.on.get(message, ()) if state in t.source and role in t.by and "9" in t.functions), None)
                asked += 1
                if listed is None or role not in kind.from_roles:
                    assert isinstance(answer, Refusal), (state, message, role, answer)
                    assert answer.code in CODES | {r.error for r in table.refuse}, answer.code
                else:
                    accepted += 1
                    assert isinstance(answer, Decision), (state, message, role, answer)
                    assert answer.fired == [listed.id]
        assert trade == before, "a decision never touches the state it is given"
    assert asked == len(table.states) * len(messages) * len(ROLES)
    assert accepted or not any(t.messages and "9" in t.functions for t in table.transitions)
