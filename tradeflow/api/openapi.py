"""The OpenAPI 3.1 description, built when it is first asked for from the handlers, the shapes and the content."""

import functools
import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, TypeGuard

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from litestar.types import Empty
from litestar.typing import FieldDefinition
from msgspec import Struct

from tradeflow import __version__
from tradeflow.api import codes, examples, views
from tradeflow.api.openapi_text import DESCRIPTION, TAGS
from tradeflow.api.operations import JSON, OPT, Operation
from tradeflow.api.problems import MEDIA_TYPE
from tradeflow.codec.formats import kinds
from tradeflow.codec.schema_json import json_schema
from tradeflow.model.catalogue import catalogue

Json = dict[str, Any]
LODGE, CONVERT = "lodgeMessage", "convert"
SCHEMES = ("bearer", "header", "cookie")  # ways to authenticate; an operation lists the scope it needs beside each
_REF = "#/components/schemas/{name}"
_HEADERS: dict[int, Json] = {
    429: {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
        "RateLimit": {"description": "Requests left, and seconds until the whole burst is there again.", "schema": {"type": "string"}},
    },
    401: {"WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}
_CONSTRAINTS = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}


def document(app: Litestar) -> Json:
    """The whole description as a JSON-able dict."""
    operations = sorted(_operations(app), key=lambda found: [tag for tag, _ in TAGS].index(_tag(found[2])))
    kinds = {
        kind
        for _, _, _, described in operations
        for kind in (described.answer, described.body, *described.also.values())
        if _is_struct(kind)
    }
    _, schemas = msgspec.json.schema_components(sorted({*kinds, views.Problem}, key=lambda k: k.__name__), ref_template=_REF)
    paths: dict[str, Json] = {}
    for path, method, handler, described in operations:
        paths.setdefault(path, {})[method.lower()] = _operation(handler, described)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tradeflow",
            "version": __version__,
            "summary": "Lodge trade documents, move the trade, collect what others sent.",
            "description": DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This hub"}],
        "security": [{name: []} for name in SCHEMES],
        "tags": [{"name": name, "description": text} for name, text in TAGS],
        "paths": paths,
        "components": {
            "schemas": {**{name: _tidy(schema) for name, schema in sorted(schemas.items())}, "Message": _message()},
            "responses": {_problem_name(status): _problem(status) for status in _statuses(operations)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer tf_…`"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in a header of its own."},
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "tf_session",
                    "description": "The session of a browser (`POST /v1/session`). Changes carry its `csrf_token` in `X-CSRF-Token`.",
                },
            },
        },
    }


@functools.cache
def _tidy_text(text: str) -> str:
    return inspect.cleandoc(text)


def _tidy(schema: Json) -> Json:
    return {**schema, "description": _tidy_text(schema["description"])} if "description" in schema else schema


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Operation]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if described := handler.opt.get(OPT):
                for method in sorted(handler.http_methods):
                    yield route.path_format, method, handler, described


def _operation(handler: HTTPRouteHandler, described: Operation) -> Json:
    parameters = [_parameter(name, field) for name, field in handler.parsed_fn_signature.parameters.items() if _is_parameter(field)]
    made: Json = {
        "operationId": handler.operation_id,
        "tags": list(handler.tags or ()),
        "summary": handler.summary,
        "description": inspect.cleandoc(handler.fn.__doc__ or ""),
        "parameters": parameters,
        "responses": _responses(handler, described, any(p["in"] != "path" for p in parameters)),
    }
    made["security"] = [] if described.public else [{name: [described.scope] if described.scope else []} for name in SCHEMES]
    if body := _body(handler, described):
        made["requestBody"] = {"required": True, "content": body}
    return {key: value for key, value in made.items() if value != [] or key == "security"}


def _is_parameter(field: FieldDefinition) -> bool:
    return isinstance(field.kwarg_definition, ParameterKwarg) and not field.is_di_field


def _parameter(name: str, field: FieldDefinition) -> Json:
    said = field.kwarg_definition
    assert isinstance(said, ParameterKwarg)
    kind = next((arg for arg in field.args if arg is not type(None)), str) if field.is_optional else field.annotation
    schema = msgspec.json.schema(kind)
    schema |= {theirs: value for ours, theirs in _CONSTRAINTS.items() if (value := getattr(said, ours)) is not None}
    default = field.default
    where = said.param_type.value
    if default is not Empty and default is not inspect.Parameter.empty and default is not None and default != "":
        schema["default"] = default
    return {"name": said.name or name, "in": where, "required": where == "path", "description": said.description, "schema": schema}


def _body(handler: HTTPRouteHandler, described: Operation) -> Json:
    given = examples.requests().get(str(handler.operation_id), {})
    if handler.operation_id in (LODGE, CONVERT):
        formats = {kind.media_type: {"schema": {"type": "string", "contentMediaType": kind.media_type}} for kind in kinds().values()}
        return formats | {
            JSON: {"schema": {"$ref": _REF.format(name="Message")}, "examples": examples.messages("json")},
            "application/xml": {
                "schema": {"type": "string", "contentMediaType": "application/xml"},
                "examples": examples.messages("xml"),
            },
        }
    if described.body is None:
        return {}
    return {JSON: {"schema": _reference(described.body), **({"examples": given} if given else {})}}


def _responses(handler: HTTPRouteHandler, described: Operation, has_parameters: bool) -> Json:
    status = handler.status_code
    success: Json = {"description": HTTPStatus(status).phrase, "headers": {"X-Request-ID": {"schema": {"type": "string"}}}}
    success["headers"] |= {name: {"description": text, "schema": {"type": "string"}} for name, text in described.headers.items()}
    answer = described.answer
    if _is_struct(answer):
        given = examples.answers().get(str(handler.operation_id), {})
        success["content"] = {JSON: {"schema": _reference(answer), **({"examples": given} if given else {})}}
    elif isinstance(answer, tuple):
        success["content"] = {media_type: {} for media_type in answer}
    refuses = {*described.refuses, 500}
    if not described.public:
        refuses |= {401, 403, 429}
    if described.body is not None:
        refuses |= {400, 413, 415, 422}
    if has_parameters and not described.public:
        refuses.add(422)
    made: Json = {str(status): success}
    for other, kind in described.also.items():
        made[str(other)] = {"description": HTTPStatus(other).phrase, "content": {JSON: {"schema": _reference(kind)}}}
    if described.keeps:
        made["304"] = {"description": "The client has this very content: its ETag came in If-None-Match."}
    made |= {str(refused): {"$ref": f"#/components/responses/{_problem_name(refused)}"} for refused in sorted(refuses)}
    return made | {"default": {"$ref": f"#/components/responses/{_problem_name(0)}"}}


def _statuses(operations: list[tuple[str, str, HTTPRouteHandler, Operation]]) -> list[int]:
    asked = {status for _, _, _, described in operations for status in described.refuses}
    return sorted(asked | {0, 400, 401, 403, 413, 415, 422, 429, 500})


def _problem_name(status: int) -> str:
    return re.sub(r"\W", "", HTTPStatus(status).phrase.title()) if status else "AnyOther"


def _problem(status: int) -> Json:
    """One problem response with the codes it may carry."""
    known = [f"`{name}`: {code.text}" for name, code in codes.every().items() if code.http == status]
    text = "\n".join(f"- {line}" for line in known) if known else "Any other problem, in the same shape: no such address, wrong method, …"
    given = examples.problems().get(str(status))
    content: Json = {"schema": _reference(views.Problem), **({"examples": given} if given else {})}
    return {
        "description": text,
        "content": {MEDIA_TYPE: content},
        **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
    }


def _message() -> Json:
    """What all messages have in common: the envelope. The rest is in the schema of each type."""
    ids = catalogue().ids()
    schema = json_schema(catalogue().message(ids[0]))
    envelope = _inlined(schema["properties"]["message"], schema["$defs"])
    envelope["properties"]["type"] = {"title": "Message type", "enum": ids}
    envelope["properties"]["schema_version"] = {"title": "Schema version", "type": "string"}
    return {
        "title": "Message",
        "description": "Any message of the catalogue. Its other members depend on its type: see /v1/schemas/{type}.json.",
        "type": "object",
        "properties": {"message": envelope},
        "required": ["message"],
    }


def _inlined(node: Any, shared: Json) -> Any:
    if isinstance(node, list):
        return [_inlined(element, shared) for element in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**_inlined(shared[node["$ref"].rpartition("/")[2]], shared), **rest}
    return {key: _inlined(value, shared) for key, value in node.items()}


def _reference(kind: type[Struct]) -> Json:
    return {"$ref": _REF.format(name=kind.__name__)}


def _is_struct(kind: Any) -> TypeGuard[type[Struct]]:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _tag(handler: HTTPRouteHandler) -> str:
    return next(iter(handler.tags or ()))
