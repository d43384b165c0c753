"""What the API description says about an operation, beside what the handler's signature says by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.di import Provide
from msgspec import Struct

from tradeflow.api.body import BODY_BYTES_MAX, public_reader, reader

JSON = "application/json"
OPT = "operation"


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is the shape of the success answer, or its media types where it is not JSON.

    `refuses` are the statuses of the problems it has beside those of every operation; `keeps` says that clients may keep the answer;
    `scope` is what a key must be for to call it; `also` are other successes.
    """

    answer: type[Struct] | tuple[str, ...] | None
    body: type[Struct] | None
    refuses: Sequence[int]
    public: bool
    keeps: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    scope: str = "read"
    also: Mapping[int, type[Struct]] = field(default_factory=dict)


def operation(
    id: str,
    tag: str,
    summary: str,
    answer: type[Struct] | tuple[str, ...] | None = None,
    *,
    status: int = 200,
    body: type[Struct] | None = None,
    refuses: Sequence[int] = (),
    public: bool = False,
    keeps: bool = False,
    headers: Mapping[str, str] | None = None,
    body_bytes_max: int = BODY_BYTES_MAX,
    scope: str = "read",
    also: Mapping[int, type[Struct]] | None = None,
) -> dict[str, Any]:
    """Keyword arguments for the decorator of a handler. With `body` the handler gets the dependency `given`, read strictly."""
    described = Operation(answer, body, refuses, public, keeps, headers or {}, scope, also or {})
    return {
        "operation_id": id,
        "tags": [tag],
        "summary": summary,
        "status_code": status,
        "opt": {OPT: described, "scope": scope},
        **({"dependencies": {"given": Provide((public_reader if public else reader)(body, body_bytes_max))}} if body else {}),
    }
