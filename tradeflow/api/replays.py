"""Idempotency-Key: the same key with the same request gives the first answer again, byte for byte."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.handle import Answer
from tradeflow.app.wiring import Hub
from tradeflow.errors import Refused
from tradeflow.store import reads


async def once(hub: Hub, caller: Caller, command: str, key: str | None, request: Any, act: Callable[[], Awaitable[Answer]]) -> Answer:
    """Act, or give the kept answer. Refused IDEMPOTENCY_KEY_REUSED where the key came with another request.

    A refusal is not kept: the key stays free. The answer is kept after the commit, not in it: two requests at the same moment, or a hub
    that dies in between, leave it to the trade to refuse the second (a message by its id, an event by the state it finds).
    """
    if key is None:
        return await act()
    digest = hashlib.sha256(request if isinstance(request, bytes) else msgspec.json.encode(request)).hexdigest()
    store = hub.store.acting(caller.acting)
    earlier = await reads.idempotent(store, caller.party_id, command, key)
    if earlier is None:
        answer = await act()
        await reads.keep_idempotent(store, caller.party_id, command, key, digest, answer.status, answer.body)
        return answer
    if earlier["request_sha256"] != digest:
        raise Refused("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request.", 409)
    return Answer(earlier["status"], earlier["answer"], replayed=True)
