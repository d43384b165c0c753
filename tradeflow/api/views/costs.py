"""What the hub says of the costs of a trade, and of what is said in it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from tradeflow.api.views.desk import Comment


class CostTotal(Struct):
    """What a trade costs by now in one currency."""

    value: Decimal
    currency: str


class StatedCost(Struct, rename={"kind": "is"}):
    """A sum that a document states."""

    type: Annotated[str, Meta(description="Of the document it stands in.")]
    number: str
    kind: Annotated[
        Literal["billed", "deducted", "credited", "announced"], Meta(description="`announced` sums are in no total: they are not due yet.")
    ]
    value: Decimal
    currency: str
    name: str
    state: Annotated[str, Meta(description="Of the payable that follows it; empty where none does, or the caller does not see it.")]
    debtor: str
    others: Annotated[bool, Meta(description="Another party owes it: it is in no total.")]


class StayCost(Struct):
    """A container whose free time runs or is over."""

    container: str
    kind: Annotated[str, Meta(description="DEM, DET, PDM or STO.")]
    since: datetime
    free_until: datetime
    days_charged: Annotated[int, Meta(description="Up to today, today included.")]
    type: Annotated[str, Meta(description="Of the document with the tariff.")]
    number: str
    currency: str
    cost: Annotated[Decimal | None, Meta(description="By now; null where days are charged and no tariff is known.")]
    rate: Annotated[Decimal | None, Meta(description="What today costs; null while the time is free, or no tariff is known.")]


class TradeCosts(Struct):
    """What the documents that the caller sees say that a trade costs it; the price of the goods is no part of it."""

    now: Annotated[datetime, Meta(description="The hub's time, up to which days are charged.")]
    totals: Annotated[list[CostTotal], Meta(description="Billed, kept back and charged by now, less what was credited: by currency.")]
    stated: list[StatedCost]
    stays: list[StayCost]


class SaidInTrade(Comment):
    """A comment in the conversation of a trade."""

    new: Annotated[bool, Meta(description="Somebody else said it, and the caller, a person or a key, has not read it.")]


class Conversation(Struct):
    """What is said in a trade about documents that the caller sees, the last first: at most 500."""

    items: list[SaidInTrade]
    unread: Annotated[int, Meta(description="How many of them are new.")]
    last: Annotated[str, Meta(description="The id of the last one; empty where nobody said anything.")]
