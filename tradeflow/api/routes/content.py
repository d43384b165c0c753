"""The catalogue, the published schemas and the samples: what an integrator builds against. Open to all."""

import functools
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get

from tradeflow.api.answers import JSON, json
from tradeflow.bundle import bundle_root
from tradeflow.errors import Missing
from tradeflow.model.catalogue import MessageType, catalogue
from tradeflow.rules.evaluate import rules_of


def message_type(type_: str) -> MessageType:
    """The message type of that name. Raises Missing UNKNOWN_MESSAGE."""
    if type_ not in catalogue().ids():
        raise Missing("UNKNOWN_MESSAGE", f"there is no message type {type_[:80]}; GET /v1/catalogue lists all", 404)
    return catalogue().message(type_)


@functools.cache
def _index() -> bytes:
    book = catalogue()
    kinds = [book.message(id_) for id_ in book.ids()]
    return msgspec.json.encode(
        {"items": [{"type": k.id, "name": k.name, "category": k.category, "from_roles": k.from_roles, "to_roles": k.to_roles} for k in kinds]}
    )


@get("/v1/catalogue", operation_id="listMessageTypes", tags=["Catalogue"], summary="All message types", opt={"public": True})
async def index() -> Response[bytes]:
    """Every message type with who sends it to whom."""
    return Response(_index(), media_type=JSON)


@get("/v1/catalogue/{type:str}", operation_id="getMessageType", tags=["Catalogue"], summary="One message type")
async def one(type: str) -> Response[bytes]:
    """Fields, roles, rules, standards, schemas and samples of a message type."""
    kind = message_type(type)
    samples = sorted(p.name for p in (kind.folder / "samples" / "valid").glob("*.*"))
    body: dict[str, Any] = {name: getattr(kind, name) for name in ("id", "name", "schema_version", "category", "processes", "from_roles", "to_roles", "legal", "replies")}
    body["fields"] = [{k: getattr(f, k) for k in ("path", "name", "type", "of", "codelist", "required", "rule")} for f in kind.fields]
    body["rules"] = [{k: getattr(r, k) for k in ("id", "severity", "text", "hint", "source")} for r in rules_of(type)]
    body["standards"] = kind.standards
    body["samples"] = [f"/v1/samples/{type}/{name}" for name in samples]
    body["schemas"] = [f"/v1/schemas/{type}.json", f"/v1/schemas/{type}.xsd"]
    return json(body)


@get("/v1/schemas/{file:str}", operation_id="getSchema", tags=["Catalogue"], summary="A published schema")
async def schema(file: str) -> Response[bytes]:
    """JSON Schema 2020-12 (`<type>.json`) or XML Schema (`<type>.xsd`) of a message."""
    type_, _, form = file.rpartition(".")
    kind = message_type(type_)
    if form == "json":
        return _file(bundle_root() / "schemas" / "json" / f"{kind.id}.schema.json", "application/schema+json")
    if form == "xsd":
        return _file(bundle_root() / "schemas" / "xsd" / f"{kind.id}.xsd", "application/xml")
    raise Missing("NOT_FOUND", "schemas end in .json or .xsd", 404)


@get("/v1/samples/{type:str}/{name:str}", operation_id="getSample", tags=["Catalogue"], summary="A valid sample")
async def sample(type: str, name: str) -> Response[bytes]:
    """A valid sample of a message, JSON or XML."""
    folder = message_type(type).folder / "samples" / "valid"
    if name not in {p.name for p in folder.glob("*.*")}:
        raise Missing("NOT_FOUND", f"{type} has no sample {name[:80]}", 404)
    return _file(folder / name, "application/xml" if name.endswith(".xml") else JSON)


def _file(path: Path, media_type: str) -> Response[bytes]:
    return Response(path.read_bytes(), media_type=media_type, headers={"Cache-Control": "public, max-age=300"})


handlers = [index, one, schema, sample]
