"""What partners' systems say about what was sent to them, in the words of their format, on whatever channel it comes.

A CONTRL or APERAK is no message of a trade: it says of a delivery whether its receiver's system takes it. Sender and receiver see that
among the attempts. Where it rejects, the delivery waits for a person, who mends the cause and sends it again.
"""

import asyncio
import hashlib
import uuid
from dataclasses import replace

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer
from tradeflow.codec import formats
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.format import Acknowledgement
from tradeflow.model.ids import short_reference
from tradeflow.store import interchanges, reads
from tradeflow.store.interchanges import Row
from tradeflow.store.uow import Store

RULE, SOURCE = "M-GEN-02", "ISO 9735, syntax error 26"


class Acknowledging:
    """Takes acknowledgements, and tells a file that came before from one that only has its reference."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, caller: Caller, body: bytes, format_: str) -> Answer | None:
        """Note what a file acknowledges, all of it or nothing; None where it acknowledges nothing. BadInput, Missing UNKNOWN_DELIVERY."""
        said = [_readable(one) for one in await asyncio.to_thread(formats.acknowledgements, body, format_)]
        if not said:
            return None
        found = [(one, await self._delivered(caller, one)) for one in said]
        unknown = [_unknown(one) for one, rows in found if not rows]
        if unknown:
            raise Missing("UNKNOWN_DELIVERY", unknown[0].message, 404, findings=unknown)
        for one, rows in found:
            await interchanges.note(self._store, rows, one.accepted, f"{one.kind}: {one.said}")
            for row in rows if one.accepted else ():
                await reads.acknowledge(self._store, caller.party_id, row["delivery_id"])
        items = [_item(one, row) for one, rows in found for row in rows]
        return Answer(200, msgspec.json.encode({"acknowledgements": items}))

    async def first(self, caller: Caller, body: bytes, format_: str) -> str:
        """The reference of a file that is not used up yet, "" where there is none. Refused DUPLICATE_MESSAGE for one with other content."""
        reference = await asyncio.to_thread(formats.interchange, body, format_)
        before = await interchanges.seen(self._store, caller.party_id, reference) if reference else None
        if before and before["sha256"] != _hash(body):
            number = reference.rpartition("/")[2]
            says = say(
                "The interchange control reference %(number)s was used for another file on %(received_at)s UTC.",
                number=number,
                received_at=f"{before['received_at']:%Y-%m-%d %H:%M}",
            )
            hint = "Give every interchange a reference of its own; to send the first one again, repeat it unchanged."
            finding = Finding(RULE, Severity.ERROR, "", says, hint, _hash(body), before["sha256"], source=SOURCE)
            raise Refused("DUPLICATE_MESSAGE", says, 409, findings=[finding])
        return reference if before is None else ""

    async def accepted(self, caller: Caller, reference: str, body: bytes) -> None:
        """A file went in: its reference is used up. One that was refused leaves it free, as it does its message id."""
        if reference:
            await interchanges.remember(self._store, caller.party_id, reference, _hash(body))

    async def _delivered(self, caller: Caller, one: Acknowledgement) -> list[Row]:
        for reference in one.references:
            if rows := await interchanges.delivered(self._store, caller.party_id, _short(reference)):
                return rows
        return []


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _short(reference: str) -> str:
    """A message id as the reference that stands for it; anything else as it is."""
    try:
        return short_reference(uuid.UUID(reference))
    except ValueError:
        return reference


def _readable(one: Acknowledgement) -> Acknowledgement:
    """What a stranger wrote, as people can read it and the database can keep it."""
    said, *references = ("".join(c if c.isprintable() else " " for c in text) for text in (one.said, *one.references))
    return replace(one, said=said, references=tuple(references))


def _unknown(one: Acknowledgement) -> Finding:
    named = ", ".join(reference[:40] for reference in one.references)
    what = say("The %(kind)s answers %(named)s; nothing was delivered to you under that reference.", kind=one.kind, named=named)
    hint = "Repeat the reference of the file that you got (UNB 0020), the id of its message or the number of its document."
    return Finding("M-GEN-01", Severity.ERROR, "", what, hint, found=named)


def _item(one: Acknowledgement, row: Row) -> Row:
    about = {name: row[name] for name in ("trade_id", "delivery_id", "message_id", "type")}
    return {"kind": one.kind, "accepted": one.accepted, "said": one.said[:500], **about}
