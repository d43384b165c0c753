"""Boards: each party's view of each of its trades, kept beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeflow.store.uow import Store

Row = dict[str, Any]
FILTERS = ("", "mine", "late", "open", "done")

_MINE = """
SELECT p.trade_id, t.version AS moved_to, s.version, s.done, s.acts, s.late_at, s.view
FROM (SELECT DISTINCT trade_id FROM participant WHERE party_id = $1 AND ($2 = '' OR trade_id < $2) ORDER BY trade_id DESC LIMIT $3) p
JOIN trade t USING (trade_id) LEFT JOIN board_seat s ON s.party_id = $1 AND s.trade_id = p.trade_id ORDER BY p.trade_id DESC
"""
_ALL = """
SELECT t.trade_id, t.version AS moved_to, s.version, s.done, s.acts, s.late_at, s.view
FROM trade t LEFT JOIN board_seat s ON s.party_id = $1 AND s.trade_id = t.trade_id
WHERE ($2 = '' OR t.trade_id < $2) ORDER BY t.trade_id DESC LIMIT $3
"""
_LINES = """
SELECT s.trade_id, t.version AS moved_to, s.version, s.done, s.acts, s.late_at, s.view FROM board_seat s JOIN trade t USING (trade_id)
WHERE s.party_id = $1 AND {which} ORDER BY {order}
"""
# what nearly every trade has stands in the next few lines, and what does not the index of words finds: the hub itself asks it, because it
# cannot be used under row-level security; each of its words begins with its party
_NEAR = """
SELECT trade_id, words @@ $3::tsquery AS hit FROM (
    SELECT * FROM board_seat s WHERE s.party_id = $1 AND {which} ORDER BY {order} LIMIT {near}
) s ORDER BY {order}
"""
_BY_WORDS = """
WITH s AS MATERIALIZED (SELECT trade_id, late_at, acts, done FROM board_seat WHERE words @@ $3::tsquery)
SELECT trade_id FROM s WHERE {which} ORDER BY {order} LIMIT $2
"""
NEAR = 300
_ONLY = {"": "", "mine": "AND s.acts", "done": "AND s.done", "open": "AND NOT s.done", "late": "AND s.late_at <= (SELECT tf_now())"}
_READERS = "SELECT DISTINCT party_id FROM account WHERE disabled_at IS NULL"
_MOVED = """
SELECT trade_id, updated_at, version FROM trade WHERE (updated_at, trade_id) > ($1, $2) ORDER BY updated_at, trade_id LIMIT $3
"""
_STALE = """
WITH moved AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS m (trade_id, version)),
wanted AS (
    SELECT m.trade_id, m.version, p.party_id FROM moved m JOIN participant p USING (trade_id) WHERE p.party_id = ANY ($3)
    UNION SELECT m.trade_id, m.version, o.party_id FROM moved m CROSS JOIN unnest($4::text[]) AS o (party_id)
)
SELECT w.trade_id, array_agg(DISTINCT w.party_id) FROM wanted w
LEFT JOIN board_seat s ON s.party_id = w.party_id AND s.trade_id = w.trade_id
WHERE s.version IS DISTINCT FROM w.version GROUP BY w.trade_id
"""
_PUT = """
INSERT INTO board_seat AS s (party_id, trade_id, version, done, acts, late_at, view, words)
SELECT party_id, $1, $2, $3, acts, late_at, view, array_to_tsvector(string_to_array(words, E'\\n'))
FROM unnest($4::text[], $5::boolean[], $6::timestamptz[], $7::bytea[], $8::text[]) AS n (party_id, acts, late_at, view, words)
ON CONFLICT (party_id, trade_id) DO UPDATE
SET version = excluded.version, done = excluded.done, acts = excluded.acts, late_at = excluded.late_at, view = excluded.view,
    words = excluded.words WHERE s.version <= excluded.version
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """One party's view of a trade; `words` are what it is found by."""

    party_id: str
    acts: bool
    late_at: datetime | None
    view: bytes
    words: frozenset[str]


async def page(store: Store, party_id: str, everything: bool, only: str, before: str, late_after: datetime | None, limit: int) -> list[Row]:
    """Lines of a party's board. `everything` is for the operator, who takes part in nothing; `only` is one of FILTERS."""
    arguments = [party_id, before, limit]
    if not only:
        sql = _ALL if everything else _MINE
    else:
        sql = f"{_in_order(_LINES, only, 2)} LIMIT $3"
        arguments += [late_after] if only == "late" else []
    return await _rows(store, sql, *arguments)


async def found(
    store: Store, hub: Store, party_id: str, terms: Sequence[str], only: str, before: str, late_after: datetime | None, limit: int
) -> list[Row]:
    """Lines of a party's board in which every term begins some word, in the order of the board. `hub` asks the index of words."""
    query, late = " & ".join(_lexeme(f"{party_id} {term}") for term in terms), [late_after] if only == "late" else []
    near = await _rows(store, _in_order(_NEAR, only, 2), party_id, before, query, *late)
    ids = [row["trade_id"] for row in near if row["hit"]][:limit]
    if len(ids) < limit and len(near) == NEAR:
        ids = await _by_words(hub, _in_order(_BY_WORDS, only, 1), before, limit, query, *late)
    lines = _LINES.format(which="s.trade_id = ANY ($2::text[])", order=_order(only))
    return await _rows(store, lines, party_id, ids) if ids else []


async def _by_words(store: Store, sql: str, *arguments: Any) -> list[str]:
    async with store.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")  # words lie apart from their rows: reading them all is never quicker
        return [row[0] for row in await connection.fetch(sql, *arguments)]


def _in_order(sql: str, only: str, before: int, late: int = 4) -> str:
    """A statement about the lines of a filter after the end of a page: arguments `before` and, of what is late, `late`."""
    after = f"(s.late_at, s.trade_id) > (${late}::timestamptz, ${before})" if only == "late" else f"s.trade_id < ${before}"
    return sql.format(which=f"(${before} = '' OR {after}) {_ONLY[only]}", order=_order(only), near=NEAR)


def _order(only: str) -> str:
    return "s.late_at, s.trade_id" if only == "late" else "s.trade_id DESC"


async def _rows(store: Store, sql: str, *arguments: Any) -> list[Row]:
    async with store.connection() as connection:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]


async def readers(store: Store) -> set[str]:
    """The parties that somebody signs in for: whose boards are kept."""
    async with store.connection() as connection:
        return {row[0] for row in await connection.fetch(_READERS)}


async def moved(store: Store, after: tuple[datetime, str], limit: int) -> list[tuple[str, datetime, int]]:
    """Trades in the order in which they moved last, after one of them: reference, when, and version."""
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.fetch(_MOVED, *after, limit)]


async def stale(store: Store, trades: Sequence[tuple[str, int]], parties: set[str], operators: set[str]) -> list[tuple[str, list[str]]]:
    """Of these trades and versions, those that some of the parties have no view of that is up to date; operators see every trade."""
    async with store.connection() as connection:
        rows = await connection.fetch(_STALE, [t for t, _ in trades], [v for _, v in trades], sorted(parties), sorted(operators))
    return [tuple(row) for row in rows]


async def put(store: Store, trade_id: str, version: int, done: bool, seats: Sequence[Seat]) -> None:
    """Keep the views of a trade; a later one is never replaced by an earlier."""
    words = ["\n".join(sorted(f"{seat.party_id} {word}" for word in seat.words)) for seat in seats]
    async with store.transaction() as connection:
        await connection.execute(
            _PUT,
            *(trade_id, version, done, [s.party_id for s in seats], [s.acts for s in seats]),
            *([s.late_at for s in seats], [s.view for s in seats], words),
        )


def _lexeme(text: str) -> str:
    """A word that others may begin with, as tsquery takes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "':*"
