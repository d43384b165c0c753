"""What a page asks for several times over is read once: within `once` whoever reads the same trade is given what was read before.

A page is made of several use cases, each of which reads the trade for itself. So that they do not hand it to each other, and a page shows
one moment of a trade, they share their reads as long as the page is made. Nothing that changes a trade reads within it.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

_Read = TypeVar("_Read")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Reads are shared until the block ends, by all that is awaited in it."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def sharing() -> bool:
    """Whether what is read now is shared."""
    return _kept.get() is not None


async def shared(key: Hashable, read: Callable[[], Awaitable[_Read]]) -> _Read:
    """What `read` gives, or gave before within `once`; `key` says what it reads, and as whom."""
    kept = _kept.get()
    if kept is None:
        return await read()
    if key not in kept:
        kept[key] = await read()
    found: _Read = kept[key]
    return found
