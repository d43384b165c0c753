"""Is the content whole? Every defect of documents/ and workflows/ at once, each with file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tradeflow.app.costs import check_costs
from tradeflow.app.desks import check_desks
from tradeflow.app.proof import check_snippets
from tradeflow.bundle import content_roots
from tradeflow.codec import intake, xml
from tradeflow.codec.business.contract import check_adapters
from tradeflow.codec.formats import check_formats
from tradeflow.codec.groups import check_groups
from tradeflow.codec.schema_json import json_schema
from tradeflow.draft.check import check_drafts
from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.check import check_workflows
from tradeflow.machine.load import machine
from tradeflow.machine.owed import check_owed
from tradeflow.machine.words.fields import LETTERS
from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.model.check import check_catalogue
from tradeflow.model.content import load
from tradeflow.pdf.layout import check_layouts
from tradeflow.rules.binding import Rule
from tradeflow.rules.check import check_rules
from tradeflow.rules.cross import cross_rules
from tradeflow.rules.evaluate import rules_of

_MEDIA_TYPES = {".json": "application/json", ".xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class ContentReport:
    """What was compiled, and every defect found."""

    defects: list[ContentError]
    messages: int
    rules: int
    transitions: int


def check_content(*, snippets: bool = False) -> ContentReport:
    """Compile everything there is. Nothing is loaded lazily here, so nothing can hide. With `snippets` every rule row proves itself."""
    book = catalogue()
    defects: list[ContentError] = []
    rules: set[str] = set()
    for message_id in book.ids():
        defects += _check_message(book, message_id, rules)
    defects += check_catalogue(book)
    defects += check_rules()
    defects += check_drafts()
    defects += check_formats(book)
    defects += check_adapters(book)
    defects += check_layouts(book)
    defects += check_groups(book)
    defects += check_workflows()
    defects += check_guard_rules(book)
    if snippets and not defects:
        defects += check_snippets()
    transitions = 0
    if not defects:
        defects += check_owed(machine(), content_roots(), book)
        defects += check_desks(machine(), book, content_roots())
        defects += check_costs(machine(), book, content_roots())
        transitions = sum(len(r.transitions) for p in machine().processes.values() for r in p.regions.values())
    return ContentReport(defects, len(book.ids()), len(rules), transitions)


def check_guard_rules(book: Catalogue) -> Iterator[ContentError]:
    """Every guard that names a rule which no message, or no set of documents, is judged by: it would hold for ever."""
    own = {rule.id.rstrip(LETTERS) for id in book.ids() for rule in _rules(id)}
    every = own | {rule.id.rstrip(LETTERS) for rule in cross_rules()}
    for root in book.roots:
        file = root / "workflows" / "_common" / "guards.toml"
        if not file.is_file():
            continue
        table = load(file)
        for name, row in table.data.items():
            for term in (*row.get("when", ()), *row.get("any", ())):
                known = own if term.get("word") == "rules_hold" else every
                for rule in sorted(set(term.get("rules", ())) - known):
                    yield table.defect(f"guard {name}: unknown rule {rule}", name)


def _rules(message: str) -> tuple[Rule, ...]:
    try:
        return rules_of(message)
    except ContentError:
        return ()  # reported where the rules are compiled


def _check_message(book: Catalogue, message_id: str, rules: set[str]) -> list[ContentError]:
    try:
        kind = book.message(message_id)
        json_schema(kind)
        xml.compiled(kind)
        rules |= {rule.id for rule in rules_of(message_id)}
    except ContentError as defect:
        return [defect]
    return check_samples(kind)


def check_samples(kind: MessageType) -> list[ContentError]:
    """A sample that does not satisfy its own message is a defect: people copy from samples."""
    defects = []
    for file in sorted((kind.folder / "samples" / "valid").glob("*.*")):
        try:
            intake.read(file.read_bytes(), _MEDIA_TYPES.get(file.suffix, file.suffix))
        except BadInput as error:
            first = error.findings[0] if error.findings else None
            line = _line(file, first.pointer) if first else 1
            defects.append(ContentError(str(file), line, f"{first.pointer}: {first.message}" if first else error.detail))
    return defects


def _line(file: Path, pointer: str) -> int:
    """The first line of a sample that names the member a JSON Pointer ends with, in JSON or XML; else the first line."""
    names = [name for name in pointer.split("/") if name and not name.isdigit()]
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((n for n, text in enumerate(lines, 1) if names and (f'"{names[-1]}"' in text or f"<{names[-1]}" in text)), 1)
