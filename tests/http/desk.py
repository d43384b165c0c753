"""A desk in front of a running hub: calls it over HTTP as any of its parties."""

import itertools
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from tradeflow.bundle import bundle_root

CAST = {
    "golden-lantern": ["exporter"],
    "van-der-meer": ["importer"],
    "maasbank": ["issuing_bank", "importer_bank"],
    "harbour-trade-bank": ["advising_bank", "exporter_bank"],
    "stranger": [],
}
TERMS = {"incoterm": "CIF", "payment_method": "LC_SIGHT", "transport_mode": "1", "load_type": "FCL"}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: "aiohttp.typedefs.CIMultiDictProxy[str]"
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])


@dataclass
class Desk:
    """`keys` holds one API key for each party of the cast, and the operator's."""

    base_url: str
    session: aiohttp.ClientSession
    keys: dict[str, str] = field(default_factory=dict)
    browser: dict[str, str] = field(default_factory=dict)  # headers of a browser that calls where no party does

    async def call(self, method: str, path: str, party: str | None = None, body: Any = None, **more: Any) -> Reply:
        """One request; a body that is not bytes is sent as JSON."""
        headers = {**({} if party else self.browser), **more.pop("headers", {})}
        if party:
            headers.setdefault("Authorization", f"Bearer {self.keys[party]}")
        if body is not None and not isinstance(body, bytes):
            body = msgspec.json.encode(body)
            headers.setdefault("Content-Type", "application/json")
        async with self.session.request(method, self.base_url + path, data=body, headers=headers, **more) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def get(self, path: str, party: str | None = None, **more: Any) -> Reply:
        return await self.call("GET", path, party, **more)

    async def post(self, path: str, party: str | None = None, body: Any = None, **more: Any) -> Reply:
        return await self.call("POST", path, party, body, **more)

    async def lodge(self, message: Any, party: str, content_type: str = "application/json", **headers: str) -> Reply:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.call("POST", "/v1/messages", party, body, headers={"Content-Type": content_type, **headers})

    async def joined_by_the_cast(self) -> None:
        """Every party of the cast registered, with a key, on the first day."""
        for party in CAST:
            card = {"party_id": party, "name": party.replace("-", " ").title(), "country": "HK"}
            assert (await self.post("/v1/parties", "operator", card)).status == 201
            self.keys[party] = (await self.post(f"/v1/parties/{party}/keys", "operator", {"name": "tests"})).json["key"]
        await self.clock_back()

    async def clock_back(self) -> None:
        """The sandbox's clock on the day the trade of the samples begins."""
        now = await self.call("PUT", "/v1/sandbox/clock", "operator", {"now": "2025-01-06T10:00:00Z"})
        assert now.status == 200, now.body

    async def trade(self, trade_id: str | None = None, **more: Any) -> str:
        """A trade between the cast; the importer opens it."""
        cast = [{"party_id": party, "role": role} for party, roles in CAST.items() for role in roles]
        spec = {"trade_id": trade_id or reference(), "participants": cast, "terms": TERMS}
        reply = await self.post("/v1/trades", "van-der-meer", spec, **more)
        assert reply.status == 201, reply.body
        return str(reply.json["trade_id"])


def reference() -> str:
    return f"HTTP-{uuid.uuid4().hex[:8].upper()}-{next(_numbers):04}"


def sample(type: str, trade_id: str, name: str = "s01", **fields: Any) -> dict[str, Any]:
    """A sample message under a trade of the test, with an id and a number of its own."""
    tree: dict[str, Any] = json.loads((bundle_root() / "documents" / type / "samples" / "valid" / f"{name}.json").read_bytes())
    tree["message"] |= {"id": str(uuid.uuid4()), "trade_id": trade_id, **fields}
    return tree


def order(trade_id: str, **fields: Any) -> dict[str, Any]:
    """The purchase order that opens scenario S01."""
    return sample("purchase_order", trade_id, **fields)
