"""Every answer that is not a success has one shape: application/problem+json (RFC 9457)."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from tradeflow.api import codes
from tradeflow.app.reading import read, text_of
from tradeflow.errors import BadInput, Problem
from tradeflow.language.catalogues import DEFAULT, chosen, tag
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import uuid7

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
_encode = msgspec.json.Encoder().encode
_log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]


def response(
    path: str, code: str, detail: str, status: int, *, retry: bool = False, headers: Mapping[str, str] | None = None, **members: Any
) -> Response[bytes]:
    """A problem document with all its members, empty ones included."""
    body = {
        "type": f"/docs/errors#{code}",
        "title": codes.title(code, status),
        "status": status,
        "detail": detail,
        "code": code,
        "retry": retry,
        "findings": [],
        "allowed": [],
        "candidates": [],
        "instance": path,
        **members,
    }
    return Response(_encode(body), status_code=status, media_type=MEDIA_TYPE, headers=_headers(code, status, retry, headers))


def on_problem(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """What the use cases raise."""
    language = chosen("", request.headers.get("accept-language", ""))
    path, members = request.url.path, {"findings": [read(language, one) for one in problem.findings], **problem.extra}
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    if language != DEFAULT:
        headers["Content-Language"] = tag(language)
    if problem.wait_seconds:
        headers["Retry-After"] = str(problem.wait_seconds)
    detail = problem.detail if language == DEFAULT else text_of(language, problem.detail)
    return response(path, problem.code, detail, problem.status, retry=problem.retry, headers=headers, **members)


def on_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework raises: no such route, wrong method, a parameter that does not fit."""
    status = error.status_code
    if status >= 500:
        return on_unexpected(request, error)
    if isinstance(error, ValidationException):
        return on_problem(request, _invalid(error))
    code = codes.of_status(status)
    allow = (error.headers or {}).get("allow")
    detail = f"{request.method} {request.url.path}: {codes.title(code, status)}"
    if code == "TOO_LARGE":
        detail = f"The body may have at most {request.app.request_max_body_size:,} bytes."
    return response(request.url.path, code, detail, status, headers={"Allow": _methods(allow)} if allow else None)


def on_unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A defect of ours: nothing of it is shown, an incident number leads to the log line."""
    incident = str(uuid7())
    _log.error("incident %s in %s %s", incident, request.method, request.url.path, exc_info=error)
    detail = f"The hub failed. Tell its operator incident {incident}."
    return response(request.url.path, "INTERNAL", detail, 500, incident=incident)


def invalid(detail: str, at: str, hint: str = "", found: Any = None) -> BadInput:
    """INVALID_REQUEST for one place of a request: a JSON Pointer into its body, or "query/name", "path/name", "header/name"."""
    finding = Finding("REQUEST", Severity.ERROR, at, detail, hint, found)
    return BadInput("INVALID_REQUEST", detail, 422, findings=[finding])


def _invalid(error: ValidationException) -> BadInput:
    said = error.extra if isinstance(error.extra, list) else []
    findings = [
        Finding("REQUEST", Severity.ERROR, f"{_source(entry)}/{entry.get('key', '')}", str(entry.get("message", "")))
        for entry in said
        if isinstance(entry, dict)
    ]
    what = "; ".join(f"{f.pointer.partition('/')[2]}: {f.message}" for f in findings) or str(error.detail)
    return BadInput("INVALID_REQUEST", what, 422, findings=findings)


def _source(entry: Mapping[str, Any]) -> str:
    source = entry.get("source", "query")
    return str(getattr(source, "value", source))


def _methods(allowed: str) -> str:
    methods = set(allowed.split(", "))
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _headers(code: str, status: int, retry: bool, more: Mapping[str, str] | None) -> dict[str, str]:
    headers = dict(more or {})
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tradeflow"'
    if retry:
        headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return headers
