"""The process tables as they are published: sound, drawn, and replayed.

TRADEFLOW_WRITE_HISTORIES=1 writes the golden histories and READMEs again; read the difference before committing it.
"""

import os
from pathlib import Path

import pytest

from tests.unit.cases.history import histories, play
from tradeflow.app.content import check_guard_rules
from tradeflow.bundle import bundle_root
from tradeflow.machine.answers import Decision
from tradeflow.machine.changes import Moved, dump, load
from tradeflow.machine.check import check_workflows
from tradeflow.machine.diagram import played, readme, vocabulary, write_readmes
from tradeflow.machine.fold import fold
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import catalogue
from tradeflow.model.trade import TradeState

WORKFLOWS = bundle_root() / "workflows"
S01 = WORKFLOWS / "trade" / "scenarios" / "S01.toml"
WRITE = os.environ.get("TRADEFLOW_WRITE_HISTORIES") == "1"


def test_there_is_no_defect():
    assert [str(defect) for defect in check_workflows()] == []


def test_all_eleven_processes_are_there():
    transitions = [t for p in machine().processes.values() for r in p.regions.values() for t in r.transitions]
    assert [p.number for p in machine().processes.values()] == [*range(1, 11), 0]
    assert len(transitions) == 395
    assert len(machine().timers) == 28
    assert len(machine().guards) == 196


@pytest.mark.parametrize("process", sorted(machine().processes))
def test_the_readme_of_a_process_is_current(process, tmp_path):
    file = WORKFLOWS / process / "README.md"
    if WRITE:
        write_readmes(WORKFLOWS)
    assert file.read_text(encoding="utf-8") == readme(machine(), machine().processes[process], played(file.parent)), (
        "run `tradeflow schemas`"
    )


def test_the_list_of_words_is_current():
    assert (WORKFLOWS / "_common" / "README.md").read_text(encoding="utf-8") == vocabulary(machine()), "run `tradeflow schemas`"


def test_diagrams_name_every_state():
    for process in machine().processes.values():
        text = readme(machine(), process)
        for region in process.regions.values():
            assert f"## {process.id}.{region.id}" in text
            assert all(f"| {state} |" in text for state in region.states)
            assert all(f"| {t.id} |" in text for t in region.transitions)


def test_s01_reaches_the_states_of_every_step_with_real_guards_rules_and_clocks():
    steps = 0
    for step, what, trade, answer in play(S01, rules=True):
        if answer is None:
            continue
        steps += 1
        assert isinstance(answer, Decision), f"{what}: {answer.code} {answer.detail}"
        wrong = [e for e in step.expect if trade.state.state_of(e.partition("=")[0]) != e.partition("=")[2]]
        assert not wrong, f"{what}: {wrong}"
    assert steps == 65


@pytest.fixture(scope="module")
def s01():
    """S01 as it went."""
    *_, (_, _, trade, _) = play(S01)
    return trade


def test_s01_ends_with_everything_done(s01):
    regions = s01.state.regions
    assert regions["trade.case"].state == "completed"
    assert s01.state.timers == {}
    assert s01.state.titles["bill_of_lading:BLENHKG2503118"].status == "SURRENDERED_FOR_DELIVERY"
    assert s01.state.containers == {"BLEU2004176": "return"}


def test_the_state_is_the_fold_of_the_changes_as_they_are_stored(s01):
    state = TradeState("")
    for changes in s01.changes:
        state = fold(state, load(dump(changes)), s01.state.regions["trade.case"].since)
    assert {k: r.state for k, r in state.regions.items()} == {k: r.state for k, r in s01.state.regions.items()}
    assert state.version == s01.state.version == len(s01.changes)
    for name in ("documents", "titles", "keys", "tasks", "attributes", "containers"):
        assert getattr(state, name) == getattr(s01.state, name), name


def test_s01_fires_what_its_processes_are_about(s01):
    fired = {c.transition for changes in s01.changes for c in changes if isinstance(c, Moved)}
    assert len(fired) >= 80
    assert fired <= {t.id for p in machine().processes.values() for r in p.regions.values() for t in r.transitions}


def test_s01_follows_its_golden_histories():
    found = histories(S01)
    files = {process: WORKFLOWS / process / "histories" / "s01.jsonl" for process in found}
    for process, file in files.items():
        text = "\n".join(found[process]) + "\n"
        if WRITE:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8").splitlines() == text.splitlines(), process
    assert {file.parent.parent.name for file in WORKFLOWS.glob("*/histories/s01.jsonl")} == set(files)


def test_every_rule_a_guard_names_is_a_rule():
    assert [str(defect) for defect in check_guard_rules(catalogue())] == []


def test_histories_are_found_beside_their_process():
    assert {file.parent.parent.parent for file in Path(WORKFLOWS).glob("*/histories/*.jsonl")} == {WORKFLOWS}
