"""What the hub says while a document is written: a check, drafts that are kept, comments."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tradeflow.api.views.trades import Move
from tradeflow.draft import Origin
from tradeflow.model.finding import Finding


class ComputedValue(Struct):
    """A value that follows from what stands in the document: what it should be now, whatever is there."""

    pointer: Annotated[str, Meta(description="JSON Pointer into the document.")]
    value: Any
    origin: Origin


class Check(Struct):
    """What lodging the message now would answer."""

    message: str
    would: Annotated[
        Literal["accept", "wait", "refuse"], Meta(description="`wait`: it is right, and a second person of the party would release it.")
    ]
    code: Annotated[str, Meta(description="What it would be refused with; else empty.")]
    detail: str
    waits_because: str
    findings: Annotated[list[Finding], Meta(description="Everything that is wrong or worth a look, each with its place.")]
    moved: Annotated[list[Move], Meta(description="What it would do in the trade.")]
    computed: list[ComputedValue]


class SavedDraft(Struct):
    """A draft that a party keeps."""

    draft_id: str
    trade_id: str
    type: str
    number: str
    revision: Annotated[int, Meta(description="One more each time it is kept.")]
    saved_by: Annotated[str, Meta(description="The key or user that kept it last.")]
    created_at: datetime
    saved_at: datetime


class SavedDrafts(Struct):
    """The drafts of a party, the last saved first."""

    items: list[SavedDraft]


class SavedDraftWhole(SavedDraft):
    """A draft with what it says."""

    document: dict[str, Any]


class Comment(Struct):
    """What somebody said about a document."""

    trade_id: str
    comment_id: str
    type: str
    number: str
    party_id: str
    name: Annotated[str, Meta(description="Of the person, where it was one and not a program.")]
    internal: Annotated[bool, Meta(description="Only its own party reads it.")]
    text: str
    made_at: datetime


class Comments(Struct):
    """What is said about a document, the first first: the last 500."""

    items: list[Comment]
