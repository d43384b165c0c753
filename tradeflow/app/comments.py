"""What people say about a document: to everybody who sees it, or among themselves."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tradeflow.app.access import Caller
from tradeflow.app.document_queries import DocumentQueries
from tradeflow.app.sight import Sight
from tradeflow.errors import BadInput
from tradeflow.language.sentences import say
from tradeflow.model.ids import uuid7
from tradeflow.store import accounts, desk, work
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
        """What is said in a trade about documents that the caller sees, the last first: `new` until this person, or this key, has read it.

        `last` is the id of the last one; `unread` how many are new. Raises Missing where the caller takes no part.
        """
        visible = await self._documents.visible(caller, trade_id)
        store = self._store.acting(caller.acting, trade_id)
        said = [one for one in await desk.said_in(store, trade_id) if (one.type, one.number) in visible]
        seen = await desk.seen(store, trade_id, reader(caller)) if said else ""
        items = [shown(one) | {"new": one.comment_id > seen and one.made_by != caller.key_id} for one in said]
        return {"items": items, "unread": sum(one["new"] for one in items), "last": said[0].comment_id if said else ""}

    async def newest(self, caller: Caller, trade_id: str) -> str:
        """The id of the last comment in a trade, seen or not: whether it is worth looking again. Not for the caller's eyes."""
        return await desk.last_said(self._store.acting(caller.acting, trade_id), trade_id)

    async def read(self, caller: Caller, trade_id: str, comment_id: str) -> Json:
        """This person, or this key, has read up to this comment: the conversation as it is then. What was read once stays read.

        Raises Missing where the caller takes no part, BadInput where there is no such comment for its eyes.
        """
        if comment_id not in {one["comment_id"] for one in (await self.conversation(caller, trade_id))["items"]}:
            raise BadInput("INVALID_REQUEST", say("nothing that you see was said under the id %(id)s", id=comment_id[:40]), 422)
        await desk.see(self._store.acting(caller.acting, trade_id), trade_id, reader(caller), caller.party_id, comment_id)
        return await self.conversation(caller, trade_id)

    async def unread(self, caller: Caller, trade_ids: list[str]) -> dict[str, int]:
        """How many comments are new to this person, or this key, by trade that has some; few queries for any number."""
        found = await desk.unread(self._store, trade_ids, caller.party_id, reader(caller), caller.key_id) if trade_ids else []
        ids = sorted({one.trade_id for one in found})
        if not ids:
            return {}
        states = await work.states(self._store.acting(caller.acting), ids)
        circulated = await work.circulated(self._store, states, {one.type for one in found})
        counted: Counter[str] = Counter()
        for one in found:
            state = states.get(one.trade_id)
            entry = state.documents.get(f"{one.type}:{one.number}") if state else None
            if state and entry and Sight.of(caller, state, circulated[one.trade_id]).message(entry.message_id) is not None:
                counted[one.trade_id] += one.count
        return dict(counted)


def reader(caller: Caller) -> str:
    """Who reads: a person, or a program by its key."""
    return caller.user_id or caller.key_id


def shown(comment: Comment) -> Json:
    """A comment as a reader sees it; which key or user made it is its party's to know."""
    return {name: getattr(comment, name) for name in Comment.__slots__ if name != "made_by"}
