"""Is the content whole? Every defect of documents/ and workflows/ at once, each with file and line."""

from dataclasses import dataclass

from tradeflow.codec import intake
from tradeflow.codec.schema_json import json_schema
from tradeflow.codec.schema_xsd import xsd
from tradeflow.draft.check import check_drafts
from tradeflow.errors import BadInput, ContentError
from tradeflow.machine.check import check_workflows
from tradeflow.machine.load import machine
from tradeflow.model.catalogue import Catalogue, MessageType, catalogue
from tradeflow.rules.check import check_rules
from tradeflow.rules.evaluate import rules_of

_MEDIA_TYPES = {".json": "application/json", ".xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class ContentReport:
    """What was compiled, and every defect found."""

    defects: list[ContentError]
    messages: int
    rules: int
    transitions: int


def check_content() -> ContentReport:
    """Compile everything there is. Nothing is loaded lazily here, so nothing can hide."""
    book = catalogue()
    defects: list[ContentError] = []
    rules: set[str] = set()
    for message_id in book.ids():
        defects += _check_message(book, message_id, rules)
    defects += check_rules()
    defects += check_drafts()
    defects += check_workflows()
    transitions = 0
    if not defects:
        transitions = sum(len(r.transitions) for p in machine().processes.values() for r in p.regions.values())
    return ContentReport(defects, len(book.ids()), len(rules), transitions)


def _check_message(book: Catalogue, message_id: str, rules: set[str]) -> list[ContentError]:
    try:
        kind = book.message(message_id)
        json_schema(kind)
        xsd(kind)
        rules |= {rule.id for rule in rules_of(message_id)}
    except ContentError as defect:
        return [defect]
    return _check_samples(kind)


def _check_samples(kind: MessageType) -> list[ContentError]:
    """A sample that does not satisfy its own message is a defect: people copy from samples."""
    defects = []
    for file in sorted((kind.folder / "samples" / "valid").glob("*.*")):
        try:
            intake.read(file.read_bytes(), _MEDIA_TYPES.get(file.suffix, file.suffix))
        except BadInput as error:
            first = error.findings[0] if error.findings else None
            defects.append(ContentError(str(file), 1, f"{first.pointer}: {first.message}" if first else error.detail))
    return defects
