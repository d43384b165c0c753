"""What every adapter has to keep, whoever wrote it: its tables are whole, and its fixtures come out as they stand there.

fixtures.toml lists the cases:

    [[out]]                                       a document of ours, and the file that it becomes
    ours = "documents/trade_declaration/samples/valid/s01.json"
    theirs = "declaration.edi"

    [[in]]                                        a file of theirs, and the document that it becomes
    theirs = "released.edi"
    ours = "released.json"
    answers = "documents/trade_declaration/samples/valid/s01.json"   where its envelope comes from

    [[refused]]                                   a file of theirs that is not taken, and what a finding of it says
    theirs = "released.edi"
    with = { "CLEARED" = "PERHAPS" }              replaced in it before
    says = "is no word of"

A name is that of a file in fixtures/, or of one below a folder of content. Settings of the cases stand under [settings].
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tradeflow.bundle import content_roots
from tradeflow.codec import canonical, intake
from tradeflow.codec.business import decisions, manifest, page, records, words
from tradeflow.codec.business.envelope import Answered, asked, completed
from tradeflow.codec.business.manifest import OWN, RECORDS, Adapter
from tradeflow.codec.business.translate import answered, incoming, outgoing
from tradeflow.errors import BadInput, ContentError
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.content import Table, load
from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope

WAYS = {"out": {"ours", "theirs"}, "in": {"theirs", "ours", "answers"}, "refused": {"theirs", "with", "says"}}


def check(adapter: Adapter, book: Catalogue | None = None) -> Iterator[ContentError]:
    """Every defect of the tables, without translating anything."""
    if wrong := list(manifest.check(adapter, book)) or [*words.check(adapter, book), *decisions.check(adapter, book)]:
        yield from wrong
        return
    recorded = [flow.message for flow in (*adapter.out.values(), *adapter.in_.values()) if flow.form == RECORDS]
    yield from records.check(adapter.folder, recorded, list(adapter.settings), list(decisions.rows(adapter.folder)))
    if behind := page.fault(adapter):
        yield adapter.table.defect(f"{behind}; tradeflow adapter {adapter.id} --write makes it")
    file = adapter.folder / "fixtures.toml"
    if not file.exists():
        yield adapter.table.defect("there are no fixtures: fixtures.toml")
        return
    table = load(file)
    for way, names in WAYS.items():
        for case in table.data.get(way, ()):
            if strange := set(case) - names:
                yield table.defect(f"[[{way}]] has no {', '.join(sorted(strange))}", way)
    yield from (table.defect(f"there is no [[{way}]]", way) for way in ("out", "refused") if not table.data.get(way))


def check_adapters(book: Catalogue) -> Iterator[ContentError]:
    """The same of all of them."""
    try:
        found = manifest.adapters()
    except ContentError as defect:
        yield defect
        return
    for adapter in found.values():
        try:
            yield from check(adapter, book)
        except ContentError as defect:
            yield defect


class Proof:
    """Plays the fixtures of one adapter. `write` puts down what comes out in place of what is missing there."""

    def __init__(self, adapter: Adapter, write: bool = False) -> None:
        self._adapter, self._write = adapter, write
        self._table: Table = load(adapter.folder / "fixtures.toml")
        self.settings: dict[str, Any] = self._table.data.get("settings", {})

    def faults(self) -> list[str]:
        """What comes out otherwise than it stands there, or is not shown at all."""
        found = [f"{place} {what}" for place, what in self._adapter.faults(self.settings)]
        for way, one in (("out", self._out), ("in", self._in), ("refused", self._refused)):
            for case in self._table.data.get(way, ()):
                try:
                    found += [f"[[{way}]] {case['theirs']}: {what}" for what in one(case)]
                except FileNotFoundError as absent:
                    found.append(f"[[{way}]]: there is no {absent.filename}")
                except BadInput as refusal:
                    said = "; ".join(f"{finding.pointer} {finding.message}" for finding in refusal.findings[:3]) or refusal.detail
                    found.append(f"[[{way}]] {case['theirs']}: {said}")
        return found + list(self._unshown()) + list(self._limits())

    def cases(self, way: str) -> list[dict[str, Any]]:
        """The cases of one way."""
        return list(self._table.data.get(way, ()))

    def file(self, name: str) -> Path:
        """Where a name leads: into fixtures/, or below a folder of content."""
        own = self._adapter.folder / "fixtures" / name
        return next((root / name for root in content_roots() if not own.exists() and (root / name).exists()), own)

    def document(self, name: str) -> Document:
        """One of our documents."""
        return intake.read(self.file(name).read_bytes(), "application/json")

    def heard(self, case: dict[str, Any]) -> Any:
        """The tree of a file of theirs, with its envelope completed; None where it is none of the adapter's."""
        body = self.file(case["theirs"]).read_bytes()
        heard = incoming(self._adapter, body, self.settings)
        if heard is None:
            return None
        known = self._answered(case, heard.flow.answers)
        party = self._party(self.document(case["answers"])) if known else self._said(case)
        if known and asked(heard)[1] not in ("", self.document(case["answers"]).number):
            known = None
        return completed(self._adapter, heard, party, body, known)

    def _out(self, case: dict[str, Any]) -> Iterator[str]:
        made = outgoing(self._adapter, self.document(case["ours"]), self.settings)
        yield from self._same(case["theirs"], made.body)

    def _in(self, case: dict[str, Any]) -> Iterator[str]:
        if self._write and not self.file(case["theirs"]).exists():
            self._put(case["theirs"], answered(self._adapter, self.document(case["ours"]), self.settings).body)
        tree = self.heard(case)
        if tree is None:
            yield "no row of the adapter takes it"
            return
        made = canonical.document(tree["message"]["type"], tree)
        if not self.file(case["ours"]).exists() and self._write:
            self._put(case["ours"], msgspec.json.format(made.canonical, indent=2) + b"\n")
        if made.canonical != self.document(case["ours"]).canonical:
            here, there = (dict(_leaves(msgspec.json.decode(one.canonical))) for one in (self.document(case["ours"]), made))
            other = [(at, here.get(at), there.get(at)) for at in sorted({*here, *there}) if here.get(at) != there.get(at)]
            yield f"comes in otherwise: {other[:5]}"

    def _refused(self, case: dict[str, Any]) -> Iterator[str]:
        body = self.file(case["theirs"]).read_bytes()
        for old, new in case.get("with", {}).items():
            if old.encode() not in body:
                yield f"{old!r} does not stand in it"
            body = body.replace(old.encode(), new.encode())
        try:
            heard = incoming(self._adapter, body, self.settings)
        except BadInput as refusal:
            said = " ".join(f"{finding.message} {finding.hint}" for finding in refusal.findings)
            if case["says"] not in said:
                yield f"no finding says {case['says']!r}: {said}"
        else:
            yield f"is taken as {heard.flow.message}" if heard else "is none of the adapter's"

    def _unshown(self) -> Iterator[str]:
        """Messages that no case shows, and words of the partner's system that are in a file and in no table."""
        for way, flows in (("out", self._adapter.out), ("in", self._adapter.in_)):
            shown = {self.document(case["ours"]).type for case in self.cases(way) if self.file(case["ours"]).exists()}
            wanted = [flow.message for flow in flows.values() if flow.form not in OWN]
            yield from (f"no [[{way}]] shows {message}" for message in wanted if message not in shown)
        if words.status(self._adapter.folder) and not any("is no word of" in case["says"] for case in self.cases("refused")):
            yield 'no [[refused]] shows a word that is not in status.toml: says = "is no word of"'

    def _limits(self) -> Iterator[str]:
        for name, body in (("too large", b"x" * (self._adapter.bytes_max + 1)), ("garbage", b"\x00\xffno file at all")):
            try:
                if incoming(self._adapter, body, self.settings):
                    yield f"{name} is taken"
            except BadInput as refusal:
                if not refusal.findings:
                    yield f"{name} is refused without a finding"

    def _same(self, name: str, body: bytes) -> Iterator[str]:
        file = self.file(name)
        if self._write and not (file.exists() and file.read_bytes() == body):
            self._put(name, body)
        elif not file.exists():
            yield "is not there; tradeflow adapter --write makes it"
        elif file.read_bytes() != body:
            yield f"comes out otherwise than it stands there, from byte {_differs(file.read_bytes(), body)} on"

    def _put(self, name: str, body: bytes) -> None:
        file = self._adapter.folder / "fixtures" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(body)

    def _answered(self, case: dict[str, Any], type_: str) -> Answered | None:
        if "answers" not in case or not type_:
            return None
        document = self.document(case["answers"])
        said = Envelope.of(document)
        role = next(role for party, role in said.recipients if party == self._party(document))
        return Answered(said.trade_id, said.id, said.sender, said.role, role, document.version, said.process_instance)

    def _party(self, document: Document) -> str:
        """The party with this adapter among the recipients of a document."""
        return next(party for party, role in Envelope.of(document).recipients if role in self._adapter.roles)

    def _said(self, case: dict[str, Any]) -> str:
        return Envelope.of(self.document(case["ours"])).sender if self.file(case["ours"]).exists() else "partner"


def _leaves(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict | list):
        for name, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _leaves(value, f"{at}/{name}")
    else:
        yield at, node


def _differs(one: bytes, other: bytes) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
