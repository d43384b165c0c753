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
from tradeflow.language.catalogues import DEFAULT, chosen, tag, translations
from tradeflow.language.sentences import say
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import uuid7

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
_encode = msgspec.json.Encoder().encode
_log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]


def response(
    path: str,
    code: str,
    detail: str,
    status: int,
    *,
    retry: bool = False,
    headers: Mapping[str, str] | None = None,
    language: str = DEFAULT,
    **members: Any,
) -> Response[bytes]:
    """A problem document with all its members, empty ones included; title and detail in a language (RFC 9457 3.1.3, 3.1.4)."""
    body = {
        "type": f"/docs/errors#{code}",
        "title": translations(language).gettext(codes.title(code, status)),
        "status": status,
        "detail": detail if language == DEFAULT else text_of(language, detail),
        "code": code,
        "retry": retry,
        "findings": [],
        "allowed": [],
        "candidates": [],
        "instance": path,
        **members,
    }
    told = {"Content-Language": tag(language)} if language != DEFAULT else {}
    return Response(_encode(body), status_code=status, media_type=MEDIA_TYPE, headers=_headers(status, retry, told | dict(headers or {})))


def on_problem(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """What the use cases raise."""
    language = _language(request)
    path, members = request.url.path, {"findings": [read(language, one) for one in problem.findings], **problem.extra}
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    if problem.wait_seconds:
        headers["Retry-After"] = str(problem.wait_seconds)
    return response(path, problem.code, problem.detail, problem.status, retry=problem.retry, headers=headers, language=language, **members)


def on_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the framework raises: no such route, wrong method, a parameter that does not fit."""
    status = error.status_code
    if status >= 500:
        return on_unexpected(request, error)
    if isinstance(error, ValidationException):
        return on_problem(request, _invalid(error))
    code = codes.of_status(status)
    allow = (error.headers or {}).get("allow")
    language = _language(request)
    detail = f"{request.method} {request.url.path}: {translations(language).gettext(codes.title(code, status))}"
    if code == "TOO_LARGE":
        detail = say("The body may have at most %(bytes_max)s bytes.", bytes_max=f"{request.app.request_max_body_size:,}")
    headers = {"Allow": _methods(allow)} if allow else None
    return response(request.url.path, code, detail, status, headers=headers, language=language)


def on_unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A defect of ours: nothing of it is shown, an incident number leads to the log line."""
    incident = str(uuid7())
    _log.error("incident %s in %s %s", incident, request.method, request.url.path, exc_info=error)
    detail = say("The hub failed. Tell its operator incident %(id)s.", id=incident)
    return response(request.url.path, "INTERNAL", detail, 500, language=_language(request), incident=incident)


def _language(request: AnyRequest) -> str:
    return chosen("", request.headers.get("accept-language", ""))


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


def _headers(status: int, retry: bool, more: Mapping[str, str] | None) -> dict[str, str]:
    headers = dict(more or {})
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tradeflow"'
    if retry:
        headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return headers
