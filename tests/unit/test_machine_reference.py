"""Random walks: decide() and a second, plain reading of the tables agree on every step."""

import copy
import random

import pytest

from tests.unit.cases.documents import NOW, PARTY, document
from tests.unit.cases.given import ROLES
from tests.unit.cases.reference import Reference
from tradeflow.machine.answers import Decision
from tradeflow.machine.changes import DocumentAdded, dump, load
from tradeflow.machine.commands import Context, Lodge, Open, Raise
from tradeflow.machine.decide import decide
from tradeflow.machine.fold import fold
from tradeflow.machine.load import from_content, machine
from tradeflow.machine.tables import Machine
from tradeflow.machine.words import Term, Verdict, Word
from tradeflow.model.catalogue import catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import DocumentEntry, Participant, TradeState

STEPS = 250


def told() -> Machine:
    """The installed tables with guards that are true or false as the terms of the trade say, and no charges.

    A charge begins an instance of its own, which the plain reading does not know.
    """
    content = copy.deepcopy(machine().content)
    content["dependencies"] = {"edges": []}
    for process in content["processes"]:
        for region in process["regions"]:
            region.pop("decides", None)
            for row in region["transitions"]:
                row["effects"] = [e for e in row["effects"] if not e.startswith("charge(")]
    tables = from_content(content)
    for name, guard in tables.guards.items():
        word = Word(
            "told", lambda case, guard: Verdict(guard in case.state.terms["truth"], guard), frozenset(), (), False, "", {}, frozenset()
        )
        object.__setattr__(guard, "when", (Term(word, {"guard": name}),))
        object.__setattr__(guard, "any", ())
        object.__setattr__(guard, "error", "GUARD_FAILED")
    for process in tables.processes.values():
        for region in process.regions.values():
            object.__setattr__(region, "refuse", ())
    return tables


@pytest.mark.parametrize("seed", range(8))
def test_a_walk_agrees_with_the_plain_reading(seed):
    chance, tables = random.Random(seed), told()
    plain = Reference(tables.content)
    cast = [Participant(PARTY.format(role=role), role) for role in ROLES]
    opened = decide(tables, TradeState(""), Open("TEST-TRADE-1", {}, cast, PARTY.format(role="exporter")), Context(NOW))
    state, history, guards, fired = fold(TradeState(""), opened.changes, NOW), [opened.changes], sorted(tables.guards), 0
    messages = [m for m in catalogue().ids() if m in tables.on and m != "application_response"]
    for step in range(STEPS):
        truth = {g for g in guards if chance.random() < 0.6}
        state.terms["truth"] = truth
        if chance.random() < 0.35:
            key = chance.choice(sorted(plain.regions))
            events = sorted({r["event"] for r in plain.regions[key]["transitions"] if "event" in r}) or ["trade_closed"]
            name = chance.choice(events)
            plain.event(name, key, truth)
            answer, wanted = decide(tables, state, Raise(name, key, "operator", "platform"), Context(NOW)), None
        else:
            kind = _likely(chance, plain, messages)
            role, function = chance.choice(catalogue().message(kind).from_roles), chance.choice(["9", "9", "9", "5", "4", "1", "31", "7"])
            new, stored = _lodged(kind, role, function, step)
            if stored is not None:
                history.append([DocumentAdded(stored)])
                state = fold(state, history[-1], NOW)
            wanted = plain.message(kind, function, role, truth)
            answer = decide(tables, state, Lodge(new, Envelope.of(new)), Context(NOW))
        if isinstance(answer, Decision):
            state = fold(state, load(dump(answer.changes)), NOW)
            history.append(answer.changes)
            fired += bool(answer.fired)
            assert not wanted, (step, wanted, answer.fired)
        elif wanted is not None:
            assert answer.code == wanted, (step, answer.detail)
        assert {k: state.state_of(k) for k in plain.state} == plain.state, step
    assert fired > STEPS // 10
    again = TradeState("")
    for changes in history:
        again = fold(again, changes, NOW)
    again.terms = state.terms
    assert again == state, "the state is the fold of its changes"


def _likely(chance, plain, messages):
    """Mostly a message that some region takes in its state."""
    if chance.random() < 0.2:
        return chance.choice(messages)
    able = [m for key, region in plain.regions.items() for row in region["transitions"] if plain.state[key] in row["from"]
            for m in ([row["message"]] if isinstance(row.get("message"), str) else row.get("message", [])) if m in messages]  # fmt: skip
    return chance.choice(able)


def _lodged(kind, role, function, step):
    """A document, and what has to be on file so that its number and version fit its function."""
    number, version = f"{kind}-{step}", 2 if function in ("4", "5") else 1
    to = (catalogue().message(kind).to_roles[0],)
    new = document(kind, {"originals": 3}, by=role, to=to, number=number, version=version, function=function)
    stored = DocumentEntry(kind, number, 1, "", new.payload_sha256 if function in ("31", "7") else "", "", role)
    return new, stored if function != "9" else None
