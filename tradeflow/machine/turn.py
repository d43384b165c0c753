"""One command in progress: the state as changed so far, the changes, the signals still to deliver."""

from collections import deque
from dataclasses import dataclass, field

from tradeflow.machine import changes as c
from tradeflow.machine.answers import Notice
from tradeflow.machine.case import Case
from tradeflow.machine.commands import Context, Raise
from tradeflow.machine.fold import apply, scratch
from tradeflow.machine.tables import Guard, Machine, Region, Transition
from tradeflow.machine.words import Verdict
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope
from tradeflow.model.trade import TradeState

SINGLE = frozenset({"transport", "settlement", "lc", "insurance"})
SIGNALS_MAX = 200


class SignalLoop(RuntimeError):
    """The process tables signal each other in a circle: a defect of content that `tradeflow check` reports."""


@dataclass(slots=True)
class Turn:
    """Everything a decision needs while it is being made. `state` is a scratch copy: it always equals fold(state, changes)."""

    machine: Machine
    state: TradeState
    context: Context
    document: Document | None = None
    envelope: Envelope | None = None
    raised: Raise | None = None
    changes: list[c.AnyChange] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    queue: deque[tuple[str, str]] = field(default_factory=deque)

    @classmethod
    def begin(cls, machine: Machine, state: TradeState, context: Context) -> "Turn":
        return cls(machine, scratch(state), context)

    def emit(self, change: c.AnyChange) -> None:
        """Record a change and let the rest of the decision see it."""
        self.changes.append(change)
        apply(self.state, change, self.context.now)

    def case(self, region: Region, instance: str, transition: Transition | None = None) -> Case:
        context = self.context
        return Case(
            self.machine, self.state, context.now, region, instance, context.docs, context.findings, context.cross, self.document,
            self.envelope, self.raised, transition, frozenset([self.envelope.sender] if self.envelope else ()),
        )  # fmt: skip

    def signal(self, source: str, target: str, event: str) -> None:
        """Queue an event for "process.region": the instance that belongs to the sender's, the base one, or all there are.

        A region that its instance never used hears nothing of its own process that only the base one waits for: the open cover that
        several shipments are declared under, the booking that several containers travel on.
        """
        suffix = source.partition("#")[2]
        process, _, region = target.partition(".")
        if suffix in self.machine.processes[process].deaf_to:
            return
        if (own := belonging(self.state, source, process)) and f"{own}.{region}" in self.state.regions:
            shared = source.partition("#")[0] == process and not self._waits(f"{own}.{region}", event, unused=True)
            self.queue.append((target if shared and self._waits(target, event) else f"{own}.{region}", event))
        elif process in SINGLE:
            self.queue.append((target, event))
        else:
            self.queue.extend((f"{i}.{region}", event) for i in instances(self.state, process) if f"{i}.{region}" in self.state.regions)

    def _waits(self, key: str, event: str, unused: bool = False) -> bool:
        """Whether a region takes an event in its state; with `unused` also where a message reached it before."""
        region, here = self.machine.region(key), self.state.regions[key]
        if region is None or (unused and (here.last_message or here.state != region.initial)):
            return True
        return any(here.state in transition.source for transition in region.on.get(event, ()))


def instances(state: TradeState, process: str) -> list[str]:
    """The instances of a process: the base one first, the others by name."""
    found = {key.partition(".")[0] for key in state.regions}
    return sorted(i for i in found if i.partition("#")[0] == process)


def begins(machine: Machine, state: TradeState, instance: str, region: Region) -> str:
    """Where a region of a new instance begins: what opened the first one (a credit that is available) holds for a further one too."""
    first = state.regions.get(f"{region.process}.{region.id}")
    opened = first is not None and first.state != region.initial
    return machine.processes[region.process].again.get(region.id, region.initial) if opened and "#" in instance else region.initial


def belonging(state: TradeState, source: str, process: str) -> str:
    """The instance of a process that belongs to another one: of several the only one that shares a business key with it (a drawing and

    its credit), else that of the same suffix; "" if there is none.
    """
    among, suffix = instances(state, process), source.partition("#")[2]
    if len(among) > 1 and source.partition("#")[0] != process:
        mine = set(state.keys.get(source, ()))
        sharing = [one for one in among if mine & set(state.keys.get(one, ()))]
        if len(sharing) == 1:
            return sharing[0]
    return f"{process}#{suffix}" if suffix and f"{process}#{suffix}" in among else ""


def holds(guard: Guard, case: Case) -> Verdict:
    """Whether a guard holds: the first word of `when` that does not, else, where there is an `any`, the first word of it that does."""
    last = Verdict(True, guard.text)
    for term in guard.when:
        last = term.holds(case)
        if not last.holds:
            return last
    answers = []
    for term in guard.any:
        last = term.holds(case)
        if last.holds:
            return last
        answers.append(last)
    if answers:
        return Verdict(False, "; ".join(v.because for v in answers), " or ".join(v.unlock for v in answers if v.unlock))
    return last
