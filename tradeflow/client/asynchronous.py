"""The client for programs with an event loop."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

import aiohttp
from yarl import URL

from tradeflow.client import answers as a
from tradeflow.client import calls as c
from tradeflow.client.retrying import Retries
from tradeflow.client.travel import ANSWER_SECONDS_MAX, CONNECT_SECONDS_MAX, Journey, NoAnswer, NotSent, Response, address, headers

T = TypeVar("T")
IDLE_SECONDS = 15  # less than any hub keeps an idle connection


class AsyncClient:
    """One party's connection to a hub. Use as an async context manager, or close it with `aclose()`."""

    def __init__(self, base_url: str, key: str = "", *, retries: Retries | None = None, seconds_max: float = ANSWER_SECONDS_MAX) -> None:
        self.base_url, self._key = base_url.rstrip("/"), key
        self._retries, self._seconds_max = retries or Retries(), seconds_max
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End its connections."""
        if self._http:
            await self._http.close()

    async def send(self, call: c.Call[T]) -> T:
        """Make a call, again and again where that is safe, until it is answered. Raises HubProblem or Unreachable."""
        journey = Journey(self._retries, call.again)
        while True:
            try:
                answered = journey.answered(call, await self._exchange(call))
            except (NotSent, NoAnswer) as error:
                answered = journey.failed(call, error)
            if not isinstance(answered, float):
                return answered
            await asyncio.sleep(answered)

    async def _exchange(self, call: c.Call[Any]) -> Response:
        """One try. Redirects are not followed: the key is for this hub only."""
        if self._http is None:  # made here, in the loop that uses it
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS))
        timeout = aiohttp.ClientTimeout(total=self._seconds_max + call.waits_seconds, sock_connect=CONNECT_SECONDS_MAX)
        url = URL(self.base_url + address(call), encoded=True)
        try:
            async with self._http.request(
                call.method, url, data=call.body, headers=headers(call, self._key), timeout=timeout, allow_redirects=False
            ) as answer:
                return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(f"{type(error).__name__} {error}".strip()) from error

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Whatever a path answers, as JSON: for operations that have no method here."""
        return await self.send(c.get(path, dict[str, Any], query=query))

    async def post(self, path: str, body: Any = None, key: str = "") -> dict[str, Any]:
        """Change something at a path, with a small JSON body: for operations that have no method here. With a key it may be repeated."""
        return await self.send(c.send("POST", path, dict[str, Any], body, key, again=bool(key)))

    async def lodge(self, document: c.Document, content_type: str = "") -> a.Receipt:
        """Lodge a message: a document (its envelope is completed), or the bytes of one: JSON, XML, or what `content_type` says."""
        return await self.send(c.lodge(document, content_type))

    async def open_trade(
        self, participants: Sequence[tuple[str, str]], trade_id: str = "", terms: Mapping[str, str] | None = None, key: str = ""
    ) -> a.Receipt:
        """Open a trade; participants are (party id, role)."""
        return await self.send(c.open_trade(participants, trade_id, terms or {}, key))

    async def decide(self, trade_id: str, event: str, region: str = "", role: str = "", note: str = "", key: str = "") -> a.Receipt:
        """Decide, or report an event."""
        return await self.send(c.decide(trade_id, event, region, role, note, key))

    async def accept_deviation(
        self, trade_id: str, finding: str | Mapping[str, Any], role: str = "", note: str = "", key: str = ""
    ) -> a.Receipt:
        """Accept a conflict between documents as it stands."""
        return await self.send(c.accept_deviation(trade_id, finding, role, note, key))

    async def inbox(self, after: int = 0, limit: int = 50, wait_seconds: int = 0, unacknowledged: bool = False) -> a.Inbox:
        """One page of the inbox; with `wait_seconds` a long poll."""
        return await self.send(c.inbox(after, limit, wait_seconds, unacknowledged))

    async def deliveries(
        self, after: int = 0, wait_seconds: int = 20, limit: int = 50, unacknowledged: bool = False, until_empty: bool = False
    ) -> AsyncIterator[a.InboxItem]:
        """Every delivery after a position, for ever; with `until_empty` until nothing more came within `wait_seconds`.

        `item.position` is what to keep and to pass as `after` next time.
        """
        while True:
            page = await self.inbox(after, limit, wait_seconds, unacknowledged)
            for item in page.items:
                yield item
            if until_empty and not page.items:
                return
            after = page.next

    async def acknowledge(self, delivery_id: str) -> a.Acknowledged:
        """Say that a delivery was taken over."""
        return await self.send(c.send("POST", f"/v1/inbox/{delivery_id}/ack", a.Acknowledged))

    async def message(self, item: a.InboxItem | tuple[str, str]) -> a.Answer:
        """The message of a delivery, or of (trade id, message id), byte for byte as it was sent."""
        return await self.send(c.message(item))

    async def trade(self, trade_id: str) -> a.Trade:
        """A trade: states, documents, timeline, what is allowed."""
        return await self.send(c.get(c.trade_path(trade_id), a.Trade))

    async def trades(self) -> AsyncIterator[a.TradeLine]:
        """The trades one takes part in, page after page."""
        before: str | None = ""
        while before is not None:
            page = await self.send(c.get("/v1/trades", a.TradePage, before=before))
            for line in page.items:
                yield line
            before = page.next

    async def allowed(self, trade_id: str, role: str = "") -> list[a.Allowed]:
        """What may happen next."""
        found = await self.send(c.get(c.trade_path(trade_id, "allowed"), a.AllowedNow, role=role))
        return found.items

    async def draft(self, trade_id: str, message: str, role: str = "", number: str = "", instance: str = "") -> a.Draft:
        """The next document, filled in as far as the trade can write it."""
        return await self.send(c.get(c.trade_path(trade_id, "draft", message), a.Draft, role=role, number=number, instance=instance))

    async def missing(self, trade_id: str) -> a.Owed:
        """What the shipment still needs: by whom, until when, why."""
        return await self.send(c.get(c.trade_path(trade_id, "missing"), a.Owed))

    async def why_not(self, trade_id: str, message: str, role: str = "") -> a.WhyNot:
        """What stands in the way of a message, and the way to where it is taken."""
        return await self.send(c.get(c.trade_path(trade_id, "why-not", message), a.WhyNot, role=role))

    async def findings(self, trade_id: str, status: str = "", document: str = "") -> a.FindingList:
        """Where the documents of a trade disagree."""
        return await self.send(c.get(c.trade_path(trade_id, "findings"), a.FindingList, status=status, document=document))

    async def refusals(self, trade_id: str) -> list[a.Refused]:
        """One's own messages that were not taken, with their findings; for the operator of the hub those of all parties."""
        found = await self.send(c.get(c.trade_path(trade_id, "refusals"), a.RefusalList))
        return found.items

    async def documents(self, trade_id: str) -> list[a.DocumentEntry]:
        """The current documents one may read."""
        found = await self.send(c.get(c.trade_path(trade_id, "documents"), a.DocumentList))
        return found.items

    async def document(self, trade_id: str, type_: str, number: str, version: int | None = None, xml: bool = False) -> a.Answer:
        """One document as JSON or XML, whatever it was lodged as."""
        path, accept = c.trade_path(trade_id, "documents", type_, number), c.XML if xml else c.JSON
        return await self.send(c.get(path, a.Answer, accept, version=version))

    async def party(self, party_id: str) -> a.Party:
        """The name card of a party."""
        return await self.send(c.get(f"/v1/parties/{party_id}", a.Party))

    async def add_party(self, party_id: str, name: str, country: str = "") -> a.Party:
        """Register a party; for the operator of a hub."""
        return await self.send(c.add_party(party_id, name, country))

    async def add_key(
        self, party_id: str, name: str, roles: Sequence[str] = (), scopes: Sequence[str] = (), expires_at: datetime | None = None
    ) -> a.IssuedKey:
        """Make a key, for one's own party or, as operator, for any, limited if so asked. It is shown in this answer only."""
        return await self.send(c.add_key(party_id, name, roles, scopes, expires_at))

    async def clock(self) -> a.Clock:
        """The hub's time."""
        return await self.send(c.get("/v1/sandbox/clock", a.Clock))

    async def set_clock(self, to: datetime | timedelta) -> a.Clock:
        """Set the clock of a sandbox, or move it on; for its operator."""
        return await self.send(c.set_clock(to))

    async def seed_trade(self, seed: Mapping[str, Any]) -> a.Receipt:
        """Open a trade of a sandbox in the middle; for its operator."""
        return await self.send(c.send("POST", "/v1/sandbox/trades", a.Receipt, dict(seed), again=False))
