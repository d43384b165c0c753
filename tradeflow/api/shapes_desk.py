"""The shapes of requests about drafts and comments."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from tradeflow.api.shapes import TradeId
from tradeflow.api.shapes_authority import TypeId

Content = Annotated[dict[str, Any], Meta(description="The document as far as it is written; it need not be right.")]

Revision = Annotated[int, Meta(ge=1, le=2**31 - 1, description="The one that was read; without it whatever is there is replaced.")]


class NewDraft(Struct, forbid_unknown_fields=True):
    """A draft to be kept, for a trade in which the caller takes part."""

    trade_id: TradeId
    message: TypeId
    document: Content


class ChangedDraft(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What was written since."""

    document: Content
    revision: Revision | None = None


class ReadComments(Struct, forbid_unknown_fields=True):
    """How far somebody has read a conversation."""

    last: Annotated[str, Meta(description="`last` of the conversation, or the id of an earlier comment.", min_length=1, max_length=40)]


class NewComment(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Something said about a document, to everybody who sees it."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    internal: Annotated[bool, Meta(description="To one's own party only.")] = False
