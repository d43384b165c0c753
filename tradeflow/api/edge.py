"""What every request passes first and last: its id, the log line, the counters, and the headers every answer has."""

import logging
import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from tradeflow.api import problems
from tradeflow.api.metrics import Metrics
from tradeflow.model.ids import uuid7

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_logger = logging.getLogger("tradeflow.http")
_log = structlog.wrap_logger(_logger)


class Edge:
    """The outermost ASGI layer. Bodies, headers, queries and keys are never logged."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, as GET where it is HEAD: the server leaves the body out."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        inner: Any = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        began, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                more = inner.get("tradeflow.headers", [])
                message["headers"] = [*_complete(list(message["headers"])), *more, (b"x-request-id", request_id)]
            await send(message)

        try:
            await (_refusal(scope) or self._app)(inner, receive, answer)
        finally:
            self._done(scope, inner, status, time.perf_counter() - began)

    def _done(self, scope: HTTPScope, inner: Any, status: int, seconds: float) -> None:
        route = inner.get("path_template") or "none"
        self._metrics.count(scope["method"], route, status, seconds)
        if _logger.isEnabledFor(logging.INFO):
            party = inner.get("tradeflow.party", "")
            _log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1), party=party)
        structlog.contextvars.clear_contextvars()


def _refusal(scope: HTTPScope) -> ASGIApp | None:
    """The answer to addresses and parameters with a NUL, which no database can hold: there is nothing of that name."""
    path = scope["path"]
    if "\x00" in path:
        made = problems.response(path.replace("\x00", "%00"), "NOT_FOUND", "There is nothing at an address with a NUL in it.", 404)
    elif b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        finding = problems.invalid("A parameter holds a NUL.", "query").findings
        made = problems.response(path, "INVALID_REQUEST", finding[0].message, 422, findings=finding)
    else:
        return None

    async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(made.content)).encode())]
        await send({"type": "http.response.start", "status": made.status_code or 400, "headers": headers})
        await send({"type": "http.response.body", "body": made.content, "more_body": False})

    return refuse


def _request_id(scope: HTTPScope) -> bytes:
    """The caller's X-Request-ID if it is harmless, else a new one."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given if REQUEST_ID.fullmatch(given) else str(uuid7()).encode()


def _complete(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    present = {name.lower(): value for name, value in headers}
    headers.append((b"x-content-type-options", b"nosniff"))
    if b"cache-control" not in present:
        headers.append((b"cache-control", b"no-store"))
    if present.get(b"content-type", b"").startswith(b"text/html"):
        headers += [(name, value) for name, value in _PAGE_HEADERS if name not in present]
    return headers
