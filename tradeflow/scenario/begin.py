"""Where a scenario begins: the documents on file before its first step, those its given states need among them.

A [[history]] table says what a document on file looks like. What a given state needs besides is made from a sample: filled with what the
trade knows, sent by a role that may send it, dated between its neighbours on the way to that state.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tradeflow.codec import canonical
from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.commands import Context, Lodge
from tradeflow.machine.open import begin
from tradeflow.machine.routes import Leg
from tradeflow.machine.seed import plan, unmet, untrue
from tradeflow.machine.tables import Machine, Transition
from tradeflow.machine.titles import moved
from tradeflow.machine.turn import Turn
from tradeflow.machine.walk import Way
from tradeflow.model.catalogue import catalogue
from tradeflow.model.document import DocumentSet
from tradeflow.model.envelope import Envelope
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.trade import Participant, TitleState, TradeState
from tradeflow.rules.evaluate import check_message
from tradeflow.scenario.correct import corrected
from tradeflow.scenario.fill import Filler
from tradeflow.scenario.load import Scenario, Step
from tradeflow.scenario.worlds import MANNERS, Sample, samples_of

Tree = dict[str, Any]
ROUNDS = 4  # of correction
BEFORE, GAP = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Want:
    """A document that a given state needs and nobody filed: the region on its way there, and the transition that takes it."""

    key: str
    state: str
    transition: Transition

    @property
    def message(self) -> str:
        return self.transition.messages[0]

    @property
    def instance(self) -> str:
        """What the document names as its instance: nothing for a base one."""
        named = self.key.partition(".")[0]
        return named if "#" in named else ""

    def same(self, other: "_Want") -> bool:
        """Whether one document serves both."""
        return (self.message, self.instance) == (other.message, other.instance) and bool(self.transition.by & other.transition.by)


def history(machine: Machine, scenario: Scenario, filler: Filler, now: datetime) -> list[Tree]:
    """The documents on file, oldest first, as the filler makes them; it remembers them all. Raises ContentError where that cannot be."""
    filed = sorted(((step.date, _made(filler, step)) for step in scenario.history), key=lambda made: made[0])
    turn = _turn(machine, scenario, now)
    items = list(_in_order(_ways(turn, scenario, [tree for _, tree in filed]), len(filed)))
    world = _world(scenario, [item.message for item in items if isinstance(item, _Want)])
    dates = [filed[item][0] if isinstance(item, int) else None for item in items]
    trees: list[Tree] = []
    for position, item in enumerate(items):
        if isinstance(item, int):
            trees.append(filed[item][1])
        else:
            dates[position] = at = _between(dates, position, now)
            trees.append(_supplied(turn, scenario, filler, item, at, trees, world))
    for tree in trees:  # what is filed was made first; from here on the newest document is the newest
        filler.lodged(tree["message"]["type"], tree)
    return trees


def _made(filler: Filler, step: Step, sound: bool = False) -> Tree:
    """The document as the filler makes it; a sound one also keeps the rules of its message, which nobody wrote it to break."""
    name = f"{filler.trade_id}/{step.message}/{step.date.isoformat()}/{step.by}/{step.sample}"
    message_id = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    tree = filler.document(step, step.message, message_id)
    if sound:  # the more it takes over from this trade the better, as long as it still agrees with itself
        best = mended(step.message, step.date, tree)
        for manner in MANNERS[1:] if best[0] else ():
            told = filler.document(step, step.message, message_id, manner)
            best = min(best, mended(step.message, step.date, told), key=lambda one: one[0])
        tree = best[1]
    filler.lodged(step.message, tree)
    return tree


def mended(message: str, now: datetime, tree: Tree) -> tuple[int, Tree]:
    """What is left wrong by the rules of its message when what they expect stands in place of what they found, and the document."""
    for _ in range(ROUNDS):
        errors = _errors(message, now, tree)
        better = corrected(catalogue(), tree, errors) if errors else None
        if better is None or not _fits_schema(message, better):
            return len(errors), tree
        tree = better
    return len(_errors(message, now, tree)), tree


def _errors(message: str, now: datetime, tree: Tree) -> list[Finding]:
    return [f for f in check_message(canonical.document(message, tree), now).findings if f.severity is Severity.ERROR]


def _fits_schema(message: str, tree: Tree) -> bool:
    try:
        canonical.document(message, tree)
    except BadInput:
        return False
    return True


def _turn(machine: Machine, scenario: Scenario, now: datetime) -> Turn:
    """The trade as it is before anything is on file."""
    turn = Turn.begin(machine, TradeState(scenario.reference), Context(now))
    participants = [Participant(member.party, role) for member in scenario.cast for role in member.roles]
    if refused := begin(turn, scenario.reference, dict(scenario.terms), participants, None):
        raise ContentError(scenario.id, 1, refused.detail)
    return turn


def _ways(turn: Turn, scenario: Scenario, trees: Sequence[Tree]) -> list[Way]:
    ways = plan(turn, scenario.states, [_lodge(scenario, tree) for tree in trees])
    if isinstance(ways, str):
        raise ContentError(scenario.id, 1, ways)
    return ways


def _lodge(scenario: Scenario, tree: Tree) -> Lodge:
    try:
        document = canonical.document(tree["message"]["type"], tree)
    except BadInput as error:
        said = "; ".join(f"{f.pointer}: {f.message}" for f in error.findings) or error.detail
        raise ContentError(scenario.id, 1, f"{tree['message']['type']} on file: {said}") from None
    return Lodge(document, Envelope.of(document))


def _in_order(ways: Sequence[Way], filed: int) -> Iterator[int | _Want]:
    """What is on file (its index) and what is wanted, so that each way meets its documents in order; one document serves several ways."""
    lines: list[list[int | _Want]] = [[_item(way, leg) for leg in way.legs if leg.transition.messages] for way in ways]
    lines.append(list(range(filed)))
    while lines := [line for line in lines if line]:
        free = [line[0] for line in lines if not any(_same(line[0], later) for other in lines for later in other[1:])]
        chosen = (free or [line[0] for line in lines])[0]
        yield chosen
        lines = [line[1:] if _same(line[0], chosen) else line for line in lines]


def _item(way: Way, leg: Leg) -> int | _Want:
    return leg.filed if leg.filed is not None else _Want(way.key, leg.target, leg.transition)


def _same(one: int | _Want, other: int | _Want) -> bool:
    return one.same(other) if isinstance(one, _Want) and isinstance(other, _Want) else one == other


def _between(dates: Sequence[datetime | None], position: int, now: datetime) -> datetime:
    """Shortly before the next document, the last of all a day before now; or, where there is less room, in its share of it."""
    before = dates[position - 1] if position else None
    last = (len(dates) - position, now - BEFORE + GAP)
    left, after = next(((n, at) for n, at in enumerate(dates[position:]) if at is not None), last)
    if before is not None and after - GAP * left <= before:
        after = max(after, now) if left == last[0] else after
        return after - (after - before) / (left + 1) * left
    return after - GAP * left


def _supplied(turn: Turn, scenario: Scenario, filler: Filler, want: _Want, at: datetime, before: Sequence[Tree], world: str) -> Tree:
    """A document made from the sample that the transition takes best."""
    docs = DocumentSet([_lodge(scenario, tree).document for tree in before])
    made: list[tuple[int, bool, int, Step]] = []
    for step in _steps(scenario, want, at):
        lodge = _lodge(scenario, filler.document(step, want.message, str(uuid.UUID(int=0))))
        wrong = unmet(turn, want.key, want.transition, lodge, docs) + untrue(turn, want.key, scenario.facts, lodge, docs)
        wrong += not _reaches(turn, scenario, want, lodge)
        sample = _sample_of(step)
        made.append((wrong, sample is None or sample.trade != world, len(made), step))
    return _made(filler, min(made)[-1], sound=True)


def _heir(scenario: Scenario, message: str) -> str:
    """Who sends the next message of this kind: it has what the one on file passed on."""
    return next((step.by for step in scenario.step if step.message == message and not step.error), "")


def _reaches(turn: Turn, scenario: Scenario, want: _Want, lodge: Lodge) -> bool:
    """Whether a bill that the document passes on is then with the party that passes it on next."""
    passing = [effect.args[0] for effect in want.transition.effects if effect.verb == "pass_title"]
    heir, region = _heir(scenario, want.message), turn.machine.region(want.key)
    if not passing or not heir or region is None:
        return True
    case = turn.case(region, want.key.partition(".")[0])
    case.document, case.envelope = lodge.document, lodge.envelope
    bill = TitleState("", lodge.envelope.sender, "", int(lodge.document.get("bill.originals") or 1), "PAPER")
    return moved(case, bill, passing[0]).holder == scenario.party(heir)[0]


def _world(scenario: Scenario, wanted: Sequence[str]) -> str:
    """The trade that most samples of the scenario's steps are of, and that has most of what has to be on file."""
    told = Counter(sample.trade for one in scenario.step if (sample := _sample_of(one)))
    for message in dict.fromkeys(wanted):
        told.update(list(dict.fromkeys(sample.trade for sample in samples_of(catalogue(), message))))  # in their order: a draw is won by it
    return told.most_common(1)[0][0] if told else ""


def _sample_of(step: Step) -> Sample | None:
    return next((sample for sample in samples_of(catalogue(), step.message) if sample.name == step.sample), None) if step.message else None


def _steps(scenario: Scenario, want: _Want, at: datetime) -> list[Step]:
    """A step for each valid sample: sent by its own role where that may send it and is in the cast."""
    roles = {role for member in scenario.cast for role in member.roles}
    kind = catalogue().message(want.message)
    senders = sorted(want.transition.by & roles & set(kind.from_roles))
    where = f"{want.key}={want.state} needs a {want.message}"
    if not senders:
        raise ContentError(scenario.id, 1, f"{where} from {_or(sorted(want.transition.by))}: nobody in the cast plays that role")
    heir = _heir(scenario, want.message)
    steps: list[tuple[int, int, Step]] = []
    for sample in samples_of(catalogue(), want.message):
        said = sample.tree["message"]
        theirs = said["sender"]["role"]
        for by in sorted(senders, key=lambda role: role != theirs):
            to = [r["role"] for r in said["recipients"] if r["role"] in roles] or [r for r in kind.to_roles if r in roles and r != by][:1]
            if heir in kind.to_roles and heir != by:
                to = [heir]
            if said["function"] in want.transition.functions and to:
                step = Step(at, want.message, by=by, to=to, sample=sample.name, function=said["function"], instance=want.instance)
                steps.append(((theirs != by) + (heir not in [r["role"] for r in said["recipients"]]), len(steps), step))
                break
    if not steps and not set(kind.to_roles) & roles:
        raise ContentError(scenario.id, 1, f"{where}: nobody in the cast is {_or(kind.to_roles)} to receive it")
    if not steps:
        raise ContentError(scenario.id, 1, f"{where}, and it has no valid sample that will do: put one on file with [[history]]")
    return [step for _, _, step in sorted(steps, key=lambda found: found[:2])]


def _or(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
