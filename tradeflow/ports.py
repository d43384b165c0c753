"""What the inside asks of the outside. Implementations live in store/, worker/ and adapters/."""

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
