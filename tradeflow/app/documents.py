"""The documents a decision reads: current versions, parsed once and kept by their hash."""

from collections import OrderedDict
from collections.abc import Iterable

from tradeflow.codec import canonical
from tradeflow.model.document import Document, DocumentSet
from tradeflow.model.trade import DocumentEntry, TradeState
from tradeflow.store.uow import Store

_KEPT_MAX = 2_000  # parsed documents; about 20 kB each


class DocumentLoader:
    """Loads by hash and keeps what it parsed: content is immutable, so nothing here can go stale."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, Document] = OrderedDict()

    async def load(
        self, state: TradeState, types: Iterable[str], lodged: Document | None = None, *, withdrawn: bool = False
    ) -> DocumentSet:
        """The current documents of these types, oldest first; `lodged` is at hand and not stored yet. Those withdrawn only if asked for."""
        wanted = set(types)
        if lodged is not None:
            self.keep(lodged)
        entries = [entry for entry in (state.documents.values() if withdrawn else state.standing) if entry.type in wanted]
        missing = [entry.sha256 for entry in entries if entry.sha256 not in self._kept]
        bodies = await self._store.bodies(state.trade_id, missing) if missing else {}
        return DocumentSet([self._document(entry, bodies) for entry in entries])

    def keep(self, document: Document) -> None:
        """Remember a document that was just lodged: the next message of the trade will read it."""
        self._kept[document.sha256] = document
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)

    def _document(self, entry: DocumentEntry, bodies: dict[str, bytes]) -> Document:
        document = self._kept.get(entry.sha256)
        if document is None:
            document = canonical.load(entry.type, bodies[entry.sha256])
            self.keep(document)
        else:
            self._kept.move_to_end(entry.sha256)
        return document
