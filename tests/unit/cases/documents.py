"""Small documents for tests of the machine: an envelope, a number, and the fields a test is about."""

import hashlib
import uuid
from datetime import UTC, datetime
from typing import Any

from tradeflow.model.document import Document
from tradeflow.model.envelope import Envelope

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
PARTY = "{role}-co"


def put(tree: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path."""
    *parents, last = path.split(".")
    for name in parents:
        tree = tree.setdefault(name, {})
    tree[last] = value


def document(
    kind: str,
    fields: dict[str, Any] | None = None,
    *,
    by: str = "exporter",
    to: tuple[str, ...] = ("importer",),
    number: str = "",
    version: int = 1,
    function: str = "9",
    instance: str = "",
    reply: str = "",
    at: datetime = NOW,
    id: str = "",
    trade: str = "TEST-TRADE-1",
) -> Document:
    """A document as the codec would make it, without its schema: `fields` are path = parsed value."""
    message: dict[str, Any] = {
        "id": id or str(uuid.uuid4()),
        "type": kind,
        "function": function,
        "created_at": at,
        "sender": {"party_id": PARTY.format(role=by), "role": by},
        "recipients": [{"party_id": PARTY.format(role=role), "role": role} for role in to],
        "trade_id": trade,
    }
    if instance:
        message["process_instance"] = instance
    if reply:
        message["in_reply_to"] = reply
    data: dict[str, Any] = {"message": message, "document": {"number": number or f"{kind}-1", "version": version}}
    for path, value in (fields or {}).items():
        put(data, path, value)
    payload = repr({k: v for k, v in data.items() if k != "message"}).encode()
    whole = repr(data).encode()
    return Document(kind, data, whole, hashlib.sha256(whole).hexdigest(), hashlib.sha256(payload).hexdigest())


def envelope(of: Document) -> Envelope:
    return Envelope.of(of)
