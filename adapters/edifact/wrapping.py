"""Files that were cut into lines of one length on their way: the line ends are none of theirs."""

from typing import Protocol

WIDTH_MIN, WIDTH_MAX = 20, 1_024


class Source(Protocol):
    """Bytes, a piece at a time."""

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end."""


class Unwrapped:
    """A file without its line ends."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        """The next piece; empty at the end only."""
        while piece := self._source.read(size):
            if kept := piece.translate(None, b"\r\n"):
                return kept
        return b""


def wrapped(head: bytes, end: str) -> bool:
    """Whether a file is cut into lines of one length, as mainframes do, whatever stands at their ends."""
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")[:-1]]
    if len(lines) < 2 or not WIDTH_MIN <= len(lines[0]) <= WIDTH_MAX:
        return False
    return all(len(line) == len(lines[0]) for line in lines) and not all(line.endswith(end.encode()) for line in lines)
