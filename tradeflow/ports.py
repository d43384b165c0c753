"""What the inside asks of the outside. Implementations live in store/, worker/ and adapters/."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Doorbell(Protocol):
    """Wakes workers. It may fail or be lost: the sweeper finds all work without it."""

    def ring(self, bucket: int) -> None:
        """Say that this bucket has work. Never raises, never waits for a network."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker holds until its lease ends. `token` fences every write about it."""

    trade_id: str
    delivery_id: UUID
    message_id: UUID | None
    party_id: str
    role: str
    kind: str
    type: str
    attempt: int
    token: UUID
    body: bytes = b""


class NullDoorbell:
    """Rings nowhere; the sweeper does all the work."""

    def ring(self, bucket: int) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes that came in by a channel, with all that the channel knows. `party_id` is whom it authenticated, "" for nobody."""

    channel: str  # the kind of channel: file_drop, sftp, email
    address: str  # where it came from, for people: a folder, user@host, an e-mail address
    name: str  # of the file
    body: bytes
    content_type: str = ""  # as declared; "" where the channel knows none
    party_id: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an arrival. `answer` is the receipt or the problem, as HTTP has it; it goes back by the same channel."""

    status: int
    answer: bytes
    quarantine_id: UUID | None = None

    @property
    def accepted(self) -> bool:
        return self.quarantine_id is None


Take = Callable[[Arrival], Awaitable[Taken]]


class Inlet(Protocol):
    """What a kind of channel may also do: fetch what its partner left. Found by the method being there."""

    async def fetch(self, take: Take) -> int:
        """One look. Takes every complete file, answers it and puts it aside; returns how many. Seeing a file twice is harmless."""
