"""Bare HTTP calls of one party: status and body of every answer, refusals included, as tests compare them."""

from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import msgspec

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and JSON body of an answer, problems included."""

    status: int
    body: Json

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))


class HubClient:
    """Calls one hub as one party. Use as an async context manager."""

    def __init__(self, base_url: str, key: str, timeout_seconds: float = 90) -> None:
        self._base_url, self._key = base_url.rstrip("/"), key
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {self._key}"}, timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def get(self, path: str, **query: str | int) -> Reply:
        return await self._call("GET", path, params={k: str(v) for k, v in query.items()})

    async def fetch(self, path: str, media_type: str, **query: str | int) -> tuple[Reply, bytes]:
        """What is at an address in another form than JSON; the body of the reply is filled where the hub refuses."""
        if self._session is None:
            raise RuntimeError("use HubClient as an async context manager")
        asked = {k: str(v) for k, v in query.items()}
        async with self._session.get(self._base_url + path, params=asked, headers={"Accept": media_type}) as answer:
            raw = await answer.read()
            return Reply(answer.status, msgspec.json.decode(raw) if answer.status >= 300 else {}), raw

    async def post(self, path: str, body: Any = None) -> Reply:
        return await self._call("POST", path, data=msgspec.json.encode(body or {}), headers={"Content-Type": "application/json"})

    async def put(self, path: str, body: Any) -> Reply:
        return await self._call("PUT", path, data=msgspec.json.encode(body), headers={"Content-Type": "application/json"})

    async def _call(self, method: str, path: str, **arguments: Any) -> Reply:
        if self._session is None:
            raise RuntimeError("use HubClient as an async context manager")
        async with self._session.request(method, self._base_url + path, **arguments) as answer:
            raw = await answer.read()
            return Reply(answer.status, msgspec.json.decode(raw) if raw else {})
