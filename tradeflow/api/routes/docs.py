"""The API described for programs and for people."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Litestar, Response, get
from litestar.params import PathParameter
from litestar.response import Redirect

from tradeflow.api import PORTAL, pages
from tradeflow.api.answers import JSON, kept
from tradeflow.api.auth import AnyRequest
from tradeflow.api.openapi import document
from tradeflow.api.parameters import TypePath
from tradeflow.errors import Missing

HTML = "text/html"
File = Annotated[str, PathParameter(name="file")]


@get("/", status_code=303)
async def root(request: AnyRequest) -> Redirect:
    """A person with a browser to the portal, a program to the documentation."""
    reads = HTML in request.headers.get("accept", "") and PORTAL in request.app.route_handler_method_map
    return Redirect(PORTAL if reads else "/docs", status_code=303)


@get("/openapi.json")
async def openapi(request: AnyRequest) -> Response[bytes]:
    """The description of the API, OpenAPI 3.1."""
    description, _ = await asyncio.to_thread(_description, request.app)
    return kept(request, description, JSON)


@get("/docs")
async def reference(request: AnyRequest) -> Response[bytes]:
    """Every operation, readable."""
    _, page = await asyncio.to_thread(_description, request.app)
    return kept(request, page, HTML)


@get("/docs/errors")
async def errors(request: AnyRequest) -> Response[bytes]:
    """Every code a refusal may carry."""
    return kept(request, await asyncio.to_thread(pages.errors_page), HTML)


@get("/docs/messages")
async def messages(request: AnyRequest) -> Response[bytes]:
    """The list of message types."""
    return kept(request, await asyncio.to_thread(pages.messages_page), HTML)


@get("/docs/messages/{type:str}")
async def message(request: AnyRequest, type: TypePath) -> Response[bytes]:
    """One message type in full."""
    return kept(request, await asyncio.to_thread(pages.message_page, type), HTML)


@get("/docs/static/{file:str}")
async def static(request: AnyRequest, file: File) -> Response[bytes]:
    """Style sheet and icon."""
    found = {path.name: path for path in pages.STATIC.iterdir()}.get(file)
    if found is None:
        raise Missing("NOT_FOUND", "There is no such file.", 404)
    return kept(request, found.read_bytes(), pages.STATIC_TYPES[found.suffix])


def _description(app: Litestar) -> tuple[bytes, bytes]:
    """The description and its page, built once for an app, when somebody asks."""
    made: tuple[bytes, bytes] | None = app.state.get("description")
    if made is None:
        described = document(app)
        made = app.state["description"] = (msgspec.json.encode(described), pages.api_page(described))
    return made


handlers = [root, openapi, reference, errors, messages, message, static]
