"""Process tables to a Machine: read once, compiled once, identified by the hash of all they say."""

from typing import Any


class Machine:
    """All processes, compiled. `content` is everything it was compiled from (JSON-able); `hash` its sha256, canonical."""

    hash: str
    content: dict[str, Any]


def machine() -> Machine:
    """The machine of the installed workflows/, compiled on first use. Raises ContentError on a defect."""
    raise NotImplementedError


def from_content(content: dict[str, Any]) -> Machine:
    """The machine that was compiled from this content before: trades stay with the tables they began with."""
    raise NotImplementedError
