"""What the processes of a hub count together: requests of a party, failures of a guesser. In tables, so that none counts for itself."""

from tradeflow.store.accounts import guarded
from tradeflow.store.uow import Store

# what there was at the last look, and what came in since; a clock that another process read later is not turned back
_FULL = "least($2::float8, b.tokens + greatest(0, extract(epoch FROM now() - b.at)::float8) * $3::float8)"
_TAKEN = f"CASE WHEN {_FULL} >= 1 THEN least($4::float8, floor({_FULL})) ELSE 0 END"
_TAKE = f"""
INSERT INTO rate_bucket AS b (subject, tokens, taken, at) VALUES ($1, $2::float8 - $4::float8, $4::float8, now())
ON CONFLICT (subject) DO UPDATE SET tokens = {_FULL} - ({_TAKEN}), taken = {_TAKEN}, at = greatest(b.at, now())
RETURNING taken, tokens
"""  # noqa: S608 - nothing in it comes from outside
_LOCKED = """
SELECT ceil(extract(epoch FROM max(locked_until) - now()))::integer FROM sign_in_guard WHERE subject = ANY ($1) AND locked_until > now()
"""
_TIDY = (
    "DELETE FROM rate_bucket WHERE at < now() - interval '1 day'",
    "DELETE FROM sign_in_guard WHERE last_at < now() - interval '1 day' AND (locked_until IS NULL OR locked_until < now())",
)


async def take(store: Store, subject: str, burst: int, per_second: float, wanted: int) -> tuple[int, float]:
    """Up to `wanted` tokens of a bucket that holds `burst` and is filled at `per_second`. Returns how many, and what is left."""
    async with store.transaction() as connection:
        row = await connection.fetchrow(_TAKE, subject, float(burst), float(per_second), float(wanted))
    return int(row["taken"]), float(row["tokens"])


async def locked(store: Store, subjects: list[bytes]) -> int:
    """Seconds until none of them is locked out any more, or 0."""
    async with store.connection() as connection:
        return max(0, await connection.fetchval(_LOCKED, subjects) or 0)


async def failed(store: Store, subject: bytes, tries: int) -> None:
    """One more failure; from the `tries`th in a row on each locks out, longer each time."""
    await guarded(store, subject, tries)


async def tidy(store: Store) -> None:
    """Forget who was not seen for a day."""
    async with store.transaction() as connection:
        for statement in _TIDY:
            await connection.execute(statement)
