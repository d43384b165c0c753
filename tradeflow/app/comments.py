"""What people say about a document: to everybody who sees it, or among themselves."""

from datetime import UTC, datetime
from typing import Any

from tradeflow.app.access import Caller
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.model.ids import uuid7
from tradeflow.store import accounts, desk
from tradeflow.store.desk import Comment
from tradeflow.store.uow import Store

Json = dict[str, Any]


class Comments:
    """Comments are only added: a conversation about a document is part of what happened."""

    def __init__(self, store: Store, documents: DocumentQueries) -> None:
        self._store, self._documents = store, documents

    async def about(self, caller: Caller, trade_id: str, type_: str, number: str) -> list[Json]:
        """The last 500 that the caller may read, the first first. Raises Missing where it may not see the document."""
        await self._documents.seen(caller, trade_id, type_, number, None)
        return [shown(one) for one in await desk.said(self._store.acting(caller.acting, trade_id), trade_id, type_, number)]

    async def say(self, caller: Caller, trade_id: str, type_: str, number: str, text: str, internal: bool) -> Json:
        """Add one, in the name of the caller's party. `internal`: only that party reads it."""
        await self._documents.seen(caller, trade_id, type_, number, None)
        known = await accounts.by_id(self._store, caller.user_id) if caller.user_id else None
        name = known.account.name if known else ""
        made = Comment(*(trade_id, str(uuid7()), type_, number, caller.party_id, caller.key_id, name, internal, text), datetime.now(UTC))
        return shown(await desk.say(self._store.acting(caller.acting, trade_id), made))

    async def conversation(self, caller: Caller, trade_id: str) -> Json:
        """What is said in a trade about documents that the caller sees, the last first: `new` for whoever is signed in and did not say it.

        `last` is the id of the last one; `unread` how many are new. Raises Missing where the caller takes no part.
        """
        visible = await self._documents.visible(caller, trade_id)
        store = self._store.acting(caller.acting, trade_id)
        said = [one for one in await desk.said_in(store, trade_id) if (one.type, one.number) in visible]
        seen = await desk.seen(store, trade_id, caller.user_id) if said and caller.user_id else ""
        items = [shown(one) | {"new": bool(caller.user_id) and one.comment_id > seen and one.made_by != caller.key_id} for one in said]
        return {"items": items, "unread": sum(one["new"] for one in items), "last": said[0].comment_id if said else ""}

    async def newest(self, caller: Caller, trade_id: str) -> str:
        """The id of the last comment in a trade, seen or not: whether it is worth looking again. Not for the caller's eyes."""
        return await desk.last_said(self._store.acting(caller.acting, trade_id), trade_id)

    async def read(self, caller: Caller, trade_id: str, comment_id: str) -> None:
        """Whoever is signed in has read up to this comment. Raises Missing where the caller takes no part."""
        there = {one["comment_id"] for one in (await self.conversation(caller, trade_id))["items"]}
        if caller.user_id and comment_id in there:
            await desk.see(self._store.acting(caller.acting, trade_id), trade_id, caller.user_id, caller.party_id, comment_id)


def shown(comment: Comment) -> Json:
    """A comment as a reader sees it; which key or user made it is its party's to know."""
    return {name: getattr(comment, name) for name in Comment.__slots__ if name != "made_by"}
