"""Server-sent events: what the inbox holds after a cursor, then what arrives, in order and without a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.http.desk import Desk, order
from tests.http.problems import assert_problem
from tests.http.test_inbox import end_of_inbox
from tradeflow.app.stream import STREAMS_MAX


@dataclass
class Reader:
    """Reads a stream as a browser does."""

    content: Any
    cursor: int = 0
    lines: list[str] = field(default_factory=list)

    async def next(self) -> dict[str, Any]:
        """The next event with data; ids without data move the cursor only."""
        while True:
            line = (await asyncio.wait_for(self.content.readline(), 20)).decode().rstrip("\n")
            if line:
                self.lines.append(line)
                continue
            fields = dict(text.split(": ", 1) for text in self.lines if not text.startswith(":"))
            self.lines.clear()
            if "id" in fields:
                self.cursor = int(fields["id"])
            if "data" in fields:
                item: dict[str, Any] = json.loads(fields["data"])
                assert (fields["event"], self.cursor) == (item["kind"], item["position"])
                return item


@asynccontextmanager
async def stream(desk: Desk, party: str, query: str = "", **headers: str) -> AsyncIterator[Reader]:
    sent = {"Authorization": f"Bearer {desk.keys[party]}", **headers}
    async with desk.session.get(f"{desk.base_url}/v1/events?wait_seconds=30{query}", headers=sent) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8"), await answer.read()
        yield Reader(answer.content)


async def lodged(desk: Desk, trades: int) -> list[str]:
    made = [await desk.trade() for _ in range(trades)]
    for trade_id in made:
        assert (await desk.lodge(order(trade_id), "van-der-meer")).status == 201
    return made


async def test_what_arrives_is_streamed_and_a_broken_line_goes_on_where_it_broke(desk: Desk) -> None:
    after = await end_of_inbox(desk, "golden-lantern")
    async with stream(desk, "golden-lantern", f"&after={after}") as reader:
        first = await lodged(desk, 2)
        got = [await reader.next() for _ in first]
    meanwhile = await lodged(desk, 3)
    async with stream(desk, "golden-lantern", **{"Last-Event-ID": str(got[-1]["position"])}) as reader:
        later = await lodged(desk, 1)
        got += [await reader.next() for _ in (*meanwhile, *later)]
    assert sorted(item["trade_id"] for item in got) == sorted([*first, *meanwhile, *later])
    positions = [item["position"] for item in got]
    assert positions == list(range(positions[0], positions[0] + 6)), "each once, in order, none left out"


async def test_filters_leave_out_and_the_cursor_moves_on(desk: Desk) -> None:
    after = await end_of_inbox(desk, "golden-lantern")
    trades = await lodged(desk, 3)
    async with stream(desk, "golden-lantern", f"&after={after}&trade_id={trades[1]}&type=purchase_&kind=message") as reader:
        assert (await reader.next())["trade_id"] == trades[1]
        (more,) = await lodged(desk, 1)
        end = await end_of_inbox(desk, "golden-lantern")
        async with asyncio.timeout(20):
            while reader.cursor < end or end < after + 4:
                end = await end_of_inbox(desk, "golden-lantern")
                line = (await reader.content.readline()).decode()
                if line.startswith("id: "):
                    reader.cursor = int(line[4:])
        assert more not in "".join(reader.lines)


async def test_a_party_sees_nothing_of_others_and_has_a_limit(desk: Desk) -> None:
    empty = await desk.get("/v1/events?wait_seconds=0", "stranger")
    assert empty.status == 200 and b"data" not in empty.body
    opened = [stream(desk, "stranger") for _ in range(STREAMS_MAX)]
    for one in opened:
        await one.__aenter__()
    refused = await desk.get("/v1/events?wait_seconds=0", "stranger")
    assert_problem(refused, 429, "TOO_MANY_REQUESTS", "/v1/events")
    for one in opened:
        await one.__aexit__(None, None, None)
    async with asyncio.timeout(10):
        while (await desk.get("/v1/events?wait_seconds=0", "stranger")).status == 429:  # noqa: ASYNC110 - hung up takes a moment to be heard
            await asyncio.sleep(0.1)
