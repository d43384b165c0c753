"""The catalogue, the published schemas and the samples: what an integrator builds against. Open to all."""

import asyncio
import functools
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from tradeflow.api import described, views
from tradeflow.api.answers import JSON, kept
from tradeflow.api.auth import AnyRequest
from tradeflow.api.operations import operation
from tradeflow.api.parameters import TypePath
from tradeflow.codec import formats
from tradeflow.errors import Missing
from tradeflow.language.sentences import say
from tradeflow.machine.load import machine
from tradeflow.machine.rights import Right, rights
from tradeflow.model.catalogue import catalogue

SCHEMA_JSON, XML = "application/schema+json", "application/xml"
File = Annotated[str, PathParameter(name="file", description="`{type}.json` or `{type}.xsd`.")]
Sample = Annotated[str, PathParameter(name="name", description="A file name from the catalogue, for example `s01.json`.")]
RegionOf = Annotated[str, QueryParameter(name="region", description="Only of this region, as `process.region`.", max_length=80)]
RoleOf = Annotated[str, QueryParameter(name="role", description="Only what this role may.", max_length=60)]
StateOf = Annotated[str, QueryParameter(name="state", description="Only in this state.", max_length=60)]
Trigger = Annotated[str, QueryParameter(name="trigger", description="Only this message type or event.", max_length=60)]
ListName = Annotated[str, PathParameter(name="name", description="The name of a code list, as fields give it in `codelist`.")]


@functools.cache
def _index() -> bytes:
    book = catalogue()
    return msgspec.json.encode(views.Catalogue([described.line(book.message(id)) for id in book.ids()]))


@functools.lru_cache(256)
def _one(id: str) -> bytes:
    return msgspec.json.encode(described.view(described.message_type(id)))


@get("/v1/catalogue", **operation("listMessageTypes", "Catalogue", "All message types", views.Catalogue, public=True, keeps=True))
async def index(request: AnyRequest) -> Response[bytes]:
    """Every message type with who sends it to whom."""
    return kept(request, await asyncio.to_thread(_index), JSON)


@get(
    "/v1/catalogue/{type:str}",
    **operation("getMessageType", "Catalogue", "One message type", views.MessageView, refuses=(404,), public=True, keeps=True),
)
async def one(request: AnyRequest, type: TypePath) -> Response[bytes]:
    """Fields, rules, roles, standards, where it is used, schemas and samples of a message type."""
    return kept(request, await asyncio.to_thread(_one, type), JSON)


@get(
    "/v1/schemas/{file:str}",
    **operation("getSchema", "Catalogue", "A published schema", (SCHEMA_JSON, XML), refuses=(404,), public=True, keeps=True),
)
async def schema(request: AnyRequest, file: File) -> Response[bytes]:
    """JSON Schema 2020-12 (`{type}.json`) or XML Schema (`{type}.xsd`) of a message type: what the hub itself validates with."""
    id, _, form = file.rpartition(".")
    if form not in ("json", "xsd"):
        raise Missing("NOT_FOUND", "The name of a schema ends in .json or .xsd.", 404)
    return kept(request, described.schema(described.message_type(id), form), SCHEMA_JSON if form == "json" else XML)


@get(
    "/v1/samples/{type:str}/{name:str}",
    **operation("getSample", "Catalogue", "A valid sample", (JSON, XML), refuses=(404,), public=True, keeps=True),
)
async def sample(request: AnyRequest, type: TypePath, name: Sample) -> Response[bytes]:
    """A realistic message that is valid: a start for one's own."""
    return kept(request, described.sample(described.message_type(type), name), XML if name.endswith(".xml") else JSON)


@get(
    "/v1/codelists/{name:str}", **operation("getCodeList", "Catalogue", "A code list", views.Codes, refuses=(404,), public=True, keeps=True)
)
async def codelist(request: AnyRequest, name: ListName) -> Response[bytes]:
    """The codes of a list with their meanings, or the pattern that decides where the list is open."""
    known = catalogue().codelists.get(name)
    if known is None:
        raise Missing("NOT_FOUND", say("There is no code list %(name)s.", name=name[:80]), 404)
    codes = [views.CodeView(code, meaning) for code, meaning in known.codes.items()]
    return kept(request, msgspec.json.encode(views.Codes(known.name, known.source, known.pattern, codes)), JSON)


@get(
    "/v1/rights",
    **operation("listRights", "Catalogue", "Who may do what in which state", views.Rights, refuses=(422,), public=True, keeps=True),
)
async def list_rights(
    request: AnyRequest, region: RegionOf = "", role: RoleOf = "", in_state: StateOf = "", trigger: Trigger = ""
) -> Response[bytes]:
    """The process tables as rights: in which states which roles may send which message, with which function, or report which event.

    What is not listed is refused. What is open in a trade now, and whether the conditions hold, says
    `GET /v1/trades/{trade_id}/allowed`.
    """
    found = [row for row in _rights() if region in ("", row.region) and row.is_for(role, in_state, trigger)]
    return kept(request, msgspec.json.encode({"tables": machine().hash, "items": found}), JSON)


@functools.cache
def _rights() -> list[Right]:
    return list(rights(machine(), catalogue()))


def _template(suffix: str, name: str) -> HTTPRouteHandler:
    kind = formats.by_suffix(f".{suffix}")
    assert kind

    @get(
        f"/v1/messages/{{type:str}}/template.{suffix}",
        **operation(
            f"get{name}Template",
            "Catalogue",
            f"A message as {kind.name} to fill in",
            (kind.media_type,),
            refuses=(404,),
            public=True,
            keeps=True,
        ),
    )
    async def template(request: AnyRequest, type: TypePath) -> Response[bytes]:
        """Every column of the message, with an example in a row that is not read. Lodge what was filled in with its content type."""
        body = await asyncio.to_thread(_made, described.message_type(type).id, kind.id)
        made = kept(request, body, kind.media_type)
        made.headers["Content-Disposition"] = f'attachment; filename="{type}.{suffix}"'
        return made

    return template


@functools.lru_cache(32)
def _made(type_: str, kind: str) -> bytes:
    return formats.template(described.message_type(type_), kind)


handlers = [_template("xlsx", "Excel"), _template("csv", "Csv"), index, one, schema, sample, codelist, list_rights]
