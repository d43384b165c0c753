"""draft(): the next document of a trade as far as the trade can write it. Pure: nothing is read but what is given."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradeflow.draft import trees
from tradeflow.draft.addressees import addressed
from tradeflow.draft.rows import Row, Same, common, sheet
from tradeflow.draft.sources import COMPUTED, DEFAULT, DOCUMENT, GIVEN, Card, Found, Origin, Sources, Tree
from tradeflow.draft.words import words
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Document
from tradeflow.model.pointers import leaves
from tradeflow.model.trade import Participant, TitleState


@dataclass(slots=True)
class Draft:
    """`tree` holds parsed values (Decimal, date, datetime) without the envelope; `origins` is one entry for each single value.

    `to` are those the document goes to, as a rule; none where nobody takes part that it could go to.
    """

    message: str
    tree: Tree
    origins: dict[str, Origin]
    to: list[Participant] = field(default_factory=list)


@functools.cache
def plan(kind: MessageType) -> tuple[Row, ...]:
    """The rows that fill a message, in their order: what needs none, those that messages share, its own."""
    shared = common(kind.catalogue)
    return (
        *_automatic(kind, shared.same),
        *(row for row in shared.fill if trees.reaches(kind, row.path)),
        *sheet(kind.folder / "draft.toml").fill,
    )


def _automatic(kind: MessageType, same: Same) -> Iterator[Row]:
    """The same name with the same shared type in the newest document that has it."""
    for f in kind.fields:
        name = f.path.removesuffix("[]")
        if name not in same.never and (f.object in same.types or name in same.paths):
            yield Row(path=f.path, sources=("same",))


@dataclass(slots=True)
class Filler:
    """One draft being made."""

    sources: Sources
    now: datetime
    origins: dict[str, Origin] = field(default_factory=dict)

    def fill(self) -> Draft:
        for row in plan(self.sources.kind):
            self._apply(row)
        prune(self.sources.tree)
        return Draft(self.sources.kind.id, self.sources.tree, self.origins, addressed(self.sources))

    def _apply(self, row: Row) -> None:
        if not all(self.sources.says(source, values) for source, values in row.when.items()):
            return
        if row.drop:
            for pointer in trees.drop(self.sources.tree, row.path):
                self._forget(pointer)
            return
        if row.make:
            self._make(row)
        elif row.all:
            self._collect(row)
        for source in row.sources:
            found = self._only(row, list(self.sources.find(source, row.path)))
            if found and self._write(row.path, found):
                return
        if row.value is not None and not row.make and not list(trees.read(self.sources.tree, row.path)):
            self._write(row.path, [((), row.value, {"": Origin(DEFAULT, "usual value")})])

    def _only(self, row: Row, found: list[Found]) -> list[Found]:
        if not row.only:
            return found
        return [
            (i, {k: v for k, v in value.items() if k in row.only}, origin) if isinstance(value, dict) else (i, value, origin)
            for i, value, origin in found
        ]

    def _collect(self, row: Row) -> None:
        """A list of everything the sources have, in their order, each once."""
        found: list[Found] = []
        for source in row.all:
            for _, value, origin in self.sources.find(source, ""):
                if all(value != other for _, other, _ in found):
                    found.append(((len(found),), value, origin))
        if found:
            self._write(row.path, found)

    def _make(self, row: Row) -> None:
        made = words()[row.make]
        sets = [list(self.sources.find(source, "")) for source in row.of]
        depth = len(trees.lists(row.path.removesuffix("[]")))
        whole = row.path.endswith("[]")
        indexes = [()] if not depth else sorted({i[:depth] for s in sets for i, _, _ in s if len(i) >= depth})
        if not indexes:  # nothing is said for each element: one value for all there are
            indexes = [i for i, _, _ in trees.read(self.sources.tree, row.path.rpartition("[]")[0] + "[]")]
        found: list[Found] = []
        for index in indexes:
            values = [[v for i, v, _ in s if not depth or len(i) < depth or i[:depth] == index] for s in sets]
            value = made.call(self.now, values, **row.args)
            if value is not None:
                text = made.text + (" of " + ", ".join(_named(s) for s in row.of) if row.of else "")
                whence = next((o[""] for s in sets for _, _, o in s if "" in o and o[""].kind == DOCUMENT), None)
                origin = {"": Origin(COMPUTED, text, whence.type, whence.number, whence.version) if whence else Origin(COMPUTED, text)}
                found += [((*index, n), one, origin) for n, one in enumerate(value)] if whole else [(index, value, origin)]
        if found:
            self._write(row.path, found)

    def _write(self, path: str, found: list[Found]) -> bool:
        """Write what was found; False where it does not fit the lists that the draft holds already."""
        depth = len(trees.lists(path))
        deepest = max(len(index) for index, _, _ in found)
        if deepest > depth:
            found = _shallow(found, depth)
            if not found:
                return False
        if depth and max(len(index) for index, _, _ in found) < depth:
            found = self._spread(path, found)
        elif depth and not path.endswith("[]"):
            held = len(list(trees.read(self.sources.tree, trees.lists(path)[0] + "[]")))
            if held and held != max(index[0] for index, _, _ in found) + 1:
                return False
        if path.endswith("[]"):
            for pointer in trees.drop(self.sources.tree, path) if depth == 1 else ():
                self._forget(pointer)
        for index, value, origins in found:
            pointer, was_there = trees.put(self.sources.tree, path, index, value)
            if was_there:
                self._forget(pointer)
            for leaf, _ in leaves(value):
                self.origins[pointer + leaf] = origins.get(leaf) or origins[""]
        return bool(found)

    def _spread(self, path: str, found: list[Found]) -> list[Found]:
        """One value for every element the draft holds."""
        head = path.rpartition("[]")[0] + "[]"
        places = [index for index, _, _ in trees.read(self.sources.tree, head)]
        if not places and (outer := trees.lists(path)[:-1]):  # the inner list starts with one element in each outer one
            places = [(*index, 0) for index, _, _ in trees.read(self.sources.tree, outer[-1] + "[]")]
        by_index = {index: (value, origin) for index, value, origin in found}
        spread: list[Found] = []
        for place in places:
            for depth in range(len(place), -1, -1):
                if place[:depth] in by_index:
                    spread.append((place, *by_index[place[:depth]]))
                    break
        return spread

    def _forget(self, pointer: str) -> None:
        below = f"{pointer}/"
        for key in [k for k in self.origins if k.startswith(pointer) and (k == pointer or k.startswith(below))]:
            del self.origins[key]


def draft(
    kind: MessageType,
    role: str,
    documents: Sequence[Document],
    terms: Mapping[str, Any],
    participants: Sequence[Participant],
    now: datetime,
    *,
    party: str = "",
    register: Mapping[str, Card] | None = None,
    clocks: Mapping[str, datetime] | None = None,
    number: str = "",
    listed: Sequence[Document] | None = None,
    titles: Iterable[TitleState] = (),
    everything: Sequence[Document] = (),
    above: Mapping[str, str] | None = None,
) -> Draft:
    """The draft of a message that somebody in `role` is about to send.

    `documents` are those in force that the sender may read, in the order in which they count, the last one most: the newest or, where a
    trade has several shipments, the nearest (`machine/kin.py`). `everything` has those of other shipments, too, oldest first: no value of
    theirs is taken but who somebody is, how the sender signs, and the number before the next one. `above`: those ("type:number" ->
    process) of which only what the shared rows name is true here. `party` is the sender, where several play the role; `number` is the
    number the sender gives the document, for the other places that repeat it; `listed` are all documents of the trade, of which type,
    number, date and issuer are known to everybody who takes part: references may name them. Of `titles` the sender learns about the
    bill that it holds itself.
    """
    holders = [p.party_id for p in participants if p.role == role]
    sender = party or (holders[0] if len(holders) == 1 else "")
    sources = Sources(
        kind, documents, listed or documents, terms, participants, sender, role, register or {}, clocks or {}, common(kind.catalogue)
    )
    sources.everything, sources.above = everything or documents, above or {}
    sources.title = next((title for title in reversed([*titles]) if sender and title.holder == sender), None)
    filler = Filler(sources, now)
    if number:
        sources.tree["document"] = {"number": number}
        filler.origins["/document/number"] = Origin(GIVEN, "given by you")
    return filler.fill()


def computed(kind: MessageType, tree: Tree, now: datetime) -> dict[str, tuple[Any, Origin]]:
    """What follows from the document itself as far as it is written: value and origin by JSON Pointer. The tree stays as it is.

    These are the rows of its draft.toml that compute from what stands in the document; what they say of it now, whatever stands there.
    """
    sources = Sources(kind, (), (), {}, (), "", "", {}, {}, common(kind.catalogue), trees.copied(tree))
    filler = Filler(sources, now)
    for row in sheet(kind.folder / "draft.toml").fill:
        if row.make and row.of and all(one.startswith("here:") for one in (*row.of, *row.when)):
            filler._apply(row)
    return {pointer: (value, filler.origins[pointer]) for pointer, value in leaves(sources.tree) if pointer in filler.origins}


OF_ONE_SHIPMENT = frozenset(
    {"date", "datetime", "id", "DocumentReference", "Signature", "Container", "Seal", "Vgm", "ControlState", "Endorsement"}
)


def copied(draft: Draft, kind: MessageType, last: Document) -> None:
    """Take over from a document of another shipment what the draft does not have: never numbers, dates, references and signatures.

    A party that the draft knows by its name keeps that name, and gets the address and all else that was said of it.
    """
    for row in kind.fields:
        name = row.path.removesuffix("[]")
        if "[]" in name or (row.scalar or row.object) in OF_ONE_SHIPMENT or name.startswith(("document.", "totals.")):
            continue
        value = last.get(name)
        there = next((found for _, _, found in trees.read(draft.tree, name)), None)
        if value is None or (there is not None and row.object != "Party"):
            continue
        for path, part in [(name, value)] if there is None else _more_of(name, there, value):
            pointer, _ = trees.put(draft.tree, path, (), part)
            for leaf, _ in leaves(part):
                draft.origins[pointer + leaf] = Origin(
                    DOCUMENT, f"{last.type} {last.number}", last.type, last.number, last.version, pointer + leaf
                )


def _more_of(path: str, party: trees.Tree, last: trees.Tree) -> list[tuple[str, Any]]:
    """What the last document says of the same party and this one does not."""
    by = "party_id" if party.get("party_id") and last.get("party_id") else "name"
    return list(_absent(path, party, last)) if party.get(by) == last.get(by) else []


def _absent(path: str, here: trees.Tree, there: trees.Tree) -> Iterator[tuple[str, Any]]:
    """Members that only the other one has; of a member that both have, as long as they do not disagree in it."""
    for name, value in there.items():
        mine = here.get(name)
        if mine is None:
            yield f"{path}.{name}", value
        elif isinstance(mine, dict) and isinstance(value, dict) and all(value.get(key) == one for key, one in mine.items()):
            yield from _absent(f"{path}.{name}", mine, value)


def prune(node: Any) -> None:
    """Leave no empty object or list behind."""
    inside = list(node.items()) if isinstance(node, dict) else []
    for name, inner in inside:
        prune(inner)
        if inner in ({}, []):
            del node[name]


def _shallow(found: list[Found], depth: int) -> list[Found]:
    """What stands in deeper lists than the target has, where all elements of a list agree."""
    groups: dict[trees.Index, list[Found]] = {}
    for one in found:
        groups.setdefault(one[0][:depth], []).append(one)
    return [(index, *group[0][1:]) for index, group in groups.items() if all(v == group[0][1] for _, v, _ in group)]


def _named(source: str) -> str:
    return source.removeprefix("here:").replace(":", " ")
