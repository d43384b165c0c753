"""A message type described for integrators: what the API answers and what the pages show come from here."""

from dataclasses import dataclass
from pathlib import Path

from tradeflow.api import views
from tradeflow.bundle import bundle_root
from tradeflow.codec.schema_json import json_schema
from tradeflow.codec.schema_xsd import xsd
from tradeflow.errors import Missing
from tradeflow.language.sentences import say
from tradeflow.machine.load import machine
from tradeflow.machine.tables import Process, Region, Transition
from tradeflow.model.catalogue import Field, MessageType, catalogue
from tradeflow.rules.evaluate import rules_of


@dataclass(frozen=True, slots=True)
class Use:
    """One transition that a message may fire, with the tables it stands in."""

    process: Process
    region: Region
    transition: Transition


def message_type(id: str) -> MessageType:
    """The message type of that name. Raises Missing UNKNOWN_MESSAGE."""
    if id not in catalogue().ids():
        raise Missing("UNKNOWN_MESSAGE", say("There is no message type %(id)s; GET /v1/catalogue lists all.", id=id[:80]), 404)
    return catalogue().message(id)


def line(kind: MessageType) -> views.MessageLine:
    """A message type in one line."""
    return views.MessageLine(
        kind.id, kind.name, kind.category, list(kind.processes), list(kind.from_roles), list(kind.to_roles), _links(kind)
    )


def view(kind: MessageType) -> views.MessageView:
    """Everything about a message type."""
    return views.MessageView(
        type=kind.id,
        name=kind.name,
        schema_version=kind.schema_version,
        known_as=kind.known_as,
        category=kind.category,
        processes=list(kind.processes),
        from_roles=list(kind.from_roles),
        to_roles=list(kind.to_roles),
        action=kind.action,
        legal=kind.legal,
        replies=list(kind.replies),
        notes=kind.notes,
        standards=dict(kind.standards),
        fields=[_field(row) for row in (*kind.catalogue.envelope, *kind.fields)],
        rules=[views.RuleView(r.row.id, r.row.severity.value, r.row.text, r.row.hint, r.row.source) for r in rules_of(kind.id)],
        uses=[_use(use) for use in uses(kind)],
        samples=[f"/v1/samples/{kind.id}/{name}" for name in samples(kind)],
        links=_links(kind),
    )


def uses(kind: MessageType) -> list[Use]:
    """The transitions a message of this type may fire, in the order of the processes."""
    tables = machine()
    return [
        Use(tables.processes[region.process], region, transition)
        for region in tables.on.get(kind.id, ())
        for transition in region.on[kind.id]
    ]


def samples(kind: MessageType) -> list[str]:
    """The file names of the valid samples."""
    return sorted(file.name for file in _samples(kind).glob("*.*") if file.suffix in (".json", ".xml"))


def sample(kind: MessageType, name: str) -> bytes:
    """A valid sample. Raises Missing NOT_FOUND."""
    if name not in samples(kind):
        raise Missing("NOT_FOUND", say("%(id)s has no sample %(name)s.", id=kind.id, name=name[:80]), 404)
    return (_samples(kind) / name).read_bytes()


def schema(kind: MessageType, form: str) -> bytes:
    """The published schema, "json" or "xsd"; generated for a message of a content root that is not published with the hub."""
    names = {"json": f"json/{kind.id}.schema.json", "xsd": f"xsd/{kind.id}.xsd"}
    published = bundle_root() / "schemas" / names[form]
    if published.is_file() and kind.folder.is_relative_to(bundle_root()):
        return published.read_bytes()
    import orjson

    return orjson.dumps(json_schema(kind), option=orjson.OPT_INDENT_2) if form == "json" else xsd(kind)


def _samples(kind: MessageType) -> Path:
    return kind.folder / "samples" / "valid"


def _field(row: Field) -> views.FieldView:
    return views.FieldView(row.path, row.name, row.type, row.required, row.of, row.codelist, row.rule)


def _use(use: Use) -> views.UseView:
    t = use.transition
    return views.UseView(use.process.id, use.region.id, list(t.source), t.to, sorted(t.by), list(t.functions))


def _links(kind: MessageType) -> dict[str, str]:
    return {
        "self": f"/v1/catalogue/{kind.id}",
        "page": f"/docs/messages/{kind.id}",
        "json_schema": f"/v1/schemas/{kind.id}.json",
        "xsd": f"/v1/schemas/{kind.id}.xsd",
    }
