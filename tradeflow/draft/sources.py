"""Where the values of a draft come from: each kind of source, with the origin of what it has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from tradeflow.draft import trees
from tradeflow.draft.rows import SPECIAL, Sheet
from tradeflow.model.catalogue import MessageType
from tradeflow.model.document import Document
from tradeflow.model.pointers import leaves
from tradeflow.model.trade import Participant, TitleState

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


Found = tuple[trees.Index, Any, Mapping[str, Origin]]  # index, value, origin by pointer below the value ("" = the value itself)
Place = tuple[Document, str, Tree]  # what stands at a pointer of a document


@dataclass(slots=True)
class Sources:
    """What a draft may draw on. `tree` is the draft itself, as far as it is made."""

    kind: MessageType
    documents: Sequence[Document]  # oldest first
    listed: Sequence[Document]
    terms: Mapping[str, Any]
    participants: Sequence[Participant]
    party: str
    role: str
    register: Mapping[str, Card]
    clocks: Mapping[str, datetime]
    shared: Sheet
    tree: Tree = field(default_factory=dict)
    title: TitleState | None = None  # control of the bill that the party holds
    everything: Sequence[Document] = ()  # of other shipments, too, the oldest first: who somebody is, how one signs, which number is next
    above: Mapping[str, str] = field(default_factory=dict)  # "type:number" -> the process in which a document stands above
    _by_id: dict[str, Place] = field(default_factory=dict)  # each party as the newest document describes it
    _by_name: dict[str, Place] = field(default_factory=dict)
    _unread: list[Document] | None = None  # what nobody had to look into yet

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
            yield from self._every(rest, self.documents)
        elif kind == "any":
            yield from self._every(rest, self.everything)
        elif kind == "hash":
            yield from self._hash(rest)
        elif kind == "title":
            yield from self._title(rest)
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
        elif kind == "refs":
            yield from self._references(rest)
        elif kind == "role":
            role, _, member = rest.partition(":")
            yield from _member(self._party(self._holder(role)), member)
        elif kind == "trade":
            value = self.terms.get(rest)
            if value not in (None, ""):
                yield (), value, {"": Origin(TERMS, f"{rest} of the trade")}
        elif rest in self.clocks:
            yield (), self.clocks[rest], {"": Origin(CLOCK, f"clock {rest}")}

    def says(self, source: str, values: Sequence[str]) -> bool:
        """Whether a source has one of these values, as text: "" stands for nothing, "*" for anything."""
        found = {str(value).lower() if isinstance(value, bool) else str(value) for _, value, _ in self.find(source, "")}
        return bool(found & set(values)) or (not found and "" in values) or (bool(found) and "*" in values)

    def _from(self, types: Iterable[str], path: str) -> Iterator[Found]:
        wanted = frozenset(types)
        for document in reversed(self.documents):
            if document.type in wanted:
                found = [(i, v, _origins(document, p, v)) for i, p, v in self._read(document, path)]
                if found:
                    yield from found
                    return

    def _read(self, document: Document, path: str) -> Iterator[tuple[trees.Index, str, Any]]:
        """What a document says at a path, as far as it is true of the consignment that is written about."""
        found = trees.read(document.data, path)
        shared = self.shared.above.get(self.above.get(f"{document.type}:{document.number}", ""))
        if shared is None:
            yield from found
            return
        root, *below = [segment.removesuffix("[]") for segment in path.split(".")]
        members = shared.get(root)
        if members is None or (members and below and below[0] not in members):
            return
        for index, pointer, value in found:
            whole = not members or below or not isinstance(value, dict)
            yield index, pointer, value if whole else {name: inner for name, inner in value.items() if name in members}

    def _holder(self, role: str) -> str:
        """The party that plays a role: of several the sender itself, else the only one in the sender's country."""
        holders = [p.party_id for p in self.participants if p.role == role]
        if self.party in holders or len(holders) == 1:
            return self.party if self.party in holders else holders[0]
        cards = self.register
        here = [h for h in holders if self.party in cards and h in cards and cards[h].country == cards[self.party].country]
        return here[0] if len(here) == 1 else ""

    def _mine(self, path: str, type_: str) -> Iterator[Found]:
        for document in reversed(self.everything):
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
                found = [(i, v, _origins(document, p, v)) for i, p, v in self._read(document, path)]
                if found:
                    yield from found
                    return

    def _every(self, rest: str, documents: Sequence[Document]) -> Iterator[Found]:
        """The value at a path in each document of a type, as the elements of a list."""
        kind, _, path = rest.partition(":")
        having = [d for d in documents if d.type in self.shared.alias.get(kind, (kind,))]
        for n, document in enumerate(having):
            for index, pointer, value in self._read(document, path):
                yield (n, *index), value, _origins(document, pointer, value)

    def _newest(self, name: str, documents: Sequence[Document] = ()) -> Document | None:
        wanted = self.shared.alias.get(name, (name,))
        return next((d for d in reversed(documents or self.documents) if d.type in wanted), None)

    def _hash(self, name: str) -> Iterator[Found]:
        if document := self._newest(name):
            says = Origin(COMPUTED, "SHA-256", document.type, document.number, document.version)
            yield (), document.payload_sha256, {"": says}

    def _title(self, member: str) -> Iterator[Found]:
        """A fact about the bill that the party holds, as the hub keeps it; or the bill itself, as a reference to it."""
        if self.title is None:
            return
        if member == "bill":
            key = tuple(self.title.document.split(":", 1))
            yield from self._referring(next((d for d in reversed(self.listed) if (d.type, d.number) == key), None))
        elif member == "to_order":
            named = self.title.order_party
            yield (), "mine" if named == self.party else "another's" if named else "nobody's", {"": Origin(COMPUTED, "as the hub keeps it")}
        else:
            yield (), getattr(self.title, member), {"": Origin(COMPUTED, "SHA-256")}

    def _requirements(self) -> list[Found]:
        """What the credit asks for, else the contract."""
        return list(self.find("credit:documents_required[]", "")) or list(self.find("order:documents_required[]", ""))

    def _asked(self, rest: str) -> Iterator[Found]:
        """A member of the requirement for a type of document."""
        kind, _, member = rest.partition(":")
        for _, value, origins in self._requirements():
            if value.get("document_type") == kind and member in value:
                yield (
                    (),
                    value[member],
                    {"": origins[""], **{k.removeprefix(f"/{member}"): o for k, o in origins.items() if k.startswith(f"/{member}")}},
                )
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
        yield from self._referring(self._newest(name, self.listed))

    def _references(self, name: str) -> Iterator[Found]:
        """A reference to each document of a type or alias that the party may read, as the elements of a list."""
        having = [d for d in self.documents if d.type in self.shared.alias.get(name, (name,))]
        for n, document in enumerate(having):
            yield from (((n,), value, origin) for _, value, origin in self._referring(document))

    def _referring(self, document: Document | None) -> Iterator[Found]:
        if document is None:
            return
        value = {"type": document.type, "number": document.number}
        if (issued := document.get("document.issue_date")) is not None:
            value["date"] = issued
        if issuer := self._issuer(document):
            value["issuer"] = issuer
        says = Origin(DOCUMENT, f"{document.type} {document.number}", document.type, document.number, document.version, "/document/number")
        yield (), value, {"": says}

    def _party(self, party_id: str) -> Iterator[Found]:
        """A party as the newest document describes it in full, else its card."""
        if not party_id:
            return
        if (described := self._described(self._by_id, party_id)) is not None:
            yield described
            return
        if card := self.register.get(party_id):
            if (alike := self._described(self._by_name, card.name)) is not None:
                index, value, origins = alike
                party = {"party_id": card.party_id, "name": card.name, "address": value["address"]}
                yield index, party, {"/party_id": _card_origin(card), **origins}
                return
            address = {"country": card.country} if card.country else {}
            value = {"party_id": card.party_id, "name": card.name, **({"address": address} if address else {})}
            yield (), value, {"": _card_origin(card)}

    def _described(self, by: dict[str, Place], key: str) -> Found | None:
        """Who a document describes, by party id or, as banks have none there, by name. Each is looked into once, the newest first."""
        if self._unread is None:
            self._unread = list(self.everything)
        while key not in by and self._unread:
            document = self._unread.pop()
            for pointer, value in described(document.data):
                place = document, pointer, value
                if "party_id" in value:
                    self._by_id.setdefault(str(value["party_id"]), place)
                if value["address"]:
                    self._by_name.setdefault(str(value["name"]), place)
        return ((), by[key][2], _origins(*by[key])) if key in by else None

    def _issuer(self, document: Document) -> str:
        return next((str(value["name"]) for _, value, _ in self._party(str(document.get("message.sender.party_id") or ""))), "")


def described(node: Any, pointer: str = "") -> list[tuple[str, Tree]]:
    """Everybody whom a document gives a name and an address."""
    found: list[tuple[str, Tree]] = []
    if isinstance(node, dict):
        if "name" in node and "address" in node:
            found.append((pointer, node))
        inside = [(name, inner) for name, inner in node.items() if isinstance(inner, (dict, list)) and name != "message"]
    else:
        inside = [(str(i), inner) for i, inner in enumerate(node) if isinstance(inner, (dict, list))]
    for name, inner in inside:
        found += described(inner, f"{pointer}/{name}")
    return found


def _card_origin(card: Card) -> Origin:
    return Origin(REGISTER, f"{card.party_id} in the party register")


def _member(found: Iterator[Found], name: str) -> Iterator[Found]:
    """The parties found, or one member of them."""
    for index, value, origins in found:
        if not name:
            yield index, value, origins
        elif name in value:
            yield index, value[name], {"": origins.get(f"/{name}") or origins[""]}


def _origins(document: Document, pointer: str, value: Any) -> dict[str, Origin]:
    number, version = document.number, document.version
    says = f"{document.type} {number}"
    found = {"": Origin(DOCUMENT, says, document.type, number, version, pointer)}
    for leaf, _ in leaves(value):
        found[leaf] = Origin(DOCUMENT, says, document.type, number, version, pointer + leaf)
    return found
