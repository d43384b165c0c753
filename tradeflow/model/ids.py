"""Identifiers made by the application."""

import hashlib
import os
import re
import time
import uuid
import zlib

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TRADE_ID = re.compile(r"[A-Z0-9][A-Z0-9.-]{5,34}")
PARTY_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 5.7): time-ordered to the millisecond, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def trade_id() -> str:
    """A new trade reference: "TF" and 26 time-ordered letters and digits, a valid WCO UCR (at most 35 characters)."""
    number, letters = uuid7().int, []
    for _ in range(26):
        number, digit = divmod(number, 32)
        letters.append(_CROCKFORD[digit])
    return "TF" + "".join(reversed(letters))


def short_reference(message: uuid.UUID) -> str:
    """The reference of 14 characters that stands for a message where a format has no room for its id; an index of messages has it."""
    return hashlib.sha256(message.bytes).hexdigest()[:14].upper()


def bucket(trade: str) -> int:
    """Which of the 64 outbox lanes a trade belongs to. Stable across processes and versions."""
    return zlib.crc32(trade.encode()) % 64
