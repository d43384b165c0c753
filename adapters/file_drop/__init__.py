"""A folder for each channel. The hub writes whole files only, and takes whole files only."""

import asyncio
import contextlib
import os
import stat
import time
from pathlib import Path

from tradeflow.adapters.file_drop.files import ANSWERS, DONE, IN, OUT, Complete, answers_of, name_of

from tradeflow.ports import Arrival, ChannelSettings, Outgoing, Sent, Take
from tradeflow.settings import settings

DROP = "drop"  # in the data folder; the folders of parties in it


class FileDrop:
    """Deliveries go into out/, what is found in in/ is lodged, its answer goes into answers/ and the file itself to done/."""

    def __init__(self, given: ChannelSettings) -> None:
        self._party, self._root = given.party_id, folder_of(given)
        self._complete = Complete()

    async def send(self, outgoing: Outgoing) -> Sent:
        """Write one file whole, or not at all. The same delivery again replaces it."""
        name = name_of(outgoing)
        await asyncio.to_thread(write, self._root / OUT / name, outgoing.payload)
        return Sent(f"{OUT}/{name}")

    async def fetch(self, take: Take) -> int:
        """Take every complete file of in/."""
        names = self._complete.of(await asyncio.to_thread(self._list))
        for name in names:
            body = await asyncio.to_thread(self._read, name)
            if body is None:
                continue
            taken = await take(Arrival("file_drop", f"{DROP}/{self._party}", name, body, party_id=self._party))
            for answer, said in answers_of(name, taken):
                await asyncio.to_thread(write, self._root / ANSWERS / answer, said)
            await asyncio.to_thread(self._put_aside, name)
        return len(names)

    async def close(self) -> None:
        """Nothing is open."""

    def _list(self) -> list[tuple[str, int, int]]:
        for folder in (IN, OUT, ANSWERS, DONE):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        with os.scandir(self._root / IN) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries if entry.is_file(follow_symlinks=False)]
        return [(name, status.st_size, status.st_mtime_ns) for name, status in found]

    def _read(self, name: str) -> bytes | None:
        """The bytes, one more than a message may have where there are more; None where it has gone or is no plain file."""
        try:
            with os.fdopen(os.open(self._root / IN / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                return file.read(settings().body_bytes_max + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
        except OSError:
            return None

    def _put_aside(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # another process of the hub saw it too, and was faster
            (self._root / IN / name).replace(self._root / DONE / f"{time.time_ns()}_{name}")


def folder_of(given: ChannelSettings) -> Path:
    """The folder of a channel. It cannot be chosen: a party must not reach what else is on the disk."""
    return Path(given.data_dir) / DROP / given.party_id / given.name


def write(file: Path, body: bytes) -> None:
    """Write a file so that whoever sees it sees all of it, and that it survives a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
