"""Success answers: JSON by msgspec, bytes the main path already made, files that clients may keep."""

import hashlib
from typing import Any

import msgspec
from litestar import Response

from tradeflow.api.auth import AnyRequest
from tradeflow.app.handle import Answer

JSON = "application/json"
KEPT_SECONDS = 300
_encode = msgspec.json.Encoder().encode


def json(body: Any, status: int = 200) -> Response[bytes]:
    """A JSON answer."""
    return Response(_encode(body), status_code=status, media_type=JSON)


def stored(answer: Answer) -> Response[bytes]:
    """The answer of a command, byte for byte; a replay says so in a header."""
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers=headers)


def kept(request: AnyRequest, body: bytes, media_type: str) -> Response[bytes]:
    """Public content that a client may keep for a while; 304 where it has this very content already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={KEPT_SECONDS}"}
    asked = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in asked or "*" in asked:
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
