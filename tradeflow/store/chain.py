"""The hash chain of a trade's events."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

GENESIS = bytes(32)


def link(
    prev_hash: bytes, trade_id: str, seq: int, at: datetime, actor: tuple[str, str, str], kind: str, message_id: UUID | None, body: bytes
) -> bytes:
    """SHA-256 over the link before and everything this event says. `actor` is (party, role, key id); times count in UTC microseconds."""
    digest = hashlib.sha256(prev_hash)
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for part in (trade_id, str(seq), stamp, *actor, kind, str(message_id or "")):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    digest.update(body)
    return digest.digest()
