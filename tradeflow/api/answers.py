"""Success answers: JSON by msgspec, or the bytes the main path already made."""

from typing import Any

import msgspec
from litestar import Response

from tradeflow.app.handle import Answer

_encoder = msgspec.json.Encoder()
JSON = "application/json"


def json(body: Any, status: int = 200) -> Response[bytes]:
    """A JSON answer."""
    return Response(_encoder.encode(body), status_code=status, media_type=JSON)


def stored(answer: Answer) -> Response[bytes]:
    """The answer of a command, byte for byte; a replay says so in a header."""
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers=headers)
