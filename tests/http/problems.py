"""What every refusal has to look like."""

from typing import Any

from tests.http.desk import Reply

MEMBERS = {"type", "title", "status", "detail", "code", "retry", "findings", "allowed", "candidates", "instance"}


def assert_problem(reply: Reply, status: int, code: str, path: str | None = None) -> Any:
    """The one shape of RFC 9457, with all its members. Returns the body."""
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json"), reply.body
    body = reply.json
    assert body.keys() - {"incident"} == MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/docs/errors#{code}"), body
    assert body["title"] and body["detail"]
    assert path is None or body["instance"] == path
    assert isinstance(body["retry"], bool)
    return body
