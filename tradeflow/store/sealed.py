"""The sealed columns of the database, and the keys it was sealed with."""

from dataclasses import dataclass
from typing import Any, Final

from tradeflow.store.accounts import totp_row
from tradeflow.store.channels import secret_row
from tradeflow.store.identity import secret_row as provider_row
from tradeflow.store.uow import Store
from tradeflow.store.vault import VERSION, Vault, is_sealed, sealed_with

_LOCK: Final = 7_460_172  # whoever changes which keys there are has this to itself
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column with secrets: the key of its table, and what a row's value is bound to."""

    table: str
    column: str
    key: tuple[str, ...]
    bound: Any  # of the key's values but those of `loose`, the text that the value is bound to
    loose: int = 0  # so many of the key's last columns say nothing about whose it is


COLUMNS: Final = (
    Column("credential", "totp_secret", ("user_id",), totp_row),
    Column("identity_provider", "client_secret", ("party_id",), provider_row),
    Column("channel_secret", "value", ("party_id", "channel", "name", "created_at"), secret_row, loose=1),
)


async def known_keys(store: Store) -> list[str]:
    """The ids of the keys that this database was ever told of and that were not forgotten."""
    async with store.connection() as connection:
        return [row["key_id"] for row in await connection.fetch("SELECT key_id FROM sealing_key ORDER BY since, key_id")]


async def admit(store: Store, key_ids: list[str]) -> bool:
    """Tell the database of keys. False, and nothing done, where it knows others and none of these."""
    async with store.transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        known = {row["key_id"] for row in await connection.fetch("SELECT key_id FROM sealing_key")}
        if known and not known & set(key_ids):
            return False
        await connection.executemany(
            "INSERT INTO sealing_key (key_id) VALUES ($1) ON CONFLICT DO NOTHING", [(id,) for id in key_ids if id not in known]
        )
    return True


async def forget(store: Store, key_ids: list[str]) -> None:
    """The database has nothing sealed with these any more."""
    async with store.transaction() as connection:
        await connection.execute("DELETE FROM sealing_key WHERE key_id = ANY ($1)", key_ids)


async def count(store: Store) -> dict[str, int]:
    """How many secrets are sealed with each key; "" counts those in clear."""
    found: dict[str, int] = {}
    async with store.connection() as connection:
        for column in COLUMNS:
            for row in await connection.fetch(f"SELECT {column.column} FROM {column.table} WHERE {column.column} IS NOT NULL"):  # noqa: S608
                id = sealed_with(row[0])
                found[id] = found.get(id, 0) + 1
    return found


async def reseal(store: Store) -> int:
    """Seal everything that is in clear, or sealed with an older key, with the present one. Returns how many values were written."""
    written, vault = 0, store.vault
    current = vault.current
    for column in COLUMNS:
        while rows := await _outdated(store, column, current):
            async with store.transaction() as connection:
                for row in rows:
                    written += await _replace(connection, vault, column, row)
    return written


async def remove(store: Store, key_ids: list[str]) -> int:
    """Remove what is sealed with these keys: second factors are asked for no more, channels wait for their owner."""
    patterns = [f"{VERSION}.{id}.%" for id in key_ids]
    async with store.transaction() as connection:
        people = await connection.fetch(
            "UPDATE credential SET totp_secret = NULL WHERE totp_secret LIKE ANY ($1) RETURNING user_id", patterns
        )
        await connection.execute("UPDATE account SET has_totp = false WHERE user_id = ANY ($1)", [row["user_id"] for row in people])
        providers = await connection.fetch(
            "UPDATE identity_provider SET client_secret = NULL WHERE client_secret LIKE ANY ($1) RETURNING 1", patterns
        )
        gone = await connection.fetch("DELETE FROM channel_secret WHERE value LIKE ANY ($1) RETURNING party_id, channel", patterns)
        await connection.executemany(
            "UPDATE channel SET state = 'disabled', reason = 'its secrets are lost; give them anew', revision = revision + 1"
            " WHERE party_id = $1 AND name = $2",
            [tuple(row) for row in gone],
        )
    return len(people) + len(providers) + len(gone)


async def _outdated(store: Store, column: Column, current: str) -> list[Any]:
    query = (
        f"SELECT {', '.join(column.key)}, {column.column} AS stored FROM {column.table}"  # noqa: S608 - the names are ours
        f" WHERE {column.column} IS NOT NULL AND {column.column} NOT LIKE $1 LIMIT {BATCH}"
    )
    async with store.connection() as connection:
        return list(await connection.fetch(query, f"{VERSION}.{current}.%"))


async def _replace(connection: Any, vault: Vault, column: Column, row: Any) -> int:
    """One value, unless somebody wrote another one meanwhile."""
    key = [row[name] for name in column.key]
    bound = column.bound(*(key[: len(key) - column.loose]))
    clear = vault.open(row["stored"], bound) if is_sealed(row["stored"]) else row["stored"]
    where = " AND ".join(f"{name} = ${n}" for n, name in enumerate(column.key, 3))
    update = f"UPDATE {column.table} SET {column.column} = $1 WHERE {column.column} = $2 AND {where} RETURNING 1"  # noqa: S608
    return int(await connection.fetchval(update, vault.seal(clear, bound), row["stored"], *key) or 0)
