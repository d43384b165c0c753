"""What a company wrote in its earlier documents: offered again, for some minutes without reading it anew."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from tradeflow.app.access import Caller
from tradeflow.app.guidance import Guidance
from tradeflow.codec import canonical
from tradeflow.portal.entry.lookups import MEMBERS, Offer, said

KEPT_SECONDS = 120
KEPT_MAX = 200  # companies
OFFERS_MAX = 500  # of one list
Offers = dict[str, list[Offer]]
Whose = tuple[str, frozenset[str] | None]
_kept: WeakKeyDictionary[Guidance, OrderedDict[Whose, tuple[float, Offers]]] = WeakKeyDictionary()


async def earlier(guidance: Guidance, caller: Caller, name: str) -> list[Offer]:
    """What the caller's party used of a list before, in its roles, the newest first."""
    kept, whose = _kept.setdefault(guidance, OrderedDict()), (caller.party_id, caller.roles)
    known = kept.get(whose)
    if known is None or known[0] < time.monotonic():
        found = await asyncio.to_thread(_read, await guidance.sent_before(caller))
        known = kept[whose] = (time.monotonic() + KEPT_SECONDS, found)
        if len(kept) > KEPT_MAX:
            kept.popitem(last=False)
    return known[1].get(name, [])


def _read(messages: list[tuple[str, bytes]]) -> Offers:
    documents = [canonical.load(type_, body) for type_, body in messages]
    return {name: _once(said(name, documents))[:OFFERS_MAX] for name in MEMBERS}


def _once(offers: Iterable[Offer]) -> list[Offer]:
    found: dict[str, Offer] = {}
    for one in offers:
        found.setdefault(one.code, one)
    return list(found.values())
