"""What a counterparty does about a message: pure, from the tables, what the hub allows now, and the outcome its reference asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tradeflow.client import Allowed
from tradeflow.machine.tables import Machine, Transition
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.document import get
from tradeflow.simulate.table import ACCEPT, DELAY, REFUSE, Counterparties

Tree = dict[str, Any]
RESPONSE = "application_response"


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that was received or sent: its type or event, what it says, and the regions it moved."""

    trigger: str
    tree: Tree = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    sent_by_me: bool = False

    @property
    def number(self) -> str:
        return str(get(self.tree, "document.number") or "")


@dataclass(frozen=True, slots=True)
class Act:
    """A message to send or an event to decide, by whom, where, and which transitions it is meant to fire."""

    trigger: str
    role: str
    region: str
    instance: str
    outcome: str
    meant: tuple[tuple[str, Transition], ...]
    event: bool = False
    answer: bool = False
    days: int = 0
    function: str = "9"

    def now(self, states: Mapping[str, str]) -> "Act":
        """The act, meant for what leads on from where its region stands; the same where that is not for its party to see."""
        meant = tuple((key, t) for key, t in self.meant if states.get(key) in t.source)
        return replace(self, meant=meant or self.meant)


@dataclass(frozen=True, slots=True)
class Cue:
    """What a scenario says of a moment: who speaks now does this, toward these states ("region=state"), in this instance.

    `strict`: rather nothing than something that leads elsewhere. `refers` and `says` are as in Due.
    """

    trigger: str
    toward: frozenset[str] = frozenset()
    instance: str = ""
    strict: bool = False
    refers: frozenset[tuple[str, str]] = frozenset()
    says: Mapping[str, Any] = field(default_factory=dict)

    def about(self, heard: "Heard") -> bool:
        """Whether what was heard can be what is to be answered: a document of its type is named, and it is another one."""
        of_type = {number for type_, number in self.refers if type_ == heard.trigger}
        return not of_type or heard.number in of_type

    def takes(self, entry: Allowed, allowed: Sequence[Allowed]) -> bool:
        """Whether the hub's entry is of the trigger and, where there is one of it, of the instance that is meant."""
        asked = [one for one in allowed if self.trigger in (one.message, one.event)]
        there = self.instance and any(one.instance == self.instance for one in asked)
        return entry in asked and (not there or entry.instance == self.instance)

    def only(self, act: Act) -> Act | None:
        """The act, meant for the transitions that lead where the scenario goes, if there are any; None where there have to be."""
        regions = {state.partition("=")[0] for state in self.toward}
        leading = tuple((key, t) for key, t in act.meant if f"{key}={t.to}" in self.toward or (t.to == "same" and key in regions))
        if self.strict and self.toward and not leading:
            return None
        return replace(act, meant=leading or act.meant, instance=self.instance or act.instance)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses for any role."""

    machine: Machine
    book: Catalogue
    table: Counterparties

    def acts(self, heard: Heard, role: str, allowed: Sequence[Allowed], outcome: str, answered: bool = False) -> list[Act]:
        """One answer to what was heard, the first the catalogue names that the tables take, and what the role does besides."""
        found: list[Act] = []
        if not (answered or heard.sent_by_me):
            found = [replace(act, answer=True) for act in list(self._answers(heard, role, allowed, outcome))[:1]]
        if not found or found[0].outcome in (ACCEPT, ""):
            found += self._besides(heard, role, allowed, outcome)
        return list({(act.trigger, act.region): act for act in found}.values())

    def _answers(self, heard: Heard, role: str, allowed: Sequence[Allowed], outcome: str) -> Iterator[Act]:
        """Answers of this outcome first; where there is no such way, those that accept."""
        replies = self.book.message(heard.trigger).replies if heard.trigger in self.book.ids() else ()
        wanted = ACCEPT if outcome == DELAY else outcome
        for one in dict.fromkeys((wanted, ACCEPT)):
            for message in replies:
                for entry in allowed:
                    if entry.message == message and (message != RESPONSE or (entry.region in heard.moved and one != ACCEPT)):
                        yield from self._act(entry, role, one)

    def _besides(self, heard: Heard, role: str, allowed: Sequence[Allowed], outcome: str) -> Iterator[Act]:
        for row in self.table.after(role, heard.trigger):
            if any(str(get(heard.tree, path)) != value for path, value in row.says.items()):
                continue
            instead = self.table.outcome[REFUSE].events if outcome == REFUSE else {}
            trigger = instead.get(row.event, row.trigger)
            entries = [entry for entry in allowed if trigger in (entry.message, entry.event) and row.to in ("", *entry.to)]
            acts = [act for entry in entries for act in self._act(entry, role, ACCEPT, row.send, row.to)]
            yield from (replace(act, days=row.days) for act in acts[:1])

    def _act(self, entry: Allowed, role: str, outcome: str, asked: str = "", to: str = "") -> Iterator[Act]:
        """The act, if transitions of this outcome take it from this role."""
        trigger = entry.message or entry.event
        region = self.machine.region(entry.region)
        if region is None or role not in entry.by or not entry.open or (trigger in self.table.aside.messages and trigger != asked):
            return
        if entry.message and "9" not in entry.function:
            return
        meant = tuple((entry.region, t) for t in region.on.get(trigger, ()) if self._fits(t, role, entry, outcome) and to in ("", t.to))
        if meant:
            yield Act(trigger, role, entry.region, entry.instance, outcome, meant, event=bool(entry.event))

    def _fits(self, transition: Transition, role: str, entry: Allowed, outcome: str) -> bool:
        if entry.event:
            return transition.to in (*entry.to, "same", "previous")
        leads = transition.to in (*entry.to, "same", "previous")
        return leads and role in transition.by and "9" in transition.functions and self._outcome(transition) == outcome

    def _outcome(self, transition: Transition) -> str:
        return self.table.belongs([guard.name for guard in transition.guards])
