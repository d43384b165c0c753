"""Documents as a reader may see them: one version, the list of versions, what two of them differ in, and what is in force."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.documents import DocumentLoader
from tradeflow.app.redaction import MARKER, as_format, as_json, as_xml, marker, redacted
from tradeflow.app.refusals import known
from tradeflow.app.sight import Sight
from tradeflow.app.telling import telling
from tradeflow.codec import canonical
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.machine.in_force import CHANGE, amended, in_force, is_in_force
from tradeflow.machine.needs import with_changes
from tradeflow.model.catalogue import catalogue
from tradeflow.model.credit import AMENDMENT, CREDIT, CreditInForce
from tradeflow.model.difference import differences
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.format import Loss
from tradeflow.model.trade import TradeState
from tradeflow.rules.wording import plain
from tradeflow.store.circulation import circulation, versions
from tradeflow.store.uow import Store

Json = dict[str, Any]
ORDERS = ("purchase_order", "sales_order", CHANGE)


class DocumentQueries:
    """Reads of the documents of trades."""

    def __init__(self, store: Store, loader: DocumentLoader) -> None:
        self._store, self._loader = store, loader

    async def document(
        self, caller: Caller, trade_id: str, type_: str, number: str, version: int | None, form: str, as_role: str = ""
    ) -> tuple[bytes, str, list[str], tuple[Loss, ...]]:
        """One version in a form, its content type, the JSON Pointers of what is withheld, and what the form loses of the rest."""
        document, withheld = await self.seen(caller, trade_id, type_, number, version, as_role)
        pointers = redacted(document, withheld)[1]
        if form == "json":
            return as_json(document, withheld), "application/json", pointers, ()
        if form == "xml":
            return as_xml(document, withheld), "application/xml", pointers, ()
        media_type, body, losses = await asyncio.to_thread(as_format, document, withheld, form)
        return body, media_type, pointers, losses

    async def seen(
        self, caller: Caller, trade_id: str, type_: str, number: str, version: int | None, as_role: str = ""
    ) -> tuple[Document, frozenset[str]]:
        """One version whole, and the paths of it that the caller may not see."""
        sight, found = await self._versions(caller, trade_id, type_, number, as_role)
        row = next((r for r in reversed(found) if version in (None, r["version"])), None)
        if row is None:
            raise self._unknown(caller, trade_id, type_, number)
        return self._read(type_, row, sight)

    async def versions(self, caller: Caller, trade_id: str, type_: str, number: str) -> Json:
        """Every version of a document that the caller may read: who lodged it, when, with which function, and its hashes."""
        _, found = await self._versions(caller, trade_id, type_, number)
        if not found:
            raise self._unknown(caller, trade_id, type_, number)
        return {"trade_id": trade_id, "type": type_, "number": number, "items": [_line(type_, row) for row in found]}

    async def difference(self, caller: Caller, trade_id: str, type_: str, number: str, old: int | None, new: int | None) -> Json:
        """What two versions differ in, as far as the caller may read both; by default the newest and the one before it."""
        sight, found = await self._versions(caller, trade_id, type_, number)
        if not found:
            raise self._unknown(caller, trade_id, type_, number)
        by_version = {row["version"]: row for row in found}
        to = new or found[-1]["version"]
        since = old or max((v for v in by_version if v < to), default=to)
        missing = [v for v in (since, to) if v not in by_version]
        if missing:
            raise Missing(
                "UNKNOWN_DOCUMENT",
                say(
                    "%(type)s %(number)s has no version %(missing)s for %(party_id)s",
                    type=type_,
                    number=number,
                    missing=missing[0],
                    party_id=caller.party_id,
                ),
                404,
            )
        sides = []
        for version in (since, to):
            document, withheld = self._read(type_, by_version[version], sight)
            data, pointers = redacted(document, withheld)
            sides.append((Document(type_, data, document.canonical, document.sha256, document.payload_sha256), pointers))
        items = [
            {"pointer": d.pointer, "name": d.name, "line": d.line, "old": plain(d.old), "new": plain(d.new)}
            for d in differences(catalogue().message(type_), sides[0][0], sides[1][0])
        ]
        hidden = sorted({*sides[0][1], *sides[1][1]})
        return {"trade_id": trade_id, "type": type_, "number": number, "from": since, "to": to, "items": items, MARKER: hidden}

    async def agreed(self, caller: Caller, trade_id: str, type_: str, number: str) -> Json:
        """What is agreed now: the credit as amended, the order as last changed, any other document in its newest version."""
        state = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id).state
        if f"{type_}:{number}" not in state.documents:
            raise self._unknown(caller, trade_id, type_, number)
        sight, entry = await self._sight(caller, state), state.documents[f"{type_}:{number}"]
        if entry.withdrawn:
            seen = sight.message(entry.message_id) is not None
            gone = Missing(
                "UNKNOWN_DOCUMENT",
                say("%(type)s %(number)s was withdrawn or cancelled: nothing of it is in force", type=type_, number=number),
                404,
            )
            raise gone if seen else self._unknown(caller, trade_id, type_, number)
        docs = await self._loader.load(state, with_changes([type_, *(ORDERS if type_ in ORDERS else ())]))
        subject = next(d for d in docs.documents if d.number == number and d.type == type_)
        view, sources = _agreed(subject, docs, state)
        taken = [sight.message(state.documents[f"{d.type}:{d.number}"].message_id, d.data) for d in sources]
        if taken[0] is None:
            raise self._unknown(caller, trade_id, type_, number)
        if any(one is None for one in taken):
            raise Refused(
                "FORBIDDEN_VIEW",
                say(
                    "%(type)s %(number)s was changed by a document that %(party_id)s may not see",
                    type=type_,
                    number=number,
                    party_id=caller.party_id,
                ),
                403,
            )
        data, pointers = redacted(view.document, frozenset().union(*(one for one in taken if one is not None)))
        shown = {name: value for name, value in data.items() if name != "message"}
        return {
            "trade_id": trade_id,
            "type": view.document.type,
            "number": view.document.number,
            "made_of": [{"type": d.type, "number": d.number, "version": d.version, "sha256": d.sha256} for d in sources],
            "amendments": view.amendments,
            "in_words": view.in_words if not pointers else [],
            "document": msgspec.json.decode(canonical.encode(shown)),
            MARKER: marker(view.document, pointers)["fields"],
        }

    async def visible(self, caller: Caller, trade_id: str) -> set[tuple[str, str]]:
        """The documents that the caller sees, by type and number. Raises Missing where it takes no part."""
        state = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id).state
        sight = (await telling(self._store, self._loader, caller, state)).sight
        return {(entry.type, entry.number) for entry in state.documents.values() if sight.message(entry.message_id) is not None}

    async def _versions(
        self, caller: Caller, trade_id: str, type_: str, number: str, as_role: str = ""
    ) -> tuple[Sight, list[dict[str, Any]]]:
        state = known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id).state
        sight = await self._sight(caller, state, as_role)
        found = await versions(self._store.acting(caller.acting, trade_id), trade_id, type_, number)
        return sight, [row for row in found if sight.message(row["message_id"]) is not None]

    async def _sight(self, caller: Caller, state: TradeState, as_role: str = "") -> Sight:
        return Sight.of(caller, state, await circulation(self._store, state.trade_id), as_role)

    def _read(self, type_: str, row: dict[str, Any], sight: Sight) -> tuple[Document, frozenset[str]]:
        document = canonical.load(type_, row["body"])
        withheld = sight.message(UUID(str(row["message_id"])), document.data)
        assert withheld is not None, "versions that may not be seen were left out"
        return document, withheld

    def _unknown(self, caller: Caller, trade_id: str, type_: str, number: str) -> Missing:
        return Missing(
            "UNKNOWN_DOCUMENT",
            say(
                "there is no %(type)s %(number)s in trade %(trade_id)s for %(party_id)s",
                type=type_,
                number=number,
                trade_id=trade_id,
                party_id=caller.party_id,
            ),
            404,
        )


def _line(type_: str, row: dict[str, Any]) -> Json:
    """One version: who lodged it, when, with which function, and its hashes."""
    document = canonical.load(type_, row["body"])
    said = {name: row[name] for name in ("version", "role", "lodged_at", "message_id", "sha256")}
    sender = {"function": document.get("message.function"), "sender": document.get("message.sender.party_id")}
    return said | sender | {"payload_sha256": document.payload_sha256}


def _agreed(subject: Document, docs: DocumentSet, state: TradeState) -> tuple[CreditInForce, list[Document]]:
    """The document in force for this one, and the documents it is made of."""
    if subject.type == CREDIT:
        view = amended(subject, docs, state)
        applied = [d for d in docs.of(AMENDMENT) if d.get("lc_number") == subject.number and d.get("amendment_no") in view.amendments]
        return view, [subject, *applied]
    if subject.type in ORDERS:
        accepted = [d for d in in_force(docs, state).of(CHANGE) if is_in_force(d, state.attributes)]
        if accepted:
            return CreditInForce(accepted[-1]), [accepted[-1]]
    return CreditInForce(subject), [subject]
