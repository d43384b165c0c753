"""What is sent through a channel: the message as its receiver may see it, in the form the channel wants."""

import asyncio
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.redaction import as_format, as_json, as_xml, visible
from tradeflow.app.sight import Sight
from tradeflow.app.translation import left
from tradeflow.codec import canonical, formats
from tradeflow.codec.business.manifest import adapters
from tradeflow.codec.business.translate import Translated
from tradeflow.errors import BadInput
from tradeflow.model.document import Document
from tradeflow.store.circulation import circulation, message
from tradeflow.store.dispatches import Dispatch, Line
from tradeflow.store.uow import Store

JSON, XML = "application/json", "application/xml"


class Withheld(Exception):
    """The receiver may not see this message, and yet it was put on its way."""


async def payload(store: Store, d: Dispatch, line: Line) -> Translated:
    """What leaves, in the form that the channel wants. A notice is JSON whatever it wants: it is no document.

    What has no form in a format goes as JSON. Raises Withheld, and BadInput where an adapter cannot say it.
    """
    if d.kind == "notice":
        said = msgspec.json.decode(d.body)
        return Translated(
            msgspec.json.encode({"trade_id": d.trade_id, "type": d.type, "function": d.function, "notice": said}), JSON, ".json"
        )
    document, withheld = await seen(store, d)
    if adapter := adapters().get(line.format):
        return await left(adapter, visible(document, withheld), line.settings.get("adapter", {}), d.now)
    if line.format in formats.kinds():
        try:
            media_type, body, losses = await asyncio.to_thread(as_format, document, withheld, line.format)
        except BadInput:  # it has no such form
            return Translated(as_json(document, withheld), JSON, ".json")
        return Translated(body, media_type, formats.kinds()[line.format].suffixes[0], losses)
    if line.format == "xml":
        return Translated(as_xml(document, withheld), XML, ".xml")
    return Translated(as_json(document, withheld), JSON, ".json")


async def seen(store: Store, d: Dispatch) -> tuple[Document, frozenset[str]]:
    """The message of a delivery, and the paths that are withheld from its receiver. Raises Withheld."""
    row, trade = await message(store, d.trade_id, d.message_id), await store.read(d.trade_id)  # type: ignore[arg-type]
    if row is None or trade is None:
        raise Withheld(f"message {d.message_id} of trade {d.trade_id} is not stored")
    document = canonical.load(row["type"], row["canonical"])
    sight = Sight.of(Caller(d.party_id, "channel"), trade.state, await circulation(store, d.trade_id))
    withheld = sight.message(d.message_id, document.data)
    if withheld is None:
        raise Withheld(f"{d.party_id} may not see message {d.message_id}")
    return document, withheld


def specimen(party_id: str, form: str) -> tuple[bytes, str]:
    """What a test delivery holds."""
    said: dict[str, Any] = {"test": True, "party_id": party_id, "text": "A test of this channel. There is nothing to do."}
    if form == "xml":
        return b'<?xml version="1.0" encoding="UTF-8"?>\n<test>A test of this channel. There is nothing to do.</test>\n', XML
    return msgspec.json.encode(said), JSON
