"""What people write before and about documents: drafts that are kept, and comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradeflow.store.uow import Store

DRAFTS_MAX = 500


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft of a party. `body` is JSON, finished or not."""

    draft_id: str
    party_id: str
    into_trade: str
    type: str
    number: str
    revision: int
    body: bytes
    saved_by: str
    created_at: datetime
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody of a party said about a document. `internal`: to its own party."""

    trade_id: str
    comment_id: str
    type: str
    number: str
    party_id: str
    made_by: str
    name: str
    internal: bool
    text: str
    made_at: datetime


_DRAFT = ", ".join(SavedDraft.__slots__)
_ADD = f"INSERT INTO saved_draft ({_DRAFT}) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, tf_now(), tf_now()) RETURNING {_DRAFT}"  # noqa: S608
_KEEP = f"""
UPDATE saved_draft SET number = $4, body = $5, saved_by = $6, saved_at = tf_now(), revision = revision + 1
WHERE draft_id = $1 AND party_id = $2 AND ($3::integer IS NULL OR revision = $3) RETURNING {_DRAFT}
"""  # noqa: S608 - the columns are ours
_LIST = f"""
SELECT {_DRAFT} FROM saved_draft WHERE party_id = $1 AND ($2 = '' OR into_trade = $2) ORDER BY saved_at DESC, draft_id LIMIT {DRAFTS_MAX}
"""  # noqa: S608
_COMMENT = ", ".join(Comment.__slots__)
_SAY = f"INSERT INTO document_comment ({_COMMENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, tf_now()) RETURNING {_COMMENT}"  # noqa: S608
_SAID = f"""
SELECT {_COMMENT} FROM document_comment WHERE trade_id = $1 AND type = $2 AND number = $3 ORDER BY comment_id DESC LIMIT 500
"""  # noqa: S608
_SAID_IN = f"SELECT {_COMMENT} FROM document_comment WHERE trade_id = $1 ORDER BY comment_id DESC LIMIT 500"  # noqa: S608
_LAST_SAID = "SELECT max(comment_id) FROM document_comment WHERE trade_id = $1"
_SEEN = "SELECT comment_id FROM comment_seen WHERE trade_id = $1 AND user_id = $2"
_UNREAD = """
SELECT c.trade_id, c.type, c.number, count(*) FROM document_comment c
LEFT JOIN comment_seen s ON s.trade_id = c.trade_id AND s.user_id = $3
WHERE c.trade_id = ANY ($1::text[]) AND (NOT c.internal OR c.party_id = $2) AND c.made_by <> $4
    AND c.comment_id > coalesce(s.comment_id, '')
GROUP BY c.trade_id, c.type, c.number
"""
_SEE = """
INSERT INTO comment_seen AS s (trade_id, user_id, party_id, comment_id, seen_at) VALUES ($1, $2, $3, $4, tf_now())
ON CONFLICT (trade_id, user_id) DO UPDATE SET comment_id = excluded.comment_id, seen_at = excluded.seen_at
WHERE s.comment_id < excluded.comment_id
"""
_FIND = f"SELECT {_DRAFT} FROM saved_draft WHERE draft_id = $1 AND party_id = $2"  # noqa: S608
_LAST = """
SELECT p.body FROM message m JOIN payload p ON p.trade_id = m.trade_id AND p.sha256 = m.sha256
WHERE m.sender = $1 AND m.type = $2 AND m.trade_id <> $3 AND m.verdict = 'accepted' ORDER BY m.received_at DESC LIMIT 1
"""

_SENT_BEFORE = """
SELECT m.type, p.body FROM unnest($2::text[]) AS asked (type) CROSS JOIN LATERAL (
    SELECT trade_id, type, sha256, received_at FROM message
    WHERE sender = $1 AND type = asked.type AND verdict = 'accepted' AND ($4::text[] IS NULL OR role = ANY ($4))
    ORDER BY received_at DESC LIMIT $3
) m JOIN payload p ON p.trade_id = m.trade_id AND p.sha256 = m.sha256 ORDER BY m.received_at DESC
"""


async def sent_before(
    store: Store, party_id: str, types: Sequence[str], limit: int, roles: frozenset[str] | None
) -> list[tuple[str, bytes]]:
    """The newest messages of each type that a party sent in any trade, in these roles or any, the newest first, in the canonical form."""
    held = None if roles is None else sorted(roles)
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.fetch(_SENT_BEFORE, party_id, list(types), limit, held)]


async def last_sent(store: Store, party_id: str, type_: str, but: str) -> bytes | None:
    """The newest message of a type that a party sent in another trade, in the canonical form."""
    async with store.connection() as connection:
        found: bytes | None = await connection.fetchval(_LAST, party_id, type_, but)
    return found


async def add(store: Store, draft_id: str, party_id: str, trade: str, type_: str, number: str, body: bytes, by: str) -> SavedDraft:
    """Keep a new draft."""
    async with store.connection() as connection:
        return SavedDraft(**await connection.fetchrow(_ADD, draft_id, party_id, trade, type_, number, body, by))


async def keep(store: Store, draft_id: str, party_id: str, revision: int | None, number: str, body: bytes, by: str) -> SavedDraft | None:
    """Keep a draft anew. None where there is none, or none at this revision."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_KEEP, draft_id, party_id, revision, number, body, by)
    return SavedDraft(**row) if row else None


async def drafts(store: Store, party_id: str, trade: str) -> list[SavedDraft]:
    """The drafts of a party, those of one trade if one is named, the last saved first."""
    async with store.connection() as connection:
        return [SavedDraft(**row) for row in await connection.fetch(_LIST, party_id, trade)]


async def draft(store: Store, draft_id: str, party_id: str) -> SavedDraft | None:
    """A draft of a party."""
    async with store.connection() as connection:
        row = await connection.fetchrow(_FIND, draft_id, party_id)
    return SavedDraft(**row) if row else None


async def drop(store: Store, draft_id: str, party_id: str) -> bool:
    """Throw a draft away. False where there is none."""
    async with store.connection() as connection:
        gone = await connection.execute("DELETE FROM saved_draft WHERE draft_id = $1 AND party_id = $2", draft_id, party_id)
    return not str(gone).endswith(" 0")


async def say(store: Store, comment: Comment) -> Comment:
    """Add a comment; the time is the hub's."""
    said = [getattr(comment, name) for name in Comment.__slots__[:-1]]
    async with store.connection() as connection:
        return Comment(**await connection.fetchrow(_SAY, *said))


async def said(store: Store, trade_id: str, type_: str, number: str) -> list[Comment]:
    """What was said about a document, the first first."""
    async with store.connection() as connection:
        rows = await connection.fetch(_SAID, trade_id, type_, number)
    return [Comment(**row) for row in reversed(rows)]


async def said_in(store: Store, trade_id: str) -> list[Comment]:
    """What was said in a trade last, the last first."""
    async with store.connection() as connection:
        return [Comment(**row) for row in await connection.fetch(_SAID_IN, trade_id)]


async def last_said(store: Store, trade_id: str) -> str:
    """The id of the last comment in a trade; "" where nothing was said."""
    async with store.connection() as connection:
        return str(await connection.fetchval(_LAST_SAID, trade_id) or "")


async def seen(store: Store, trade_id: str, user_id: str) -> str:
    """The last comment that somebody has read; "" for none."""
    async with store.connection() as connection:
        return str(await connection.fetchval(_SEEN, trade_id, user_id) or "")


@dataclass(frozen=True, slots=True)
class Unread:
    """How many comments about a document somebody has not read."""

    trade_id: str
    type: str
    number: str
    count: int


async def unread(store: Store, trade_ids: list[str], party_id: str, user_id: str, made_by: str) -> list[Unread]:
    """What somebody of a party has not read and did not say itself, in some trades; whether it sees the document is for others to say."""
    async with store.connection() as connection:
        return [Unread(*row) for row in await connection.fetch(_UNREAD, trade_ids, party_id, user_id, made_by)]


async def see(store: Store, trade_id: str, user_id: str, party_id: str, comment_id: str) -> None:
    """Somebody has read up to here; never less than before."""
    async with store.transaction() as connection:
        await connection.execute(_SEE, trade_id, user_id, party_id, comment_id)
