"""draft(): the next document of a trade as far as the trade can write it. Pure: nothing is read but what is given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.draft import trees
from tradeflow.draft.rows import SPECIAL, Row, Sheet, common, sheet
from tradeflow.draft.words import words
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Document
from tradeflow.model.trade import Participant

Tree = dict[str, Any]
DOCUMENT, TERMS, REGISTER, COMPUTED, DEFAULT, CLOCK, GIVEN = (
    "document", "trade terms", "party register", "computed", "default", "clock", "given",
)  # fmt: skip


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a value of a draft comes from; `text` says it in words."""

    kind: str
    text: str
    type: str = ""
    number: str = ""
    version: int = 0
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A party as the register of the hub knows it."""

    party_id: str
    name: str
    country: str = ""


@dataclass(slots=True)
class Draft:
    """`tree` holds parsed values (Decimal, date, datetime) without the envelope; `origins` is one entry for each single value."""

    message: str
    tree: Tree
    origins: dict[str, Origin]


Found = tuple[trees.Index, Any, Mapping[str, Origin]]  # index, value, origin by pointer below the value ("" = the value itself)


@dataclass(slots=True)
class Filler:
    """One draft being made."""

    kind: MessageType
    documents: Sequence[Document]  # oldest first
    listed: Sequence[Document]
    terms: Mapping[str, Any]
    participants: Sequence[Participant]
    now: datetime
    party: str
    role: str
    register: Mapping[str, Card]
    clocks: Mapping[str, datetime]
    shared: Sheet
    tree: Tree = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def fill(self) -> Draft:
        own = sheet(self.kind.folder / "draft.toml")
        for row in self._automatic():
            self._apply(row)
        for row in self.shared.fill:
            if trees.reaches(self.kind, row.path):
                self._apply(row)
        for row in own.fill:
            self._apply(row)
        prune(self.tree)
        return Draft(self.kind.id, self.tree, self.origins)

    def _automatic(self) -> Iterator[Row]:
        """The same name with the same shared type in the newest document that has it."""
        same = self.shared.same
        for f in self.kind.fields:
            name = f.path.removesuffix("[]")
            if name not in same.never and (f.object in same.types or name in same.paths):
                yield Row(path=f.path, sources=("same",))

    def _apply(self, row: Row) -> None:
        if not all(self._is(source, values) for source, values in row.when.items()):
            return
        if row.drop:
            for pointer in trees.drop(self.tree, row.path):
                self._forget(pointer)
            return
        if row.make:
            self._make(row)
        elif row.all:
            self._collect(row)
        for source in row.sources:
            found = self._only(row, list(self.find(source, row.path)))
            if found and self._write(row.path, found):
                return
        if row.value is not None and not row.make and not list(trees.read(self.tree, row.path)):
            self._write(row.path, [((), row.value, {"": Origin(DEFAULT, "usual value")})])

    def _is(self, source: str, values: list[str]) -> bool:
        found = {_plain(value) for _, value, _ in self.find(source, "")}
        return bool(found & set(values)) or (not found and "" in values) or (bool(found) and "*" in values)

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
            for _, value, origin in self.find(source, ""):
                if all(value != other for _, other, _ in found):
                    found.append(((len(found),), value, origin))
        if found:
            self._write(row.path, found)

    def _make(self, row: Row) -> None:
        made = words()[row.make]
        sets = [list(self.find(source, "")) for source in row.of]
        depth = len(trees.lists(row.path.removesuffix("[]")))
        whole = row.path.endswith("[]")
        indexes = [()] if not depth else sorted({i[:depth] for s in sets for i, _, _ in s if len(i) >= depth})
        if not indexes:  # nothing is said for each element: one value for all there are
            indexes = [i for i, _, _ in trees.read(self.tree, row.path.rpartition("[]")[0] + "[]")]
        found: list[Found] = []
        for index in indexes:
            values = [[v for i, v, _ in s if not depth or len(i) < depth or i[:depth] == index] for s in sets]
            value = made.call(self.now, values, **row.args)
            if value is not None:
                origin = {"": Origin(COMPUTED, made.text + (" of " + ", ".join(_named(s) for s in row.of) if row.of else ""))}
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
            held = len(list(trees.read(self.tree, trees.lists(path)[0] + "[]")))
            if held and held != max(index[0] for index, _, _ in found) + 1:
                return False
        if path.endswith("[]"):
            for pointer in trees.drop(self.tree, path) if depth == 1 else ():
                self._forget(pointer)
        for index, value, origins in found:
            pointer = trees.put(self.tree, path, index, value)
            self._forget(pointer)
            for leaf, _ in trees.leaves(value):
                self.origins[pointer + leaf] = origins.get(leaf) or origins[""]
        return bool(found)

    def _spread(self, path: str, found: list[Found]) -> list[Found]:
        """One value for every element the draft holds."""
        head = path.rpartition("[]")[0] + "[]"
        places = [index for index, _, _ in trees.read(self.tree, head)]
        if not places and (outer := trees.lists(path)[:-1]):  # the inner list starts with one element in each outer one
            places = [(*index, 0) for index, _, _ in trees.read(self.tree, outer[-1] + "[]")]
        by_index = {index: (value, origin) for index, value, origin in found}
        spread: list[Found] = []
        for place in places:
            for depth in range(len(place), -1, -1):
                if place[:depth] in by_index:
                    spread.append((place, *by_index[place[:depth]]))
                    break
        return spread

    def _forget(self, pointer: str) -> None:
        for key in [k for k in self.origins if k == pointer or k.startswith(pointer + "/")]:
            del self.origins[key]

    def find(self, source: str, path: str) -> Iterator[Found]:
        """What a source has, with its origin."""
        kind, _, rest = source.partition(":")
        if source == "same":
            yield from self._same(path)
        elif source == "required":
            yield from self._required()
        elif kind == "asked":
            yield from self._asked(rest)
        elif kind == "every":
            yield from self._every(rest)
        elif kind == "hash":
            yield from self._hash(rest)
        elif kind == "me":
            yield from _member(self._party(self.party), rest)
        elif source == "as":
            yield (), self.role, {"": Origin(COMPUTED, "the role it is drafted for")}
        elif kind in ("mine", "last"):
            yield from self._mine(rest, self.kind.id if kind == "last" else "")
        elif kind not in SPECIAL:
            yield from self._from(self.shared.alias.get(kind, (kind,)), rest)
        elif kind == "here":
            yield from ((i, v, {"": Origin(COMPUTED, f"as in {p}")}) for i, p, v in list(trees.read(self.tree, rest)))
        elif kind == "ref":
            yield from self._reference(rest)
        elif kind == "role":
            role, _, member = rest.partition(":")
            yield from _member(self._party(self._holder(role)), member)
        elif kind == "trade":
            value = self.terms.get(rest)
            if value not in (None, ""):
                yield (), value, {"": Origin(TERMS, f"{rest} of the trade")}
        elif rest in self.clocks:
            yield (), self.clocks[rest], {"": Origin(CLOCK, f"clock {rest}")}

    def _from(self, types: Iterable[str], path: str) -> Iterator[Found]:
        wanted = frozenset(types)
        for document in reversed(self.documents):
            if document.type in wanted:
                found = [(i, v, _origins(document, p, v)) for i, p, v in trees.read(document.data, path)]
                if found:
                    yield from found
                    return

    def _holder(self, role: str) -> str:
        """The party that plays a role: of several the sender itself, else the only one in the sender's country."""
        holders = [p.party_id for p in self.participants if p.role == role]
        if self.party in holders or len(holders) == 1:
            return self.party if self.party in holders else holders[0]
        cards = self.register
        here = [h for h in holders if self.party in cards and h in cards and cards[h].country == cards[self.party].country]
        return here[0] if len(here) == 1 else ""

    def _mine(self, path: str, type_: str) -> Iterator[Found]:
        for document in reversed(self.documents):
            if self.party and type_ in ("", document.type) and document.get("message.sender.party_id") == self.party:
                found = [(i, v, _origins(document, p, v)) for i, p, v in trees.read(document.data, path)]
                if found:
                    yield from found
                    return

    def _same(self, path: str) -> Iterator[Found]:
        mine = self.kind.field_at(path)
        for document in reversed(self.documents):
            theirs = self.kind.catalogue.message(document.type).field_at(path) if mine else None
            if mine and theirs and (theirs.type, theirs.of) == (mine.type, mine.of):
                found = [(i, v, _origins(document, p, v)) for i, p, v in trees.read(document.data, path)]
                if found:
                    yield from found
                    return

    def _every(self, rest: str) -> Iterator[Found]:
        """The value at a path in each document of a type, as the elements of a list."""
        kind, _, path = rest.partition(":")
        having = [d for d in self.documents if d.type in self.shared.alias.get(kind, (kind,))]
        for n, document in enumerate(having):
            for index, pointer, value in trees.read(document.data, path):
                yield (n, *index), value, _origins(document, pointer, value)

    def _newest(self, name: str, documents: Sequence[Document] = ()) -> Document | None:
        wanted = self.shared.alias.get(name, (name,))
        return next((d for d in reversed(documents or self.documents) if d.type in wanted), None)

    def _hash(self, name: str) -> Iterator[Found]:
        if document := self._newest(name):
            says = Origin(COMPUTED, f"hash of {document.type} {document.number}", document.type, document.number, document.version)
            yield (), document.payload_sha256, {"": says}

    def _requirements(self) -> list[Found]:
        """What the credit asks for, else the contract."""
        return list(self.find("credit:documents_required[]", "")) or list(self.find("order:documents_required[]", ""))

    def _asked(self, rest: str) -> Iterator[Found]:
        """A member of the requirement for a type of document."""
        kind, _, member = rest.partition(":")
        for _, value, origins in self._requirements():
            if value.get("document_type") == kind and member in value:
                yield (), value[member], {"": origins[""], **{k.removeprefix(f"/{member}"): o for k, o in origins.items() if k.startswith(f"/{member}")}}
                return

    def _required(self) -> Iterator[Found]:
        """A reference to each document that is asked for, with the originals and copies."""
        wanted = [value for _, value, _ in self._requirements()]
        if self._newest("bill_of_exchange"):
            wanted = [{"document_type": "bill_of_exchange", "originals": 1, "copies": 0}, *wanted]
        for one in wanted:
            for index, value, origin in self._reference(str(one["document_type"])):
                yield index, value | {k: one[k] for k in ("originals", "copies") if k in one}, origin

    def _reference(self, name: str) -> Iterator[Found]:
        document = self._newest(name, self.listed)
        if document is None:
            return
        value = {"type": document.type, "number": document.number}
        if (issued := document.get("document.issue_date")) is not None:
            value["date"] = issued
        if issuer := _name_of(self, document):
            value["issuer"] = issuer
        says = Origin(DOCUMENT, f"{document.type} {document.number}", document.type, document.number, document.version, "/document/number")
        yield (), value, {"": says}

    def _party(self, party_id: str) -> Iterator[Found]:
        """A party as the newest document describes it in full, else its card."""
        if not party_id:
            return
        for document in reversed(self.documents):
            for pointer, value in parties(document.data):
                if value.get("party_id") == party_id:
                    yield (), value, _origins(document, pointer, value)
                    return
        if card := self.register.get(party_id):
            if (known := self._named_alike(card)) is not None:
                yield known
                return
            address = {"country": card.country} if card.country else {}
            value = {"party_id": card.party_id, "name": card.name, **({"address": address} if address else {})}
            yield (), value, {"": _card_origin(card)}


    def _named_alike(self, card: Card) -> Found | None:
        """A bank or another party by the name on its card, where a document gives its address."""
        for document in reversed(self.documents):
            for pointer, value in _named_objects(document.data, card.name):
                party = {"party_id": card.party_id, "name": card.name, "address": value["address"]}
                return (), party, {"/party_id": _card_origin(card), **_origins(document, pointer, value)}
        return None


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
) -> Draft:
    """The draft of a message that somebody in `role` is about to send.

    `documents` are those in force that the sender may read, oldest first; `party` is the sender, where several play the role;
    `number` is the number the sender gives the document, for the other places that repeat it; `listed` are all documents of
    the trade, of which type, number, date and issuer are known to everybody who takes part: references may name them.
    """
    holders = [p.party_id for p in participants if p.role == role]
    sender = party or (holders[0] if len(holders) == 1 else "")
    shared = common(kind.catalogue)
    filler = Filler(kind, documents, listed or documents, terms, participants, now, sender, role, register or {}, clocks or {}, shared)
    if number:
        filler.tree["document"] = {"number": number}
        filler.origins["/document/number"] = Origin(GIVEN, "given by you")
    return filler.fill()


def parties(node: Any, pointer: str = "") -> Iterator[tuple[str, Tree]]:
    """Every party a document describes with name and address."""
    if isinstance(node, dict):
        if "party_id" in node and "name" in node and "address" in node:
            yield pointer, node
        for name, inner in node.items():
            if name != "message":
                yield from parties(inner, f"{pointer}/{name}")
    elif isinstance(node, list):
        for i, inner in enumerate(node):
            yield from parties(inner, f"{pointer}/{i}")


def _named_objects(node: Any, name: str, pointer: str = "") -> Iterator[tuple[str, Tree]]:
    if isinstance(node, dict):
        if node.get("name") == name and node.get("address"):
            yield pointer, node
        for key, inner in node.items():
            yield from _named_objects(inner, name, f"{pointer}/{key}")
    elif isinstance(node, list):
        for i, inner in enumerate(node):
            yield from _named_objects(inner, name, f"{pointer}/{i}")


def _card_origin(card: Card) -> Origin:
    return Origin(REGISTER, f"{card.party_id} in the party register")


def prune(node: Any) -> None:
    """Leave no empty object or list behind."""
    inside = list(node.items()) if isinstance(node, dict) else []
    for name, inner in inside:
        prune(inner)
        if inner in ({}, []):
            del node[name]


def _member(found: Iterator[Found], name: str) -> Iterator[Found]:
    """The parties found, or one member of them."""
    for index, value, origins in found:
        if not name:
            yield index, value, origins
        elif name in value:
            yield index, value[name], {"": origins.get(f"/{name}") or origins[""]}


def _shallow(found: list[Found], depth: int) -> list[Found]:
    """What stands in deeper lists than the target has, where all elements of a list agree."""
    groups: dict[trees.Index, list[Found]] = {}
    for one in found:
        groups.setdefault(one[0][:depth], []).append(one)
    return [(index, *group[0][1:]) for index, group in groups.items() if all(v == group[0][1] for _, v, _ in group)]


def _origins(document: Document, pointer: str, value: Any) -> dict[str, Origin]:
    def at(below: str) -> Origin:
        return Origin(DOCUMENT, f"{document.type} {document.number}", document.type, document.number, document.version, pointer + below)

    return {"": at(""), **{leaf: at(leaf) for leaf, _ in trees.leaves(value)}}


def _name_of(filler: Filler, document: Document) -> str:
    sender = document.get("message.sender.party_id")
    for _, value, _ in filler._party(str(sender or "")):  # noqa: SLF001 - of this module
        return str(value["name"])
    return ""


def _named(source: str) -> str:
    return source.removeprefix("here:").replace(":", " ")


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
