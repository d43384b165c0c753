"""What is sent through a channel: the message as its receiver may see it, in the form the channel wants."""

from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.redaction import as_json, as_xml
from tradeflow.app.sight import Sight
from tradeflow.codec import canonical
from tradeflow.store.circulation import circulation, message
from tradeflow.store.dispatches import Dispatch
from tradeflow.store.uow import Store

JSON, XML = "application/json", "application/xml"


class Withheld(Exception):
    """The receiver may not see this message, and yet it was put on its way."""


async def payload(store: Store, d: Dispatch, form: str) -> tuple[bytes, str]:
    """The bytes and their content type. A notice is JSON whatever the channel wants: it is no document."""
    if d.kind == "notice":
        said = msgspec.json.decode(d.body)
        return msgspec.json.encode({"trade_id": d.trade_id, "type": d.type, "function": d.function, "notice": said}), JSON
    row, trade = await message(store, d.trade_id, d.message_id), await store.read(d.trade_id)  # type: ignore[arg-type]
    if row is None or trade is None:
        raise Withheld(f"message {d.message_id} of trade {d.trade_id} is not stored")
    document = canonical.load(row["type"], row["canonical"])
    sight = Sight.of(Caller(d.party_id, "channel"), trade.state, await circulation(store, d.trade_id))
    withheld = sight.message(d.message_id, document.data)
    if withheld is None:
        raise Withheld(f"{d.party_id} may not see message {d.message_id}")
    return (as_xml(document, withheld), XML) if form == "xml" else (as_json(document, withheld), JSON)


def specimen(party_id: str, form: str) -> tuple[bytes, str]:
    """What a test delivery holds."""
    said: dict[str, Any] = {"test": True, "party_id": party_id, "text": "A test of this channel. There is nothing to do."}
    if form == "xml":
        return b'<?xml version="1.0" encoding="UTF-8"?>\n<test>A test of this channel. There is nothing to do.</test>\n', XML
    return msgspec.json.encode(said), JSON
