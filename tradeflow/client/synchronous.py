"""The client for programs that wait for each answer: the same calls as `AsyncClient`, without its `await`."""

import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from tradeflow.client import answers as a
from tradeflow.client import calls as c
from tradeflow.client.retrying import Retries
from tradeflow.client.travel import ANSWER_SECONDS_MAX, CONNECT_SECONDS_MAX, Journey, NoAnswer, NotSent, Response, address, headers

T = TypeVar("T")


class Client:
    """One party's connection to a hub. Use as a context manager, or close it with `close()`."""

    def __init__(self, base_url: str, key: str = "", *, retries: Retries | None = None, seconds_max: float = ANSWER_SECONDS_MAX) -> None:
        self.base_url, self._key = base_url.rstrip("/"), key
        self._retries, self._seconds_max = retries or Retries(), seconds_max
        self._at = urlsplit(self.base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""

    def send(self, call: c.Call[T]) -> T:
        """Make a call, again and again where that is safe, until it is answered. Raises HubProblem or Unreachable."""
        journey = Journey(self._retries, call.again)
        while True:
            try:
                answered = journey.answered(call, self._exchange(call))
            except (NotSent, NoAnswer) as error:
                answered = journey.failed(call, error)
            if not isinstance(answered, float):
                return answered
            time.sleep(answered)

    def _exchange(self, call: c.Call[Any]) -> Response:
        """One try, on a connection of its own: threads may share a client, and none finds a connection that has gone stale."""
        made = http.client.HTTPSConnection if self._at.scheme == "https" else http.client.HTTPConnection
        connection = made(self._at.hostname or "", self._at.port, timeout=CONNECT_SECONDS_MAX)
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        try:
            connection.sock.settimeout(self._seconds_max + call.waits_seconds)
            connection.request(call.method, self._at.path + address(call), call.body, headers(call, self._key))
            answer = connection.getresponse()
            return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__} {error}".strip()) from error
        finally:
            connection.close()

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Whatever a path answers, as JSON: for operations that have no method here."""
        return self.send(c.get(path, dict[str, Any], query=query))

    def post(self, path: str, body: Any = None, key: str = "") -> dict[str, Any]:
        """Change something at a path, with a small JSON body: for operations that have no method here. With a key it may be repeated."""
        return self.send(c.send("POST", path, dict[str, Any], body, key, again=bool(key)))

    def lodge(self, document: c.Document, content_type: str = "") -> a.Receipt:
        """Lodge a message: a document (its envelope is completed), or the bytes of one: JSON, XML, or what `content_type` says."""
        return self.send(c.lodge(document, content_type))

    def open_trade(
        self, participants: Sequence[tuple[str, str]], trade_id: str = "", terms: Mapping[str, str] | None = None, key: str = ""
    ) -> a.Receipt:
        """Open a trade; participants are (party id, role)."""
        return self.send(c.open_trade(participants, trade_id, terms or {}, key))

    def decide(self, trade_id: str, event: str, region: str = "", role: str = "", note: str = "", key: str = "") -> a.Receipt:
        """Decide, or report an event."""
        return self.send(c.decide(trade_id, event, region, role, note, key))

    def accept_deviation(self, trade_id: str, finding: str | Mapping[str, Any], role: str = "", note: str = "", key: str = "") -> a.Receipt:
        """Accept a conflict between documents as it stands."""
        return self.send(c.accept_deviation(trade_id, finding, role, note, key))

    def inbox(self, after: int = 0, limit: int = 50, wait_seconds: int = 0, unacknowledged: bool = False) -> a.Inbox:
        """One page of the inbox; with `wait_seconds` a long poll."""
        return self.send(c.inbox(after, limit, wait_seconds, unacknowledged))

    def deliveries(
        self, after: int = 0, wait_seconds: int = 20, limit: int = 50, unacknowledged: bool = False, until_empty: bool = False
    ) -> Iterator[a.InboxItem]:
        """Every delivery after a position, for ever; with `until_empty` until nothing more came within `wait_seconds`.

        `item.position` is what to keep and to pass as `after` next time.
        """
        while True:
            page = self.inbox(after, limit, wait_seconds, unacknowledged)
            yield from page.items
            if until_empty and not page.items:
                return
            after = page.next

    def acknowledge(self, delivery_id: str) -> a.Acknowledged:
        """Say that a delivery was taken over."""
        return self.send(c.send("POST", f"/v1/inbox/{delivery_id}/ack", a.Acknowledged))

    def message(self, item: a.InboxItem | tuple[str, str]) -> a.Answer:
        """The message of a delivery, or of (trade id, message id), byte for byte as it was sent."""
        return self.send(c.message(item))

    def trade(self, trade_id: str) -> a.Trade:
        """A trade: states, documents, timeline, what is allowed."""
        return self.send(c.get(c.trade_path(trade_id), a.Trade))

    def trades(self) -> Iterator[a.TradeLine]:
        """The trades one takes part in, page after page."""
        before: str | None = ""
        while before is not None:
            page = self.send(c.get("/v1/trades", a.TradePage, before=before))
            yield from page.items
            before = page.next

    def allowed(self, trade_id: str, role: str = "") -> list[a.Allowed]:
        """What may happen next."""
        found = self.send(c.get(c.trade_path(trade_id, "allowed"), a.AllowedNow, role=role))
        return found.items

    def draft(self, trade_id: str, message: str, role: str = "", number: str = "", instance: str = "") -> a.Draft:
        """The next document, filled in as far as the trade can write it."""
        return self.send(c.get(c.trade_path(trade_id, "draft", message), a.Draft, role=role, number=number, instance=instance))

    def missing(self, trade_id: str) -> a.Owed:
        """What the shipment still needs: by whom, until when, why."""
        return self.send(c.get(c.trade_path(trade_id, "missing"), a.Owed))

    def why_not(self, trade_id: str, message: str, role: str = "") -> a.WhyNot:
        """What stands in the way of a message, and the way to where it is taken."""
        return self.send(c.get(c.trade_path(trade_id, "why-not", message), a.WhyNot, role=role))

    def findings(self, trade_id: str, status: str = "", document: str = "") -> a.FindingList:
        """Where the documents of a trade disagree."""
        return self.send(c.get(c.trade_path(trade_id, "findings"), a.FindingList, status=status, document=document))

    def refusals(self, trade_id: str) -> list[a.Refused]:
        """One's own messages that were not taken, with their findings; for the operator of the hub those of all parties."""
        found = self.send(c.get(c.trade_path(trade_id, "refusals"), a.RefusalList))
        return found.items

    def documents(self, trade_id: str) -> list[a.DocumentEntry]:
        """The current documents one may read."""
        found = self.send(c.get(c.trade_path(trade_id, "documents"), a.DocumentList))
        return found.items

    def document(self, trade_id: str, type_: str, number: str, version: int | None = None, xml: bool = False) -> a.Answer:
        """One document as JSON or XML, whatever it was lodged as."""
        path, accept = c.trade_path(trade_id, "documents", type_, number), c.XML if xml else c.JSON
        return self.send(c.get(path, a.Answer, accept, version=version))

    def party(self, party_id: str) -> a.Party:
        """The name card of a party."""
        return self.send(c.get(f"/v1/parties/{party_id}", a.Party))

    def add_party(self, party_id: str, name: str, country: str = "") -> a.Party:
        """Register a party; for the operator of a hub."""
        return self.send(c.add_party(party_id, name, country))

    def add_key(
        self, party_id: str, name: str, roles: Sequence[str] = (), scopes: Sequence[str] = (), expires_at: datetime | None = None
    ) -> a.IssuedKey:
        """Make a key, for one's own party or, as operator, for any, limited if so asked. It is shown in this answer only."""
        return self.send(c.add_key(party_id, name, roles, scopes, expires_at))

    def clock(self) -> a.Clock:
        """The hub's time."""
        return self.send(c.get("/v1/sandbox/clock", a.Clock))

    def set_clock(self, to: datetime | timedelta) -> a.Clock:
        """Set the clock of a sandbox, or move it on; for its operator."""
        return self.send(c.set_clock(to))

    def seed_trade(self, seed: Mapping[str, Any]) -> a.Receipt:
        """Open a trade of a sandbox in the middle; for its operator."""
        return self.send(c.send("POST", "/v1/sandbox/trades", a.Receipt, dict(seed), again=False))
