"""Segments to the tree of a document: every row takes the segments that it asks for, and what no row took is named."""

from collections.abc import Iterator
from typing import Any

from tradeflow.adapters.edifact import values
from tradeflow.adapters.edifact.aside import is_aside, taken_back
from tradeflow.adapters.edifact.refusal import fault
from tradeflow.adapters.edifact.rows import Plan, Row, Slot
from tradeflow.adapters.edifact.structure import Group, arranged
from tradeflow.adapters.edifact.syntax import Segment

from tradeflow.model.document import Tree
from tradeflow.model.finding import Finding
from tradeflow.model.format import DROPPED, Loss

LINED = ("FTX", "PCI")  # a component holds a line of a text
LOSSES_MAX = 200
OURS = ("", "ZZZ")  # whose list of parties a code is from (3055)


class Reader:
    """Reads one message; it keeps which segments were taken."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._taken: set[int] = set()
        self.losses: list[Loss] = []
        self.faults: list[Finding] = []

    def tree(self, segments: list[Segment], made: Tree, ours: bool = True) -> Tree:
        """The tree of the segments from UNH to UNT, with what the envelope says of it in `made` already.

        Of a message of our directory (`ours`) a segment without a place is a fault; another directory may have one for it.
        """
        root, lost = arranged(self._plan.type, segments)
        for segment in lost[:LOSSES_MAX]:
            what = f"{segment.tag} has no place in {self._plan.type} D.24A where it stands, or stands there too often"
            if ours:
                self.faults.append(fault(what, segment.position, code="15"))
            else:
                self.losses.append(Loss(f"segment {segment.position}", DROPPED, what))
        self._read(root, self._plan.rows, made)
        aside = [segment for segment in segments if is_aside(segment)]
        self._taken |= {id(segment) for segment in aside}
        for item in taken_back(aside, self._plan.message, made):
            self.faults.append(fault(f"Set aside in free text, but leading nowhere: {item}", aside[0].position, code="12"))
        self._left(root)
        return made

    def _read(self, group: Group, rows: tuple[Row, ...], into: Tree) -> None:
        for row in rows:
            found = [one for one in group.of(row.number) if self._fits(row, one)]
            if row.each:
                elements = [self._one(row, [one]) for one in found]
                if elements:
                    _put(into, row.each.removesuffix("[]"), elements)
            elif found:
                running = row.tag == "FTX" and any(slot.spread > 1 for _, _, slot in row.slots())
                value = self._one(row, found if running else found[:1])
                if row.at and value:
                    _merge(into, row.at, value)
                elif isinstance(value, dict):
                    _merge(into, "", value)

    def _fits(self, row: Row, one: Segment | Group) -> bool:
        segment = _first(one)
        alike = self._plan.alike.get(row.tag, {})
        return id(segment) not in self._taken and all(
            (found := segment.value(e, c)) == text or ((e, c) == (0, 0) and alike.get(found) == text) for e, c, text in row.asked
        )

    def _one(self, row: Row, found: list[Segment | Group]) -> Any:
        """The value of one occurrence: a tree, or the value itself where the row is about a list of values."""
        tree: Tree = {}
        segments = [_first(one) for one in found]
        self._taken |= {id(segment) for segment in segments}
        for e, c, slot in row.slots():
            if slot.path == "#":
                continue
            text = _text(row, slot, segments, e, c)
            if not text:
                continue
            if row.tag == "NAD" and slot.path.endswith("party_id") and segments[0].value(e, c + 2) not in OURS:
                self.losses.append(Loss(f"segment {segments[0].position}", DROPPED, f"{text[:35]} is a code of another list than ours"))
                continue
            value = values.read(slot, text, segments[0].value(e, c + 1) if row.tag == "DTM" else "")
            if slot.path == ".":
                return value
            _put(tree, slot.path, value)
        if isinstance(found[0], Group):
            self._read(found[0], row.rows, tree)
        return tree

    def _left(self, root: Group) -> None:
        for segment in root.segments():
            if id(segment) not in self._taken and segment.tag not in ("UNH", "UNT", "UNS") and len(self.losses) < LOSSES_MAX:
                said = "+".join([segment.tag, *(":".join(element) for element in segment.elements)])[:60]
                self.losses.append(Loss(f"segment {segment.position}", DROPPED, f"{said} is not taken"))


def _text(row: Row, slot: Slot, segments: list[Segment], e: int, c: int) -> str:
    if slot.spread == 1:
        return str(segments[0].value(e, c))
    if row.tag in LINED:
        parts = [segment.value(e, c + n) for segment in segments for n in range(slot.spread)]
        return "\n".join(parts).rstrip("\n")
    return str(values.joined(slot, [part for n in range(slot.spread) if (part := segments[0].value(e, c + n))]))


def _first(one: Segment | Group) -> Segment:
    return next(iter(one.segments())) if isinstance(one, Group) else one


def _steps(path: str) -> Iterator[str]:
    return iter(path.split("."))


def _put(into: Tree, path: str, value: Any) -> None:
    *before, last = _steps(path)
    for step in before:
        into = into.setdefault(step, {})
    into[last] = value


def _merge(into: Tree, path: str, value: Any) -> None:
    """Add the members of a tree to what stands at the path already."""
    for step in _steps(path) if path else ():
        into = into.setdefault(step, {})
    for name, one in value.items():
        if isinstance(one, dict) and isinstance(into.get(name), dict):
            _merge(into, name, one)
        else:
            into[name] = one
