"""Channels that speak what a business adapter speaks: what leaves by them and what comes in."""

import asyncio
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.codec import canonical, formats
from tradeflow.codec.business.envelope import Answered, asked, completed
from tradeflow.codec.business.manifest import Adapter, adapters
from tradeflow.codec.business.translate import Heard, Translated, incoming, outgoing
from tradeflow.codec.wording import finding
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.document import Document
from tradeflow.store import answered as rows
from tradeflow.store.uow import Store

PARAMETER = "adapter"  # of a content type: what reads the bytes


def spoken() -> list[str]:
    """Everything a channel may speak: our own forms, the formats, the business adapters."""
    return ["json", "xml", *formats.kinds(), *adapters()]


def named(content_type: str, form: str) -> str:
    """The content type that also says by which adapter bytes are to be read, where the channel speaks one."""
    return f"{content_type or 'application/octet-stream'}; {PARAMETER}={form}" if form in adapters() else content_type


def adapter_of(content_type: str) -> tuple[Adapter | None, str]:
    """The adapter that a content type names, and the content type without it. BadInput UNSUPPORTED_MEDIA_TYPE for one that is not there."""
    media, *parameters = [part.strip() for part in content_type.split(";")]
    said = next((value.strip('" ') for name, _, value in (one.partition("=") for one in parameters) if name.lower() == PARAMETER), None)
    if said is None:
        return None, content_type
    known = adapters().get(said)
    if known is None:
        what = say("There is no adapter %(said)s; there are %(adapters)s.", said=repr(said[:40]), adapters=", ".join(adapters()))
        raise BadInput("UNSUPPORTED_MEDIA_TYPE", what, 415, findings=[finding("", what)])
    rest = [media, *(one for one in parameters if one.partition("=")[0].lower() != PARAMETER)]
    return known, "" if media == "application/octet-stream" else "; ".join(rest)


async def left(adapter: Adapter, document: Document, settings: dict[str, Any], now: Any) -> Translated:
    """A document as it leaves. BadInput where it cannot be said in the words of the partner's system."""
    return await asyncio.to_thread(outgoing, adapter, document, settings, now)


async def taken(store: Store, caller: Caller, adapter: Adapter, body: bytes) -> tuple[bytes, str] | None:
    """A file of the partner's system as a message for the main path: bytes and content type; None where it is none of the adapter's.

    A file that needed no word exchanged and no envelope completed stays the bytes that it is.
    """
    settings = await rows.adapter_settings(store, caller.party_id, adapter.id)
    heard = await asyncio.to_thread(incoming, adapter, body, settings)
    if heard is None:
        return None
    tree = completed(adapter, heard, caller.party_id, body, await _answered(store, caller, heard))
    if tree == heard.read and heard.flow.form in formats.kinds() and not adapter.class_name:
        return body, formats.kinds()[heard.flow.form].media_type
    return msgspec.json.encode(msgspec.json.decode(canonical.encode(tree))), "application/json"


async def _answered(store: Store, caller: Caller, heard: Heard) -> Answered | None:
    type_, number = asked(heard)
    if not number:
        return None
    said = heard.tree.get("message", {}).get("trade_id")
    found = [row for row in await rows.answered(store, caller.party_id, type_, number) if said in (None, row["trade_id"])]
    if len(found) == 1:
        row = found[0]
        return Answered(
            *(row["trade_id"], str(row["message_id"]), row["sender"], row["sender_role"], row["role"], row["version"], row["instance"])
        )
    if said is None:
        pointer = "/" + heard.flow.number.replace(".", "/")
        trades = ", ".join(row["trade_id"] for row in found)
        what = (
            say("%(number)s stands for a %(type)s in several trades: %(trades)s.", number=number[:60], type=type_, trades=trades)
            if found
            else say("No %(type)s %(number)s was sent to you.", type=type_, number=number[:60])
        )
        hint = "Say which trade is meant." if found else "Compare the number with that of the document that you answer."
        raise BadInput("UNKNOWN_TRADE", what, 404, findings=[finding(pointer, what, hint=hint, found=number[:60])])
    return None
