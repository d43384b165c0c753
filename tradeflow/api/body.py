"""Small JSON bodies, read as strictly as messages are: what two readers could read differently is refused."""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import msgspec
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException

from tradeflow.api.auth import AnyRequest
from tradeflow.api.problems import invalid
from tradeflow.codec import json
from tradeflow.codec.intake import media_type
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say

PUBLIC_BYTES_MAX = 4_096
BODY_BYTES_MAX = 262_144  # of everything that is not a message
_control = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_said = re.compile(r"^(?P<what>.*?)(?: - at `(?P<at>[^`]*)`)?$", re.DOTALL)
T = TypeVar("T")


async def read(request: AnyRequest, kind: type[T], bytes_max: int = BODY_BYTES_MAX) -> T:
    """The body as a struct. BadInput: UNSUPPORTED_MEDIA_TYPE 415, TOO_LARGE 413, MALFORMED 400, INVALID_REQUEST 422."""
    form, _ = media_type(request.headers.get("content-type", ""))
    if form != "json":
        raise BadInput("UNSUPPORTED_MEDIA_TYPE", "Send application/json.", 415)
    tree = json.parse(await bounded(request, bytes_max))
    for pointer, text in _texts(tree, ""):
        if _control.search(text):
            raise invalid(say("%(pointer)s holds a character that no text may hold", pointer=pointer), pointer)
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


def reader(kind: type[T], bytes_max: int = BODY_BYTES_MAX) -> Callable[[AnyRequest, Any], Awaitable[T]]:
    """A dependency that reads the body as `kind`; it asks for the caller, so that nobody unknown has a body read."""

    async def provide(request: AnyRequest, caller: NamedDependency[Any]) -> T:
        return await read(request, kind, bytes_max)

    return provide


def public_reader(kind: type[T], bytes_max: int) -> Callable[[AnyRequest], Awaitable[T]]:
    """A dependency for those who are not known yet: a sign-in, an invitation. They get little room."""

    async def provide(request: AnyRequest) -> T:
        return await read(request, kind, min(bytes_max, PUBLIC_BYTES_MAX))

    return provide


async def bounded(request: AnyRequest, bytes_max: int) -> bytes:
    """The body, refused as soon as it is announced or grows larger than `bytes_max`."""
    refusal = BadInput("TOO_LARGE", say("The body may have at most %(bytes_max)s bytes.", bytes_max=f"{bytes_max:,}"), 413)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 15 or int(announced) > bytes_max):
        raise refusal
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > bytes_max:
                raise refusal
            chunks.append(chunk)
    except InternalServerException:
        raise BadInput("MALFORMED", "The connection ended before the body did.", 400) from None
    return b"".join(chunks)


def _texts(node: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield f"{at}/…", name
            yield from _texts(value, f"{at}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, f"{at}/{index}")


def _invalid(error: msgspec.ValidationError) -> BadInput:
    """msgspec names the place as `$.participants[0].role`; a finding names it as a JSON Pointer."""
    match = _said.match(str(error))
    assert match
    path = (match["at"] or "$").removeprefix("$").replace("[...]", ".…")
    pointer = re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/")
    return invalid(f"{pointer or 'The body'}: {match['what']}", pointer)
