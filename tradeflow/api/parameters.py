"""The parameters that several operations share, as annotations of their handlers."""

from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter, PathParameter, QueryParameter

TradeIdPath = Annotated[str, PathParameter(name="trade_id", description="The reference of the trade.")]
MessageIdPath = Annotated[UUID, PathParameter(name="message_id", description="The id its sender gave the message.")]
DeliveryIdPath = Annotated[UUID, PathParameter(name="delivery_id", description="The id of the delivery.")]
PartyIdPath = Annotated[str, PathParameter(name="party_id", description="The id of the party.")]
KeyIdPath = Annotated[str, PathParameter(name="key_id", description="The public part of the key.")]
TypePath = Annotated[str, PathParameter(name="type", description="A message type of the catalogue.")]
Limit = Annotated[int, QueryParameter(description="Items in one answer at most.", ge=1, le=500)]
AsRole = Annotated[
    str,
    QueryParameter(
        name="as",
        description="See no more than this role does: for the exporter, the importer and the operator, and for the role itself.",
        max_length=40,
    ),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 100 visible characters, new for each new request. With the same key the same request gets the first answer.",
        pattern=r"^[\x21-\x7e]{1,100}$",
        required=False,
    ),
]
