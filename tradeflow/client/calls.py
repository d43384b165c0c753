"""Every call a client can make, as data: what to send, whether it may be sent again, and the type of what comes back.

Both clients send the same `Call`s; nothing here knows how they travel.
"""

import copy
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from tradeflow.client import answers as a

Json = dict[str, Any]
T = TypeVar("T")
Document = Mapping[str, Any] | bytes | str
JSON, XML = "application/json", "application/xml"


class Call(msgspec.Struct, Generic[T], frozen=True):
    """One request. `again` says that a repetition does no harm; `waits_seconds` is how long the hub may hold the answer back."""

    method: str
    path: str
    answer: Any  # the type to read the body as: bytes stay bytes
    query: dict[str, str] = {}
    body: bytes | None = None
    headers: dict[str, str] = {}
    again: bool = True
    waits_seconds: float = 0.0

    def read(self, body: bytes, content_type: str, replayed: bool = False) -> T:
        """The body of a success as what was asked for."""
        if self.answer is a.Answer:
            return a.Answer(body, content_type, replayed)  # type: ignore[return-value] # T is Answer here
        read: T = msgspec.json.decode(body or b"{}", type=self.answer)
        return read


def get(
    path: str,
    answer: type[T],
    accept: str = "",
    waits_seconds: float = 0.0,
    query: Mapping[str, str | int] | None = None,
    **asks: str | int | None,
) -> Call[T]:
    """A reading call; what is None or empty is not asked."""
    asked = {name: str(value) for name, value in {**(query or {}), **asks}.items() if value not in (None, "")}
    return Call("GET", path, answer, asked, headers={"Accept": accept} if accept else {}, waits_seconds=waits_seconds)


def send(method: str, path: str, answer: type[T], body: Any = None, key: str = "", again: bool = True) -> Call[T]:
    """A changing call with a small JSON body; `key` is its Idempotency-Key."""
    headers = {"Content-Type": JSON} | ({"Idempotency-Key": key} if key else {})
    return Call(method, path, answer, body=msgspec.json.encode({} if body is None else body), headers=headers, again=again)


def uuid7() -> str:
    """A time-ordered id (RFC 9562 5.7), so that messages sort as they were made."""
    value = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return str(uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62)))


def prepared(document: Document) -> tuple[bytes, str]:
    """Bytes and content type of a message. A document gets what its envelope lacks: an id, the time, function 9.

    Bytes and text travel as they are: they carry their id already.
    """
    if isinstance(document, str):
        document = document.encode()
    if isinstance(document, bytes):
        return document, XML if document.lstrip()[:1] == b"<" else JSON
    whole = copy.deepcopy(dict(document))
    usual = {"id": uuid7(), "schema_version": "1.0", "function": "9", "created_at": datetime.now(UTC).replace(microsecond=0).isoformat()}
    whole["message"] = usual | dict(whole.get("message", {}))
    return msgspec.json.encode(whole), JSON


def lodge(document: Document, content_type: str = "") -> "Call[a.Receipt]":
    """POST /v1/messages. The id of the message makes it safe to repeat: made here, once, where it has none.

    Bytes in another format than JSON or XML need their content type.
    """
    body, usual = prepared(document)
    return Call("POST", "/v1/messages", a.Receipt, body=body, headers={"Content-Type": content_type or usual})


def trade_path(trade_id: str, *parts: str) -> str:
    """The address of a trade, or of something below it; numbers of documents may hold a slash."""
    return "/".join(["/v1/trades", *(quote(part, safe="") for part in (trade_id, *parts))])


def open_trade(participants: Sequence[tuple[str, str]], trade_id: str, terms: Mapping[str, str], key: str) -> "Call[a.Receipt]":
    """POST /v1/trades."""
    body: Json = {"participants": [{"party_id": party, "role": role} for party, role in participants], "terms": dict(terms)}
    return send("POST", "/v1/trades", a.Receipt, body | ({"trade_id": trade_id} if trade_id else {}), key or str(uuid.uuid4()))


def decide(trade_id: str, event: str, region: str, role: str, note: str, key: str) -> "Call[a.Receipt]":
    """POST /v1/trades/{trade_id}/decisions."""
    body = {"event": event, "region": region, "role": role, "note": note}
    return send("POST", trade_path(trade_id, "decisions"), a.Receipt, body, key or str(uuid.uuid4()))


def accept_deviation(trade_id: str, finding: str | Mapping[str, Any], role: str, note: str, key: str) -> "Call[a.Receipt]":
    """POST /v1/trades/{trade_id}/deviations: an open finding by its id, or one of a refusal, whole."""
    named: Json = {"id": finding} if isinstance(finding, str) else {"finding": dict(finding)}
    return send("POST", trade_path(trade_id, "deviations"), a.Receipt, named | {"role": role, "note": note}, key or str(uuid.uuid4()))


def inbox(after: int, limit: int, wait_seconds: int, unacknowledged: bool) -> "Call[a.Inbox]":
    """GET /v1/inbox."""
    only = "true" if unacknowledged else None
    return get("/v1/inbox", a.Inbox, "", wait_seconds, after=after, limit=limit, wait_seconds=wait_seconds, unacknowledged=only)


def message(item: "a.InboxItem | tuple[str, str]") -> "Call[a.Answer]":
    """GET /v1/messages/{trade_id}/{message_id}: the bytes as they were sent."""
    trade, message_id = item if isinstance(item, tuple) else (item.trade_id, item.message_id or "")
    return get(f"/v1/messages/{quote(trade, safe='')}/{quote(message_id, safe='')}", a.Answer)


def set_clock(to: datetime | timedelta) -> "Call[a.Clock]":
    """PUT /v1/sandbox/clock. Moving on by a span is not repeated: it would move on twice."""
    if isinstance(to, datetime):
        return send("PUT", "/v1/sandbox/clock", a.Clock, {"now": to.isoformat()})
    return send("PUT", "/v1/sandbox/clock", a.Clock, {"advance": int(to.total_seconds())}, again=False)


def add_party(party_id: str, name: str, country: str) -> "Call[a.Party]":
    """POST /v1/parties. Again is a 409 that says so."""
    return send("POST", "/v1/parties", a.Party, {"party_id": party_id, "name": name, "country": country}, again=False)


def add_key(
    party_id: str, name: str, roles: Sequence[str] = (), scopes: Sequence[str] = (), expires_at: datetime | None = None
) -> "Call[a.IssuedKey]":
    """POST /v1/parties/{party_id}/keys. Not repeated: each is another key."""
    limits: Json = {"roles": list(roles), "scopes": list(scopes), "expires_at": expires_at.isoformat() if expires_at else None}
    body: Json = {"name": name} | {limit: value for limit, value in limits.items() if value}
    return send("POST", f"/v1/parties/{quote(party_id, safe='')}/keys", a.IssuedKey, body, again=False)
