"""Signatures as Standard Webhooks 1.0 says: HMAC-SHA256 over id, time and body, one for each live secret."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
BYTES_MIN, BYTES_MAX = 24, 64


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """One signature. Raises ValueError for a secret that is none."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a receiver verifies by; while a secret is renewed, one signature by each."""
    signatures = " ".join(signature(secret, id, timestamp, body) for secret in secrets)
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def key_of(secret: str) -> bytes:
    """The key inside a secret as text."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:  # of Base64, or of text that is not ASCII
        raise ValueError("a signing secret is whsec_ and Base64") from None
    if not BYTES_MIN <= len(key) <= BYTES_MAX:
        raise ValueError(f"a signing secret has {BYTES_MIN} to {BYTES_MAX} bytes")
    return key
