"""The evidence of a trade: everything a party may read of it, with hashes that lead back to the chain, in one ZIP."""

import base64
import contextlib
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.queries import Queries
from tradeflow.errors import Missing
from tradeflow.store import evidence
from tradeflow.store.once import once
from tradeflow.store.uow import Store

Json = dict[str, Any]
CHECK = Path(__file__).with_name("evidence_check.py")
READ_ME = """This is the evidence of trade {trade} as {party} may read it, made by a tradeflow hub on {at} (UTC).

manifest.json   every file with its SHA-256, and the hash of the last event
trade.json      the trade: states, documents, clocks, timeline
events.jsonl    one line for each event. `hash` is over the hash before it and what the event says; of the party's own events
                (of all events, where the operator of the hub made this) what is hashed is given, so that it can be computed again
documents/      every version of every document, canonical JSON, whose SHA-256 is the one that its events and prints name;
                a file that ends in .partial.json lacks fields that are withheld from this party, and says which
messages/       the messages as they were sent, byte for byte
check.py        checks all of it with nothing but Python 3: python3 check.py
"""


class Evidence:
    """Exports; and what the operator sees of the hub as a whole."""

    def __init__(self, store: Store, queries: Queries, documents: DocumentQueries) -> None:
        self._store, self._queries, self._documents = store, queries, documents

    async def export(self, caller: Caller, trade_id: str) -> bytes:
        """The ZIP of a trade for the caller. Raises Missing UNKNOWN_TRADE."""
        trade = await self._queries.trade(caller, trade_id)
        events = await evidence.events(self._store.acting(caller.acting, trade_id), trade_id)
        files: dict[str, bytes] = {"trade.json": msgspec.json.format(msgspec.json.encode(trade), indent=1)}
        files["events.jsonl"] = b"\n".join(msgspec.json.encode(_event(caller, row)) for row in events) + b"\n"
        files |= await self._of_documents(caller, trade_id, trade)
        files |= await self._of_messages(caller, trade_id, events)
        said = READ_ME.format(trade=trade_id, party=caller.party_id, at=trade["now"].strftime("%Y-%m-%d %H:%M"))
        files |= {"README.txt": said.encode(), "check.py": CHECK.read_bytes()}
        manifest = {
            "trade_id": trade_id,
            "party_id": caller.party_id,
            "made_at": trade["now"],
            "events": len(events),
            "head": events[-1]["hash"].hex() if events else "",
            "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(files.items())},
        }
        return _zipped({"manifest.json": msgspec.json.format(msgspec.json.encode(manifest), indent=1), **files})

    async def exports(self, caller: Caller, trade_ids: Sequence[str], more: bool = False) -> AsyncIterator[bytes]:
        """One ZIP with that of each trade, piece by piece: no more than one trade is held at a time.

        `index.json` comes last: every trade with the SHA-256 of its ZIP, and whether there were `more` than these. A trade that the
        caller left meanwhile is not among them.
        """
        written, index = _Written(), {}
        with zipfile.ZipFile(written, "w") as archive:
            for trade_id in trade_ids:
                with contextlib.suppress(Missing), once():
                    body = await self.export(caller, trade_id)
                    index[trade_id] = hashlib.sha256(body).hexdigest()
                    archive.writestr(_named(f"{_plain(trade_id)}.zip"), body)
                yield written.taken()
            said = {"party_id": caller.party_id, "trades": index, "more": more}
            archive.writestr(_named("index.json"), msgspec.json.format(msgspec.json.encode(said), indent=1))
        yield written.taken()

    async def _of_documents(self, caller: Caller, trade_id: str, trade: Json) -> dict[str, bytes]:
        files = {}
        for entry in trade["documents"]:
            found = await self._documents.versions(caller, trade_id, entry.type, entry.number)
            for row in found["items"]:
                asked = (trade_id, entry.type, entry.number, row["version"], "json")
                body, _, withheld, _ = await self._documents.document(caller, *asked)
                name = f"documents/{entry.type}/{_plain(entry.number)}.v{row['version']}"
                files[f"{name}.partial.json" if withheld else f"{name}.json"] = body
        return files

    async def _of_messages(self, caller: Caller, trade_id: str, events: list[Json]) -> dict[str, bytes]:
        files = {}
        for message_id in dict.fromkeys(row["message_id"] for row in events if row["message_id"]):
            with contextlib.suppress(Missing):
                body, content_type = await self._queries.message(caller, trade_id, UUID(str(message_id)))
                form = "xml" if "xml" in content_type else "json" if "json" in content_type else "txt"
                files[f"messages/{message_id}.{form}"] = body
        return files


class _Written(io.RawIOBase):
    """A file that is only written to; what was written is taken away as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def _named(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _event(caller: Caller, row: Json) -> Json:
    said = {name: row[name] for name in ("seq", "at", "kind", "party", "role", "message_id")}
    said |= {"prev_hash": row["prev_hash"].hex(), "hash": row["hash"].hex()}
    if caller.operator or row["party"] == caller.party_id:
        said |= {"key_id": row["key_id"], "body": base64.b64encode(row["body"]).decode()}
    return said


def _plain(number: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else f"%{ord(c):02X}" for c in number)


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(_named(name), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()
