"""A running trade under other process tables: what moves by itself, and what a person has to look at."""

import copy
from datetime import timedelta

import pytest

from tests.unit.cases.documents import NOW
from tests.unit.cases.given import given
from tradeflow.machine.changes import Armed, InstanceStarted, Repinned, TaskDone, dump, load
from tradeflow.machine.fold import fold
from tradeflow.machine.load import from_content, machine
from tradeflow.machine.repin import ended, repin
from tradeflow.model.trade import TimerState

OLD = machine()


def tables(edit):
    """The installed tables after an edit of their content."""
    content = copy.deepcopy(OLD.content)
    edit({p["id"]: p for p in content["processes"]}, content)
    return from_content(content)


def region(processes, key):
    process, _, name = key.partition(".")
    return next(r for r in processes[process]["regions"] if r["id"] == name)


def renaming(key, old, new):
    """An edit that gives a state another name."""

    def edit(processes, _):
        body = region(processes, key)
        for state in body["states"]:
            state["id"] = new if state["id"] == old else state["id"]
        for name in ("goal", "terminal"):
            body[name] = [new if state == old else state for state in body[name]]
        for row in body["transitions"]:
            row["from"] = [new if state == old else state for state in row["from"]]
            row["to"] = new if row["to"] == old else row["to"]
        body["refuse"] = []

    return edit


def moved(found, state):
    """The state after the changes, as they are stored."""
    return fold(state, load(dump(found.changes)), NOW)


def test_the_same_tables_with_another_wording_take_every_trade():
    new = tables(lambda _, content: content["errors"].update(OUT_OF_ORDER={"http": 409, "text": "not now"}))
    state = given({"contract.main": "agreed", "transport.booking": "confirmed"}).state()
    found = repin(OLD, new, state)
    assert (found.needs, found.changes) == ([], [Repinned(new.hash)])
    after = moved(found, state)
    assert (after.machine, after.version) == (new.hash, state.version + 1)
    assert after.regions == state.regions, "where the trade stands is not touched"


def test_a_state_that_is_gone_needs_a_person_who_says_what_it_is_now():
    new = tables(renaming("contract.main", "agreed", "concluded"))
    state = given({"contract.main": "agreed"}).state()
    (need,) = repin(OLD, new, state).needs
    assert need.startswith("contract.main is agreed, which the new tables do not know")
    found = repin(OLD, new, state, {("contract.main", "agreed"): "concluded"})
    assert found.needs == []
    assert moved(found, state).state_of("contract.main") == "concluded"


def test_a_trade_that_is_not_in_that_state_moves_by_itself():
    new = tables(renaming("contract.main", "agreed", "concluded"))
    assert repin(OLD, new, given({"contract.main": "ordered"}).state()).needs == []


def test_the_state_before_is_renamed_too_and_forgotten_where_it_is_gone():
    new = tables(renaming("contract.main", "ordered", "asked"))
    state = given({"contract.main": "agreed"}).state()
    state.regions["contract.main"].previous = "ordered"
    assert moved(repin(OLD, new, state), state).regions["contract.main"].previous == ""
    found = repin(OLD, new, state, {("contract.main", "ordered"): "asked"})
    assert moved(found, state).regions["contract.main"].previous == "asked"


def test_a_region_that_is_gone_needs_a_person():
    def edit(processes, content):
        processes["inspection"]["regions"][0]["id"] = "body"

    content = copy.deepcopy(OLD.content)
    edit({p["id"]: p for p in content["processes"]}, content)
    (need, *_) = repin(OLD, from_content(content), given({"inspection.main": "requested"}).state()).needs
    assert need == "inspection.main is requested, and the new tables have no such region"


def test_a_state_that_became_an_end_needs_a_person():
    def edit(processes, _):
        body = region(processes, "goods.main")
        body["terminal"].append("packed")
        body["transitions"] = [row for row in body["transitions"] if "packed" not in row["from"]]

    (need,) = repin(OLD, tables(edit), given({"goods.main": "packed"}).state()).needs
    assert "it would end unnoticed" in need


def test_a_new_process_and_a_new_region_begin_in_their_initial_states():
    def edit(processes, content):
        fresh = copy.deepcopy(region(processes, "inspection.main")) | {"id": "second"}
        for row in fresh["transitions"]:
            row["id"] = row["id"] + "b"
        fresh["timers"] = []
        fresh["transitions"] = [row | {"effects": []} for row in fresh["transitions"]]
        processes["inspection"]["regions"].append(fresh)
        content["processes"].append(copy.deepcopy(processes["inspection"]) | {"id": "survey", "number": 11})
        for body in content["processes"][-1]["regions"]:
            body["timers"] = []
            for row in body["transitions"]:
                row["id"], row["effects"] = f"s{row['id']}", []

    state = given({"inspection.main": "requested", "inspection#2.main": "scheduled"}).state()
    found = repin(OLD, tables(edit), state)
    assert found.needs == []
    assert [change for change in found.changes if isinstance(change, InstanceStarted)] == [
        InstanceStarted("inspection", {"second": "required"}),
        InstanceStarted("inspection#2", {"second": "required"}),
        InstanceStarted("survey", {"main": "required", "second": "required"}),
    ]
    after = moved(found, state)
    assert (after.state_of("inspection.main"), after.state_of("inspection#2.second")) == ("requested", "required")


def clock(name, **more):
    event, where = more.pop("event", "validity_lapsed"), more.pop("region", "contract.main")
    return {f"contract.{name}": TimerState(where, event, NOW, NOW + timedelta(days=3), "until the offer lapses")}


def test_a_clock_keeps_its_moment_and_raises_what_the_new_tables_say():
    def edit(processes, _):
        timer = next(t for t in region(processes, "contract.main")["timers"] if t["id"] == "p1_validity")
        timer["fires"] = "contract_failed"

    state = given({"contract.main": "offered"}, timers=clock("p1_validity")).state()
    found = repin(OLD, tables(edit), state)
    (armed,) = [change for change in found.changes if isinstance(change, Armed)]
    assert (armed.event, armed.due_at) == ("contract_failed", NOW + timedelta(days=3))


def test_a_clock_that_is_gone_needs_a_person():
    (need,) = repin(OLD, OLD, given({"contract.main": "offered"}, timers=clock("p1_patience")).state()).needs
    assert "the clock p1_patience runs until" in need


def test_a_task_goes_with_its_message():
    state = given().state()
    state.tasks["carrier_pigeon"] = "transport.booking"
    found = repin(OLD, OLD, state)
    assert TaskDone("carrier_pigeon") in found.changes
    assert moved(found, state).tasks == {}


@pytest.mark.parametrize(("case", "over"), [("contracted", False), ("completed", True), ("aborted", True)])
def test_a_trade_is_over_when_its_case_is(case, over):
    assert ended(OLD, given({"trade.case": case}).state()) is over
