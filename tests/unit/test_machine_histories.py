"""Every transition fires, with its guards asked for real, and is refused guard by guard.

What happened is kept in workflows/<process>/histories/transitions.jsonl, one line a command, for people to review.
TRADEFLOW_WRITE_HISTORIES=1 writes them again; read the difference before committing it.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.unit.cases.extra_facts import NEVER_ALONE
from tests.unit.cases.firing import Played, Way, failing, firing, transitions, ways
from tests.unit.cases.history import says
from tradeflow.bundle import bundle_root
from tradeflow.machine import changes as c
from tradeflow.machine.answers import Decision, Refusal
from tradeflow.machine.diagram import HISTORY
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Effect, Guard

WORKFLOWS = bundle_root() / "workflows"
WRITE = os.environ.get("TRADEFLOW_WRITE_HISTORIES") == "1"
# from these states no signal of the tables leads on; the platform reports the event itself
BY_THE_PLATFORM_ALONE = {("p5.t16", "failed")}
# signals that the same command makes superfluous unless it names the one region, or the platform reports the event
HEARD_ONLY_THEN = {("p3.t16", "lc.amendment", "credit_closed"), ("p7.h01", "transport.movement", "cargo_received")}


def _first(several: Iterator[Way]) -> Played | None:
    return next((played for way in several if (played := firing(way))), None)


@pytest.fixture(scope="module")
def played() -> dict[tuple[str, str, str], Played | None]:
    """How each transition fired: from each of its states, on each of its messages."""
    found: dict[tuple[str, str, str], Played | None] = {}
    for region, transition in transitions():
        for source in transition.source:
            several = list(ways(region, transition, source))
            for message in dict.fromkeys(way.message for way in several):
                found[transition.id, source, message] = _first(way for way in several if way.message == message)
    return found


@pytest.fixture(scope="module")
def refused(played) -> list[tuple[Played, str, Played | None]]:
    """The first way of each transition, without each of its guards."""
    found = []
    for first in _firsts(played).values():
        found += [(first, guard.name, failing(first.way, first.facts, guard)) for guard in first.way.transition.guards]
    return found


def _firsts(played) -> dict[str, Played]:
    firsts: dict[str, Played] = {}
    for (transition, _, _), one in played.items():
        if one is not None:
            firsts.setdefault(transition, one)
    return firsts


def test_every_transition_fires_from_each_of_its_states_on_each_of_its_messages(played, refused, capsys):
    assert [key for key, one in played.items() if one is None] == []
    fired = {id for one in played.values() for id in one.fired}
    assert fired == {transition.id for _, transition in transitions()}
    by_process = Counter(region.process for region, transition in transitions() if transition.id in fired)
    with capsys.disabled():
        counts = ", ".join(f"{process} {count}" for process, count in by_process.items())
        print(
            f"\ntransitions fired: {len(fired)} of {sum(1 for _ in transitions())} in {len(played)} cases ({counts}); {len(refused)} refusals"
        )


def test_a_signal_is_fired_by_who_sends_it(played):
    alone = {
        (id, source)
        for (id, source, _), one in played.items()
        if not one.way.by and one.way.transition.event and machine().events[one.way.transition.event].source == "signal"
    }
    assert alone == BY_THE_PLATFORM_ALONE


def test_without_one_of_its_guards_a_transition_does_not_fire(refused):
    assert {(first.way.transition.id, guard) for first, guard, without in refused if without is None} == set(NEVER_ALONE)
    for first, guard, without in refused:
        if without is None:
            continue
        transition = first.way.transition
        assert transition.id not in without.fired, (transition.id, guard)
        if isinstance(without.answer, Refusal):
            errors = {machine().guards[guard].error} | {g.error for g in _alternatives(first)}
            assert without.answer.code in errors, (transition.id, guard, without.answer.detail)


def _alternatives(first: Played) -> Iterator[Guard]:
    """The guards of what else the same message could do, in any region: the one that comes closest names the error."""
    message = first.way.first.message
    for region in machine().on.get(message, ()):
        for other in region.on[message]:
            yield from other.guards


def test_every_signal_is_heard_by_the_region_it_is_sent_to():
    sent = {
        (transition.id, *effect.args)
        for _, transition in transitions()
        for effect in transition.effects
        if effect.verb == "signal" and machine().events[effect.args[1]].source == "signal"
    }
    heard: set[tuple[str, ...]] = set()
    for region, transition in transitions():
        for source in transition.source:
            for way in ways(region, transition, source):
                key = (way.by.transition.id, way.key, transition.event) if way.by else ()
                if way.by and key not in heard and firing(way):
                    heard.add(key)
    assert sent - heard == HEARD_ONLY_THEN


DOES: dict[str, Callable[[Effect, c.AnyChange], bool]] = {
    "arm": lambda effect, change: isinstance(change, c.Armed) and change.timer.endswith(f".{effect.args[0]}"),
    "charge": lambda effect, change: isinstance(change, c.PayableCreated | c.KeysAdded),
    "pass_title": lambda effect, change: isinstance(change, c.TitlePassed),
    "container": lambda effect, change: isinstance(change, c.ContainerMoved),
    "set": lambda effect, change: isinstance(change, c.AttributeSet | c.DocumentPresented | c.DocumentWithdrawn),
    "require": lambda effect, change: isinstance(change, c.TaskOpened),
    "start": lambda effect, change: isinstance(change, c.RegionStarted),
}


def test_no_effect_is_dead(played):
    dead = set()
    for id, one in _firsts(played).items():
        assert isinstance(one.answer, Decision)
        for effect in one.way.transition.effects:
            if effect.when is None and effect.verb in DOES and not any(DOES[effect.verb](effect, change) for change in one.answer.changes):
                dead.add((id, effect.verb, *effect.args))
    assert dead == {("p10.t03", "arm", "p10_due")}, "a charge has a due date only where the message that makes it states one"
    invoice = _firsts(played)["p8.a02"].answer
    assert any(isinstance(change, c.Armed) and change.timer.endswith(".p10_due") for change in invoice.changes)


def test_every_clock_is_armed_and_runs_out(played):
    armed = {change.timer.rpartition(".")[2] for one in played.values() for change in one.answer.changes if isinstance(change, c.Armed)}
    assert armed == set(machine().timers)
    events = {one.way.transition.event for one in played.values()}
    assert {timer.fires for timer in machine().timers.values() if not timer.reminds} <= events


def _line(one: Played, **more: object) -> str:
    given = {**one.way.states(), **one.facts.attributes}
    return json.dumps({"transition": one.way.transition.id, **more, "given": given, "what": one.what, **_outcome(one)}, ensure_ascii=False)


def _outcome(one: Played) -> dict[str, object]:
    if isinstance(one.answer, Refusal):
        return {"refused": one.answer.code}
    if not one.answer.fired:
        return {"changes": ["nothing: nobody expects it now"]}
    said = (f"armed {change.timer}" if isinstance(change, c.Armed) else says(change) for change in one.answer.changes)
    return {"changes": [text for text in said if text]}


def test_the_golden_histories_say_what_happens(played, refused):
    lines: dict[str, list[str]] = {process: [] for process in machine().processes}
    without = {}
    for first, guard, other in refused:
        if other is not None:
            without.setdefault(first.way.transition.id, []).append(_line(other, without=guard))
    for id, one in _firsts(played).items():
        lines[one.way.region.process] += [_line(one), *without.get(id, ())]
    for process, own in lines.items():
        file = WORKFLOWS / process / HISTORY
        if WRITE:
            file.write_text("\n".join(own) + "\n", encoding="utf-8")
        assert file.read_text(encoding="utf-8").splitlines() == own, "changed on purpose? TRADEFLOW_WRITE_HISTORIES=1 writes it anew"
