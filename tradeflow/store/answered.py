"""Which message a party answers, when all it says is a number."""

from typing import Any

import msgspec

from tradeflow.store.uow import Store

_FOUND = """
SELECT DISTINCT ON (d.trade_id) d.trade_id, d.message_id, d.version, v.sender, v.sender_role, v.role, p.body
FROM document d
JOIN delivery v ON v.trade_id = d.trade_id AND v.message_id = d.message_id AND v.kind = 'message'
JOIN payload p ON p.trade_id = d.trade_id AND p.sha256 = d.sha256
WHERE d.number = $3 AND d.type = $2 AND v.party_id = $1
ORDER BY d.trade_id, d.version DESC
LIMIT 3
"""
_ADAPTED = "SELECT settings FROM channel WHERE party_id = $1 AND format = $2 ORDER BY name LIMIT 1"


async def answered(store: Store, party_id: str, type_: str, number: str) -> list[dict[str, Any]]:
    """The newest version of every document of that type and number that was sent to the party, one for each trade (at most three)."""
    async with store.connection() as connection:
        rows = [dict(row) for row in await connection.fetch(_FOUND, party_id, type_, number)]
    for row in rows:
        row["instance"] = str(msgspec.json.decode(row.pop("body"))["message"].get("process_instance", ""))
    return rows


async def adapter_settings(store: Store, party_id: str, adapter: str) -> dict[str, Any]:
    """What a party states for an adapter in its channel; nothing where it has no channel with it."""
    async with store.connection() as connection:
        said = await connection.fetchval(_ADAPTED, party_id, adapter)
    settings: dict[str, Any] = (msgspec.json.decode(said) if said else {}).get("adapter", {})
    return settings
