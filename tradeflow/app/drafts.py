"""Drafts that a party keeps: a document as far as somebody wrote it, for anybody of the party to finish. Nothing of it is in a trade."""

from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.guidance import message_type
from tradeflow.app.refusals import known
from tradeflow.codec import canonical
from tradeflow.errors import Missing, Refused
from tradeflow.language.sentences import say
from tradeflow.model.document import get
from tradeflow.model.ids import uuid7
from tradeflow.store import desk
from tradeflow.store.desk import SavedDraft
from tradeflow.store.uow import Store

Json = dict[str, Any]


class Drafts:
    """The drafts of parties; each sees its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, caller: Caller, trade_id: str, message: str, document: Json) -> Json:
        """Keep a new one, for a trade in which the party takes part."""
        kind = message_type(message)
        known(await self._store.acting(caller.acting).read(trade_id), caller, trade_id)
        made = (str(uuid7()), caller.party_id, trade_id, kind.id, _number(document), canonical.encode(document), caller.key_id)
        return shown(await desk.add(self._own(caller), *made))

    async def keep(self, caller: Caller, draft_id: str, document: Json, revision: int | None) -> Json:
        """Keep what was written since. Raises Refused DRAFT_CHANGED where somebody else kept it after `revision` was read."""
        saved = await desk.keep(
            self._own(caller), draft_id, caller.party_id, revision, _number(document), canonical.encode(document), caller.key_id
        )
        if saved is None:
            now = await self._found(caller, draft_id)
            raise Refused(
                "DRAFT_CHANGED",
                say(
                    "%(saved_by)s kept this draft meanwhile (revision %(revision)s); nothing was overwritten",
                    saved_by=now.saved_by,
                    revision=now.revision,
                ),
                409,
            )
        return shown(saved)

    async def of(self, caller: Caller, trade_id: str = "") -> list[Json]:
        """The drafts of the caller's party without what they say, the last saved first."""
        return [shown(one) for one in await desk.drafts(self._own(caller), caller.party_id, trade_id)]

    async def draft(self, caller: Caller, draft_id: str) -> Json:
        """One with its document. Raises Missing UNKNOWN_DRAFT."""
        found = await self._found(caller, draft_id)
        return shown(found) | {"document": msgspec.json.decode(found.body)}

    async def drop(self, caller: Caller, draft_id: str) -> None:
        """Throw one away. Raises Missing UNKNOWN_DRAFT."""
        if not await desk.drop(self._own(caller), draft_id, caller.party_id):
            raise _unknown(draft_id)

    async def _found(self, caller: Caller, draft_id: str) -> SavedDraft:
        found = await desk.draft(self._own(caller), draft_id, caller.party_id)
        if found is None:
            raise _unknown(draft_id)
        return found

    def _own(self, caller: Caller) -> Store:
        return self._store.acting(caller.acting)


def shown(draft: SavedDraft) -> Json:
    """A draft as its party sees it, without what it says."""
    said = {name: getattr(draft, name) for name in SavedDraft.__slots__ if name not in ("body", "party_id")}
    return said | {"trade_id": said.pop("into_trade")}


def _number(document: Json) -> str:
    found = get(document, "document.number")
    return found[:70] if isinstance(found, str) else ""


def _unknown(draft_id: str) -> Missing:
    return Missing("UNKNOWN_DRAFT", say("there is no draft %(draft_id)s, or it is another party's", draft_id=draft_id), 404)
