"""The trades that the samples are about, and how a sample of one becomes a document of another.

A sample tells of a trade of its own: its parties, numbers, places, dates. In a scenario with another cast it is translated: who plays
a role there is who plays it here, its dates move with the step, and what the trade calls something else is called so (learned from
every document that is lodged, beside the samples of the same message).
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from tradeflow.codec import canonical
from tradeflow.machine.commands import Lodge
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.envelope import Envelope
from tradeflow.scenario.load import Scenario, Step

Tree = dict[str, Any]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGIT = re.compile(r"\d")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
# How much of what this trade calls otherwise a translated sample takes over: all of it, all but numbers that may count or measure, nothing.
MANNERS = ("all", "names", "own")
_QUANTITY = re.compile(r"[\d.]+")
NAME_CHARACTERS_MIN = 5  # shorter values are codes and counts, which mean the same in every trade


@dataclass(frozen=True)
class Sample:
    """One valid sample: where it is from, and what it says."""

    message: str
    name: str
    tree: Tree

    @cached_property
    def lodge(self) -> Lodge:
        """The sample as the machine takes it. A scenario tries every sample of a message at every step, so it is read once."""
        document = canonical.document(self.message, self.tree)
        return Lodge(document, Envelope.of(document))

    @property
    def trade(self) -> str:
        return str(self.tree["message"]["trade_id"])


@dataclass(slots=True)
class World:
    """One trade that samples are about: its samples by message, the roles its parties play, their names."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, sample: Sample) -> None:
        self.samples.setdefault(sample.message, []).append(sample)
        envelope = sample.tree["message"]
        for party in (envelope["sender"], *envelope["recipients"]):
            roles = self.roles.setdefault(party["party_id"], [])
            if party["role"] not in roles:
                roles.append(party["role"])
        for node in objects(sample.tree):
            if "party_id" in node and "name" in node:
                self.names.setdefault(node["party_id"], {})[node["name"]] = None


@cache
def worlds(catalogue: Catalogue) -> dict[str, World]:
    """Every trade that samples are about, by its reference."""
    found: dict[str, World] = {}
    for message in catalogue.ids():
        for sample in samples_of(catalogue, message):
            found.setdefault(sample.trade, World()).add(sample)
    return found


@cache
def samples_of(catalogue: Catalogue, message: str) -> tuple[Sample, ...]:
    """The valid samples of a message, that for S01 first."""
    folder = catalogue.message(message).folder / "samples" / "valid"
    files = sorted(folder.glob("*.json"), key=lambda file: (file.stem != "s01", file.stem))
    return tuple(Sample(message, file.stem, _read(file)) for file in files)


def _read(file: Path) -> Tree:
    tree: Tree = json.loads(file.read_text(encoding="utf-8"))
    return tree


class Translator:
    """Makes samples of other trades into documents of one scenario's trade."""

    def __init__(self, catalogue: Catalogue, scenario: Scenario) -> None:
        self._book, self._worlds, self._scenario = catalogue, worlds(catalogue), scenario
        self._learned: dict[str, dict[str, str]] = {}
        self._dates: dict[str, dict[tuple[str, str], str]] = {}  # trade -> (field, date there) -> date here, of documents told again
        self._said: dict[str, set[str]] = {}  # a name that documents of this trade use themselves -> the instances they are of
        self._first = ""  # the trade whose sample came first: what this trade has of it, no other sample contradicts
        self.spoken: dict[str, str] = {}  # message -> the trade of the sample it was last made from

    def own(self, sample: Sample) -> bool:
        """Whether a sample speaks of this very trade, or of one between the same parties."""
        cast = {member.party for member in self._scenario.cast}
        return self._scenario.reference.startswith(sample.trade) or parties_in(sample.tree) <= cast

    def document(self, sample: Sample, step: Step, manner: str = "all") -> Tree:
        """The sample as this trade would say it, at the date of a step, from its sender to its recipients."""
        self.spoken[sample.message] = sample.trade
        if self.own(sample):
            return copy.deepcopy(sample.tree)
        parties = self._parties(sample, step)
        names = {name: self._name(party) for old, party in parties.items() for name in self._worlds[sample.trade].names.get(old, ())}
        learned = {old: new for old, new in self._learned.get(sample.trade, {}).items() if _taken_over(old, manner)}
        written = datetime.fromisoformat(sample.tree["message"]["created_at"])

        dates = self._dates.get(sample.trade, {})

        def said(key: str, value: str) -> str:
            if key == "party_id":
                return parties.get(value, value)
            if (key, value) in dates:
                return dates[key, value]
            if _MOMENT.fullmatch(value):
                return (datetime.fromisoformat(value) + (step.date - written)).isoformat()
            if _DATE.fullmatch(value):
                return (date.fromisoformat(value) + (step.date.date() - written.date())).isoformat()
            return names.get(value) or learned.get(value) or value

        made = _mapped(sample.tree, "", said)
        assert isinstance(made, dict)
        return made

    def learn(self, message: str, tree: Tree) -> None:
        """What this document calls otherwise than the samples of the same message do."""
        self._first = self._first or self.spoken.get(message, "")
        here = str(tree["message"].get("process_instance", "")).partition(".")[0]
        borrowed = self.spoken.get(message, "") not in ("", self._first)
        for trade, world in self._worlds.items():
            if borrowed and trade == self._first:
                continue
            for sample in world.samples.get(message, ())[:1]:
                learned = self._learned.setdefault(trade, {})
                content = {k: v for k, v in sample.tree.items() if k != "message"}
                for old, new in _differences(content, tree):
                    if here in self._said.get(old, (here,)):  # a second shipment's booking is not what this trade calls the first
                        learned.setdefault(old, new)
        for name in _names({name: value for name, value in tree.items() if name != "message"}):
            self._said.setdefault(name, set()).add(here)
        told = next((sample for sample in samples_of(self._book, message) if sample.trade == self.spoken.get(message)), None)
        if told is not None:
            dates = self._dates.setdefault(told.trade, {})
            for at, old in told.tree.items():
                if isinstance(old, str) and _DATE.fullmatch(old) and at in tree:
                    dates.setdefault((at, old), tree[at])

    def _parties(self, sample: Sample, step: Step) -> dict[str, str]:
        """Who stands here for each party there: by role, sender and recipients as the step says."""
        found: dict[str, str] = {}
        for party, roles in self._worlds[sample.trade].roles.items():
            here = next((m.party for role in roles for m in self._scenario.cast if role in m.roles), None)
            if here:
                found[party] = here
        envelope = sample.tree["message"]
        there = [envelope["sender"], *envelope["recipients"]]
        for party, who in zip(there, [step.by, *step.to], strict=False):
            found[party["party_id"]] = self._scenario.party(who)[0]
        return found

    def _name(self, party: str) -> str:
        return next((member.name for member in self._scenario.cast if member.party == party), party)


def _taken_over(value: str, manner: str) -> bool:
    return manner == "all" or (manner == "names" and not _QUANTITY.fullmatch(value))


def parties_in(tree: Tree) -> set[str]:
    """Every party id that a document names."""
    return {node["party_id"] for node in objects(tree) if "party_id" in node}


def objects(node: Any) -> Iterator[Tree]:
    """Every object in a document, outermost first."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def renumber(tree: Tree, old: str, new: str) -> None:
    """Give a document another number, wherever it states its number."""
    for node in objects(tree):
        for key, value in node.items():
            if value == old:
                node[key] = new


def _mapped(node: Any, key: str, said: Callable[[str, str], str]) -> Any:
    if isinstance(node, dict):
        return {name: _mapped(value, name, said) for name, value in node.items()}
    if isinstance(node, list):
        return [_mapped(value, key, said) for value in node]
    return said(key, node) if isinstance(node, str) else node


def _differences(one: Any, other: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(one, dict) and isinstance(other, dict):
        alike = one.get("type") == other.get("type")  # another kind of document is named
        for name in [name for name in one if name in other] if alike else ():
            yield from _differences(one[name], other[name], name)
    elif isinstance(one, list) and isinstance(other, list) and key != "references":
        for old, new in zip(one, other, strict=False):
            yield from _differences(old, new, key)
    elif isinstance(one, str) and isinstance(other, str) and one != other and _is_name(key, one) and not _DATE.match(other):
        yield one, other


def _names(node: Any, key: str = "") -> Iterator[str]:
    """Everything in a document that names something."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _names(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value, key)
    elif isinstance(node, str) and _is_name(key, node):
        yield node


def _is_name(key: str, value: str) -> bool:
    """Numbers of documents, seals and voyages, amounts and measures: what has digits in it, and is long enough to stand for one thing."""
    return (
        key != "party_id"
        and len(value) >= NAME_CHARACTERS_MIN
        and bool(_DIGIT.search(value))
        and " " not in value
        and not _DATE.match(value)
    )
