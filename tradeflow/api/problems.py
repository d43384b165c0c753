"""Every answer that is not a success has one shape: application/problem+json (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from tradeflow.errors import Problem
from tradeflow.model.ids import uuid7

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)
_CODES = {400: "INVALID_REQUEST", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
_RETRY_AFTER_SECONDS = "2"

AnyRequest = Request[Any, Any, Any]
Answer = Response[bytes]


def problem_response(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Answer:
    """A problem document. `type` leads to the page that explains the code."""
    body = {
        "type": f"/docs/errors#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "retry": members.pop("retry", False),
        "findings": members.pop("findings", []),
        **members,
    }
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def on_problem(request: AnyRequest, problem: Problem) -> Answer:
    """What the use cases raise."""
    headers = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tradeflow"'
    if problem.retry:
        headers["Retry-After"] = _RETRY_AFTER_SECONDS
    return problem_response(problem.status, problem.code, problem.detail, headers, retry=problem.retry, findings=problem.findings, **problem.extra)


def on_http(request: AnyRequest, error: HTTPException) -> Answer:
    """What the framework raises: no such route, wrong method, a body that does not fit."""
    status = error.status_code
    if status >= 500:
        return on_unexpected(request, error)
    detail = str(error.detail)
    if error.extra:
        said = [f"{e.get('key', '')}: {e.get('message', '')}".strip(": ") if isinstance(e, dict) else str(e) for e in error.extra]
        detail = f"{detail.rstrip('.')}: {'; '.join(said)}"
    return problem_response(status, _CODES.get(status, "INVALID_REQUEST"), detail, dict(error.headers or {}))


def on_unexpected(request: AnyRequest, error: Exception) -> Answer:
    """A defect of ours: nothing of it is shown, an incident number leads to the log line."""
    incident = str(uuid7())
    _log.error("incident %s: %s %s", incident, request.method, request.url.path, exc_info=error)
    return problem_response(500, "INTERNAL", f"the hub failed; tell its operator incident {incident}", incident=incident)
