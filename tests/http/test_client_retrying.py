"""When a call is made again: a small server that answers what it is told, in front of both clients."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tradeflow.client import AsyncClient, Client, Conflict, HubUnavailable, Invalid, NotNow, Retries, Unreachable
from tradeflow.client.retrying import retry_after_seconds

QUICK = Retries(first_seconds=0.01, longest_seconds=0.05, total_seconds=3.0)
RECEIPT = (
    b'{"trade_id":"T-1000","receipt":{"trade_id":"T-1000","version":1,"received_at":"2025-01-06T10:00:00Z","event_sha256":"00"},'
    b'"response":{"code":"accepted","moved":[]},"findings":[],"deliveries":[]}'
)
BUSY = b'{"code":"TRY_AGAIN","detail":"busy","retry":true,"findings":[]}'
Script = list[tuple[int, dict[str, str], bytes] | None]


@contextmanager
def answering(script: Script) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Gives the answers of a script, one a request; None hangs up without one. Yields its address and what it was sent."""
    seen: list[tuple[dict[str, str], bytes]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            said = script[min(len(seen), len(script)) - 1]
            if said is None:
                self.close_connection = True
                return
            status, headers, body = said
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lodge(kind: str, url: str, document: dict[str, Any]) -> Any:
    """Lodge with either client."""
    if kind == "sync":
        with Client(url, "key", retries=QUICK) as client:
            return client.lodge(document)

    async def go() -> Any:
        async with AsyncClient(url, "key", retries=QUICK) as client:
            return await client.lodge(document)

    return asyncio.run(go())


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    "first", [None, (503, {}, BUSY), (502, {}, b"<html>bad gateway</html>"), (429, {"Retry-After": "0"}, b"slow down")]
)
def test_the_same_message_is_sent_until_it_is_answered(kind: str, first: Any) -> None:
    with answering([first, first, (201, {}, RECEIPT)]) as (url, seen):
        assert lodge(kind, url, {"message": {"type": "purchase_order"}}).trade_id == "T-1000"
    bodies = {body for _, body in seen}
    assert len(seen) == 3 and len(bodies) == 1, "the id was made once, before the first try"
    assert b'"id":"' in bodies.pop()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_refusal_is_not_repeated_and_tells_its_findings(kind: str) -> None:
    wrong = b'{"code":"RULE_VIOLATION","detail":"no","retry":false,"findings":[{"rule":"M-1","severity":"error","pointer":"/a","message":"b","more":1}]}'
    with answering([(422, {}, wrong)]) as (url, seen), pytest.raises(Invalid) as refused:
        lodge(kind, url, {"message": {}})
    assert len(seen) == 1
    assert (refused.value.code, refused.value.findings[0].rule) == ("RULE_VIOLATION", "M-1")
    assert "M-1 /a: b" in str(refused.value)


@pytest.mark.parametrize(("status", "code", "kind"), [(503, BUSY, HubUnavailable), (429, b"{}", NotNow)])
def test_it_gives_up_with_what_the_hub_said_last(status: int, code: bytes, kind: type[Exception]) -> None:
    short = Retries(first_seconds=0.01, longest_seconds=0.02, total_seconds=0.1)
    with answering([(status, {}, code)]) as (url, seen), Client(url, retries=short) as client, pytest.raises(kind):
        client.lodge({})
    assert len(seen) > 3


def test_retry_after_is_honoured_and_counted() -> None:
    waits: list[float] = []
    with answering([(429, {"Retry-After": "1"}, b""), (201, {}, RECEIPT)]) as (url, _), Client(url, retries=QUICK) as client:
        began = datetime.now(UTC)
        client.lodge({})
        waits.append((datetime.now(UTC) - began).total_seconds())
    assert waits[0] >= 1
    with answering([(429, {"Retry-After": "60"}, b"")]) as (url, seen), Client(url, retries=QUICK) as client, pytest.raises(NotNow):
        client.lodge({})
    assert len(seen) == 1, "a minute is more than it may wait"


Command = Callable[[Client], Any]


def opened(client: Client) -> Any:
    return client.open_trade([("a-b", "exporter")])


def decided(client: Client) -> Any:
    return client.decide("T-1000", "inspection_not_required")


@pytest.mark.parametrize("command", [opened, decided])
def test_commands_carry_one_idempotency_key_through_all_tries(command: Command) -> None:
    with answering([None, (201, {}, RECEIPT)]) as (url, seen), Client(url, retries=QUICK) as client:
        command(client)
    assert len({headers["Idempotency-Key"] for headers, _ in seen}) == 1 < len(seen)


def test_what_would_happen_twice_is_not_repeated() -> None:
    with answering([None]) as (url, seen), Client(url, retries=QUICK) as client, pytest.raises(Unreachable):
        client.add_key("a-b", "again")
    assert len(seen) == 1
    with (
        answering([(409, {}, b'{"code":"PARTY_EXISTS","detail":"","findings":[]}')]) as (url, seen),
        Client(url) as client,
        pytest.raises(Conflict),
    ):
        client.add_party("a-b", "A B")


def test_nobody_there() -> None:
    with answering([]) as (url, _):
        pass
    short = Retries(first_seconds=0.01, longest_seconds=0.02, total_seconds=0.05)
    with Client(url, retries=short) as client, pytest.raises(Unreachable, match=r"POST /v1/messages: no answer after \d+ tries"):
        client.lodge({})


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("", 0.0), ("soon", 0.0), ("Mon, 06 Jan 2025 10:00:30 GMT", 30.0), ("Mon, 06 Jan 2025 09:00:00 GMT", 0.0)],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float) -> None:
    assert retry_after_seconds({"retry-after": said}, datetime(2025, 1, 6, 10, tzinfo=UTC)) == seconds


def test_the_ladder_doubles_and_ends() -> None:
    ladder = Retries(first_seconds=1, longest_seconds=8, total_seconds=100)
    steps = [ladder.wait_seconds(attempt, 0) or 0.0 for attempt in range(1, 8)]
    assert all(0.75 * due <= step <= 1.25 * due for step, due in zip(steps, [1, 2, 4, 8, 8, 8, 8], strict=True))
    assert ladder.wait_seconds(1, 99.9) is None
