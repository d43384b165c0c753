"""What the quarantine answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Reason = Literal[
    "unknown_sender", "unreadable", "wrong_sender", "unknown_trade", "unknown_reference", "recipient_gone", "refused", "bounced", "failed"
]


class QuarantineCase(Struct):
    """Something that arrived by a channel and could not be taken."""

    quarantine_id: UUID
    party_id: Annotated[str, Meta(description="Who has to decide: a party, or `operator` where nobody knows the sender.")]
    sender: Annotated[str, Meta(description="The party that the channel had authenticated; empty for a stranger, whoever is named later.")]
    reason: Reason
    why: Annotated[str, Meta(description="The reason as a sentence.")]
    channel: Annotated[str, Meta(description="The kind of channel.", examples=["file_drop"])]
    address: Annotated[str, Meta(description="Where it came from.")]
    name: Annotated[str, Meta(description="The name of the file.")]
    content_type: str
    sha256: Annotated[str, Meta(description="The hash of the bytes.")]
    bytes: int
    trade_id: Annotated[str, Meta(description="The trade it names; empty where it cannot be read.")]
    type: str
    status: Annotated[int, Meta(description="The HTTP status that the last try would have had.")]
    answer: Annotated[dict[str, Any], Meta(description="The answer to the last try: a problem with its findings, or the receipt.")]
    state: Literal["waiting", "accepted", "rejected"]
    note: str
    tries: Annotated[int, Meta(description="How often it arrived or was tried again.")]
    received_at: datetime
    settled_at: datetime | None
    settled_by: Annotated[str, Meta(description="Party and key of who ended it.")]


class QuarantineCases(Struct):
    """Cases, the newest first. `next` is what to pass as `before` for older ones; null at the end."""

    items: list[QuarantineCase]
    next: UUID | None
