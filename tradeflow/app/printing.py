"""A document of a trade on paper, as its reader may see it; and whether a hash that stands on a paper is that of a document."""

import logging
from typing import Any
from urllib.parse import quote

from tradeflow.app.access import Caller
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.payloads import Withheld, seen
from tradeflow.app.redaction import as_json, redacted
from tradeflow.codec import canonical
from tradeflow.errors import Missing, Unavailable
from tradeflow.model.document import Document
from tradeflow.pdf.page import Job
from tradeflow.pdf.press import Press
from tradeflow.pdf.reader import ENGLISH, Reader
from tradeflow.settings import Settings
from tradeflow.store.circulation import by_hash
from tradeflow.store.dispatches import Dispatch
from tradeflow.store.uow import Store

Json = dict[str, Any]
_log = logging.getLogger(__name__)


class Printing:
    """Prints documents and verifies prints."""

    def __init__(self, settings: Settings, store: Store, documents: DocumentQueries, press: Press) -> None:
        self._base, self._store, self._documents, self._press = verify_base(settings), store, documents, press

    async def printed(
        self,
        caller: Caller,
        trade_id: str,
        type_: str,
        number: str,
        version: int | None,
        as_role: str = "",
        reader: Reader = ENGLISH,
    ) -> tuple[bytes, list[str]]:
        """One version as a PDF for a reader, and the JSON Pointers of what is withheld from this one."""
        document, withheld = await self._documents.seen(caller, trade_id, type_, number, version, as_role)
        return await self._pressed(document, withheld, trade_id, reader)

    async def of_delivery(self, d: Dispatch) -> bytes:
        """The message of a delivery on paper, as its receiver may see it; empty where it cannot be printed: the data goes out."""
        try:
            return (await self._pressed(*await seen(self._store, d), d.trade_id))[0]
        except (Withheld, Unavailable):
            raise
        except Exception:  # noqa: BLE001 - whatever the press fails over must not hold up the document itself
            _log.exception("delivery %s cannot be printed", d.delivery_id)
            return b""

    async def _pressed(
        self, document: Document, withheld: frozenset[str], trade_id: str, reader: Reader = ENGLISH
    ) -> tuple[bytes, list[str]]:
        data, pointers = redacted(document, withheld)
        address = verify_address(self._base, trade_id, document.sha256)
        job = Job(
            document.type,
            canonical.encode(data),
            document.sha256,
            address,
            tuple(pointers),
            as_json(document, withheld),
            language=reader.language,
            bilingual=reader.bilingual,
        )
        return await self._press.printed(job), pointers

    async def verified(self, trade_id: str, sha256: str) -> Json:
        """What the hub knows of the document with this hash: whoever knows the hash has the document. Raises Missing."""
        found = await by_hash(self._store, trade_id, sha256)
        if found is None:
            raise Missing("UNKNOWN_DOCUMENT", "no document of this trade has this hash: the paper is not what was lodged here", 404)
        row = await self._store.read(trade_id)
        entry = row.state.documents.get(f"{found['type']}:{found['number']}") if row is not None else None
        current = found["version"] == found["newest"] and not (entry is not None and entry.withdrawn)
        return {"trade_id": trade_id, "sha256": sha256, **found, "current": current}

    async def close(self) -> None:
        await self._press.close()


def verify_base(settings: Settings) -> str:
    """The address that codes on paper lead to."""
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def verify_address(base: str, trade_id: str, sha256: str) -> str:
    """Where one document can be verified."""
    return f"{base}/v1/verify/{quote(trade_id, safe='')}/{sha256}"
