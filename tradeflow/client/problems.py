"""What a hub refuses, as exceptions: one class for each way in which a program goes on.

HubProblem          the hub answered no (RFC 9457): `code`, `detail`, `findings`
├── Invalid         400 406 413 415 422: the document or the request is wrong; mend it by its findings
├── NotAuthenticated 401: no key, or one that ended
├── Forbidden       403: not this party, not in this role
├── NotFound        404: no such thing, or not yours to see
├── Conflict        402 409 410: not now: the state of the trade, an id that was used, something that ended
├── NotNow          429: too much at once; the client waited and tried as long as it may
└── HubUnavailable  5xx: the hub cannot do it now; nothing was stored
Unreachable         no answer at all, however often it was tried: the command may or may not have been carried out
"""

from http import HTTPStatus
from typing import Any

import msgspec

from tradeflow.client.answers import Allowed, Finding

Json = dict[str, Any]


class HubProblem(Exception):
    """The hub said no; nothing has changed. `body` is the whole problem document."""

    def __init__(self, status: int, body: Json) -> None:
        self.status, self.body = status, body
        self.code, self.detail = str(body.get("code", "")), str(body.get("detail", ""))
        self.retry = bool(body.get("retry"))
        self.findings = msgspec.convert(body.get("findings", []), list[Finding])
        self.allowed = msgspec.convert(body.get("allowed", []), list[Allowed])
        self.candidates = [str(one) for one in body.get("candidates", [])]
        super().__init__(self._said())

    def _said(self) -> str:
        found = "; ".join(f"{f.rule} {f.pointer}: {f.message}" for f in self.findings)
        return f"HTTP {self.status} {self.code} {self.detail} {found}".strip()


class Invalid(HubProblem):
    """The document or the request is wrong: mend it by its findings and send it again."""


class NotAuthenticated(HubProblem):
    """There is no such key, or it ended."""


class Forbidden(HubProblem):
    """Not this party, or not in this role."""


class NotFound(HubProblem):
    """There is no such thing, or it is not yours to see."""


class Conflict(HubProblem):
    """The trade does not take it now, or the id was used for another; `allowed` says what it would take."""


class NotNow(HubProblem):
    """Too much at once, for longer than the client may wait."""


class HubUnavailable(HubProblem):
    """The hub cannot do it now. Nothing was stored."""


class Unreachable(Exception):
    """No answer, however often it was tried. The same call, made again with the same message or key, does no harm."""


_CLASSES: dict[int, type[HubProblem]] = {401: NotAuthenticated, 403: Forbidden, 404: NotFound, 429: NotNow}
_STATE = (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.CONFLICT, HTTPStatus.GONE)


def problem_of(status: int, body: bytes) -> HubProblem:
    """The exception for an answer. What is not a problem document (a proxy's page) keeps its first words as the detail."""
    try:
        said = msgspec.json.decode(body, type=Json)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = {"code": "", "detail": body[:200].decode("utf-8", "replace").strip()}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return HubUnavailable(status, said)
    return _CLASSES.get(status, Conflict if status in _STATE else Invalid)(status, said)
