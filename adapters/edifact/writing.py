"""A document to segments: every row whose paths have a value; what no row says goes aside into free text, field by field."""

from collections.abc import Iterator
from typing import Any

from tradeflow.adapters.edifact import values
from tradeflow.adapters.edifact.aside import set_aside
from tradeflow.adapters.edifact.rows import Plan, Row, Slot
from tradeflow.adapters.edifact.structure import Group
from tradeflow.adapters.edifact.syntax import Segment

from tradeflow.model.document import Document, get
from tradeflow.model.format import ASIDE, DROPPED, Loss
from tradeflow.model.pointers import leaves

LINED = ("FTX", "PCI")  # a component holds a line of a text


class Writer:
    """Writes one document; it keeps which fields went where."""

    def __init__(self, plan: Plan, document: Document, elsewhere: set[str]) -> None:
        self._plan, self._document = plan, document
        self._said = set(elsewhere)  # pointers of what the file says already, the envelope first
        self.losses: list[Loss] = []

    def segments(self) -> Iterator[Segment]:
        """The segments between UNH and UNT, in the order of the directory."""
        root = Group(self._plan.place)
        self._fill(root, self._plan.rows, self._document.data, "")
        rest = [(pointer, text) for pointer, text in leaves(self._document.data) if pointer not in self._said]
        left = set_aside(root, rest)
        for pointer, _ in rest:
            kind = DROPPED if pointer in left else ASIDE
            self.losses.append(Loss(pointer, kind, f"{pointer} stands in free text" if kind == ASIDE else "There is no room for it"))
        yield from root.segments()

    def _fill(self, group: Group, rows: tuple[Row, ...], tree: Any, pointer: str) -> None:
        for row in rows:
            if row.each:
                path = row.each.removesuffix("[]")
                there = get(tree, path) or []
                for n, one in enumerate(there):
                    self._put(group, row, one, f"{pointer}/{path.replace('.', '/')}/{n}", n + 1)
            elif row.at:
                node = get(tree, row.at)
                if node is not None:
                    self._put(group, row, node, f"{pointer}/{row.at.replace('.', '/')}")
            else:
                self._put(group, row, tree, pointer)

    def _put(self, group: Group, row: Row, node: Any, pointer: str, number: int = 0) -> None:
        segments, said = self._written(row, node, pointer, number)
        held = Group(row.place)
        if row.place.members:
            held.put(0, segments[0])
            before = set(self._said)
            self._fill(held, row.rows, node, pointer)
            if not (said or number or len(list(held.segments())) > 1 or (not any(row.slots()) and not row.rows)):
                return
            if group.put(row.number, held):
                self._said |= said
            else:
                self._said = before
            return
        put = (said or number or not any(row.slots())) and [group.put(row.number, segment) for segment in segments]
        if put and all(put):
            self._said |= said

    def _written(self, row: Row, node: Any, pointer: str, number: int) -> tuple[list[Segment], set[str]]:
        """The segment (several where a text runs on), and the pointers of the fields that it says whole."""
        elements = [["" if isinstance(part, Slot) else part for part in element] for element in row.elements]
        said: set[str] = set()
        more: list[list[str]] = []
        for e, c, slot in row.slots():
            value = number if slot.path == "#" else node if slot.path == "." else get(node, slot.path)
            if value is None or isinstance(value, dict | list):
                continue
            text = values.written(slot, value)
            at = pointer if slot.path in (".", "#") else f"{pointer}/{slot.path.replace('.', '/')}"
            if row.tag in LINED and slot.spread > 1:
                lines = [piece for line in text.split("\n") for piece in values.pieces(slot, line) or [""]]
                more = [lines[n : n + slot.spread] for n in range(0, len(lines), slot.spread)]
                elements[e][c : c + slot.spread] = more[0]
                whole = (
                    (len(more) == 1 or row.tag == "FTX")
                    and "\t" not in text
                    and all(len(line) <= slot.longest for line in text.split("\n"))
                )
            else:
                parts = values.pieces(slot, text)
                whole = bool(text) and len(parts) <= slot.spread and text.isprintable() and values.joined(slot, parts) == text
                if whole or slot.scalar in ("string", "text"):
                    shown = [part.replace("\n", " ").replace("\t", " ") for part in parts[: slot.spread]]
                    elements[e][c : c + len(shown)] = shown
            if whole and slot.path != "#":
                said.add(at)
            if row.tag == "DTM" and (form := values.form_of(slot)):
                elements[e][c + 1 : c + 2] = [form]
        _spare(row, elements)
        segments = [Segment(row.tag, elements)]
        segments += [Segment(row.tag, [*elements[:-1], lines]) for lines in (more[1:] if row.tag == "FTX" else [])]
        return segments, said


def _spare(row: Row, elements: list[list[str]]) -> None:
    """Take out the constants that say something about a value which is not there."""
    with_slots = {e for e, _, _ in row.slots()}
    filled = [e for e, c, slot in row.slots() if any(elements[e][c : c + slot.spread])]
    asked = {(e, c) for e, c, _ in row.asked}
    for e, element in enumerate(elements):
        about_nothing = e not in filled if e in with_slots else with_slots and e > max(filled, default=-1)
        if about_nothing:
            elements[e] = [part if (e, c) in asked else "" for c, part in enumerate(element)]
