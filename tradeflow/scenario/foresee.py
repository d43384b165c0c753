"""Looking ahead: documents of a short scenario made such that the later steps can do what they say.

What a step leads to may have been decided long before it: a drawing leaves a balance only if the credit allows part drawings, a licence is
used up by the second shipment only if it was granted for two. The whole trade is played along in memory first. Where a step does something
else than it says, the findings of the guards in its way name the earlier document, and what they expect there is said there from the start.
"""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.admit import KEPT
from tradeflow.machine.tables import Machine
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.finding import Finding
from tradeflow.model.ids import uuid7
from tradeflow.scenario.begin import BEFORE, history, mended
from tradeflow.scenario.correct import corrected
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Cast, Filed, Made, Scenario, Step
from tradeflow.scenario.propose import SLIP, proposed, slips
from tradeflow.scenario.rehearse import Rehearsal
from tradeflow.scenario.worlds import samples_of

Tree = dict[str, Any]
ROUNDS, SLIPS_MAX = 8, 200
OF_THE_RUN = ("message", "answers_message_id", "previous_link_hash")  # what belongs to one run of a trade


@dataclass
class _Played:
    """A trade played along as far as its steps do what they say. `made`: every document by name, and the step that sent it."""

    steps: int = 0
    made: dict[str, tuple[Tree, int | None]] = field(default_factory=dict)
    wishes: list[Tree] = field(default_factory=list)  # earlier documents as the step that failed would have them
    lacking: list[str] = field(default_factory=list)  # documents that the step names, and that are not in the trade


def foreseen(machine: Machine, book: Catalogue, scenario: Scenario) -> Scenario:
    """The scenario whose documents allow what its steps say, as far as they can; the same one if nothing has to be foreseen."""
    if not any(isinstance(step, Made) for step in scenario.step):
        return scenario
    best, furthest = scenario, -1
    for _ in range(ROUNDS):
        try:
            played = _play(machine, book, scenario)
        except ContentError:  # the player says so, with its place
            break
        if played.steps > furthest:
            best, furthest = scenario, played.steps
        before = scenario
        for wish in played.wishes:
            scenario = _said(scenario, wish, *played.made[_name(wish)])
        for name in played.lacking[:1] if before == scenario else ():
            scenario = _with(scenario, book, *name.split(" ", 1))
        if scenario == before:
            break
    return best


def _play(machine: Machine, book: Catalogue, scenario: Scenario) -> _Played:
    filler, rehearsal, played = Filler(book, scenario, scenario.reference), Rehearsal(machine, scenario), _Played()
    given = scenario.given or scenario.history
    on_file = history(machine, scenario, filler, scenario.step[0].date) if given else []
    rehearsal.open(scenario.reference, on_file, scenario.step[0].date)
    played.made = {_name(tree): (tree, None) for tree in on_file}
    for number, step in enumerate(scenario.step):
        if step.event:
            rehearsal.reported(step)
        else:
            try:
                tree = proposed(filler, rehearsal, book, step, str(uuid7()))
            except (KeyError, BadInput):
                return played
            trial = rehearsal.trial(step, tree)
            if trial.missed(step):
                with suppress(BadInput):
                    played.wishes = list(_wishes(rehearsal, book, step, tree, played))
                return played
            if not trial.code:
                filler.lodged(step.message, tree)
                rehearsal.lodged(step, tree)
                if step.function in KEPT:
                    played.made[_name(tree)] = (tree, number)
        played.steps += 1
    return played


def _wishes(rehearsal: Rehearsal, book: Catalogue, step: Step, tree: Tree, played: _Played) -> Iterator[Tree]:
    """Earlier documents, each as a finding of the guards in the way asks for it; for a step that has to be refused, with a slip."""
    if step.error in SLIP and isinstance(step, Made):
        for kind in sorted(rehearsal.looked_at(step)):
            if (earlier := _latest(played, kind)) is not None:
                for slip in slips(deepcopy(earlier), SLIPS_MAX):
                    if rehearsal.denied(step, tree, slip):
                        yield slip
                        return
        return
    asked: dict[str, list[Finding]] = {}
    found = (*rehearsal.trial(step, tree).findings, *rehearsal.wants(step, tree))
    played.lacking = [name for finding in found if " " in (name := finding.other.partition("#")[0]) and name not in played.made]
    for finding in found:
        if finding.document in played.made:
            asked.setdefault(finding.document, []).append(finding)
    for name, findings in asked.items():
        if (made := corrected(book, played.made[name][0], findings)) is not None:
            yield mended(made["message"]["type"], datetime.fromisoformat(made["message"]["created_at"]), made)[1]


def _latest(played: _Played, kind: str) -> Tree | None:
    return next((tree for tree, _ in reversed(played.made.values()) if tree["message"]["type"] == kind), None)


def _said(scenario: Scenario, wish: Tree, made: Tree, number: int | None) -> Scenario:
    """The scenario whose step, or document on file, says what is wished."""
    if number is not None:
        changed = {name: value for name, value in wish.items() if name not in OF_THE_RUN and value != made.get(name)}
        gone = {f"-{name}": "" for name in made if name not in wish}
        steps = list(scenario.step)
        steps[number] = replace(steps[number], set={**steps[number].set, **changed, **gone})
        return replace(scenario, step=steps)
    others = [step for step in scenario.history if not _is(step, wish)]
    return replace(scenario, history=[*others, _filed(wish)])


def _with(scenario: Scenario, book: Catalogue, kind: str, number: str) -> Scenario:
    """The scenario with a document on file that a step names: the master of a house bill that is issued elsewhere."""
    known = samples_of(book, kind) if kind in book.ids() else ()
    sample = next((one for one in known if one.tree["document"]["number"] == number), None)
    if sample is None or any(step.message == kind for step in scenario.step):
        return scenario
    envelope = sample.tree["message"]
    by, to = envelope["sender"]["role"], [party["role"] for party in envelope["recipients"]]
    known_roles = {role for member in scenario.cast for role in member.roles}
    joining = [role for role in dict.fromkeys((by, *to)) if role not in known_roles]
    cast = [*scenario.cast, *(Cast(role.replace("_", "-"), role.replace("_", " ").title(), [role]) for role in joining)]
    step = Step(scenario.step[0].date - BEFORE, kind, by=by, to=to, sample=sample.name)
    return replace(scenario, cast=cast, history=[*scenario.history, step])


def _filed(tree: Tree) -> Step:
    """A document on file that says exactly this."""
    envelope = tree["message"]

    def who(party: Tree) -> str:
        return f"{party['role']}:{party['party_id']}"

    return Filed(
        datetime.fromisoformat(envelope["created_at"]), envelope["type"], by=who(envelope["sender"]),
        to=[who(party) for party in envelope["recipients"]], function=envelope["function"],
        instance=envelope.get("process_instance", ""), content={name: value for name, value in tree.items() if name != "message"},
    )  # fmt: skip


def _is(step: Step, tree: Tree) -> bool:
    return (
        isinstance(step, Filed)
        and step.message == tree["message"]["type"]
        and step.content["document"]["number"] == tree["document"]["number"]
    )


def _name(tree: Tree) -> str:
    return f"{tree['message']['type']} {tree['document']['number']}"
