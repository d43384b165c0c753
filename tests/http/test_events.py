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
    id: str = ""
    event: str = ""
    lines: list[str] = field(default_factory=list)

    async def next(self) -> dict[str, Any]:
        """The next event with data; ids without data move the cursor only."""
        while True:
            raw = await asyncio.wait_for(self.content.readline(), 60)
            assert raw, "the stream ended"
            line = raw.decode().rstrip("\n")
            if line:
                self.lines.append(line)
                continue
            fields = dict(text.split(": ", 1) for text in self.lines if not text.startswith(":"))
            self.lines.clear()
            if "id" in fields:
                self.id, self.cursor = fields["id"], int(fields["id"].partition("-")[0])
            if "data" in fields:
                item: dict[str, Any] = json.loads(fields["data"])
                self.event = fields["event"]
                assert self.event not in ("message", "notice") or (self.event, self.cursor) == (item["kind"], item["position"])
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
        async with asyncio.timeout(60):
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
    async with asyncio.timeout(60):
        while (await desk.get("/v1/events?wait_seconds=0", "stranger")).status == 429:  # noqa: ASYNC110 - hung up takes a moment to be heard
            await asyncio.sleep(0.1)


async def gathered(reader: Reader, enough: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, topic, item) of what comes, until it is enough."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    while not enough(found):
        item = await reader.next()
        found.append((reader.id, reader.event, item))
    return found


def topics(found: list[tuple[str, str, dict[str, Any]]]) -> set[str]:
    return {topic for _, topic, _ in found}


async def test_everything_a_party_may_see_is_streamed_as_the_timeline_tells_it(desk: Desk) -> None:
    async with stream(desk, "golden-lantern", "&topics=all&fresh=true") as reader:
        (trade_id,) = await lodged(desk, 1)
        found = await gathered(
            reader, lambda all: {"trade", "clock", "message"} <= topics(all) and len([1 for _, topic, _ in all if topic == "trade"]) == 2
        )
    told = [item for _, topic, item in found if topic == "trade" and item["trade_id"] == trade_id]
    timeline = (await desk.get(f"/v1/trades/{trade_id}", "golden-lantern")).json["timeline"]
    assert told == [{"trade_id": trade_id, **event} for event in timeline[: len(told)]] and len(told) == 2
    clocks = [item for _, topic, item in found if topic == "clock"]
    assert clocks and all(change["change"] in ("armed", "disarmed") for item in clocks for change in item["changes"])
    ids = [id for id, _, _ in found]
    assert all("-" in id for id in ids)


async def test_a_cursor_replays_what_came_after_it(desk: Desk) -> None:
    async with stream(desk, "golden-lantern", "&topics=trade&fresh=true") as reader:
        (first,) = await lodged(desk, 1)
        before = await gathered(reader, lambda all: len(all) == 2)
    (second,) = await lodged(desk, 1)
    async with stream(desk, "golden-lantern", "&topics=trade", **{"Last-Event-ID": before[0][0]}) as reader:
        after = await gathered(reader, lambda all: len(all) == 3)
    assert [item["trade_id"] for _, _, item in (*before, *after)] == [first, first, first, second, second]
    assert after[0][2] == before[1][2], "from the event after the cursor on"
    async with stream(desk, "golden-lantern", f"&topics=trade&trade_id={second}") as reader:
        assert [item["seq"] for _, _, item in await gathered(reader, lambda all: len(all) == 2)] == [1, 2], "from the beginning, one trade"


async def test_what_a_role_may_not_see_is_not_streamed(desk: Desk) -> None:
    (trade_id,) = await lodged(desk, 1)
    for party in ("maasbank", "harbour-trade-bank"):
        async with stream(desk, party, f"&topics=trade,finding,clock&trade_id={trade_id}") as reader:
            found = await gathered(reader, lambda all: len([1 for _, topic, _ in all if topic == "trade"]) == 2)
        timeline = (await desk.get(f"/v1/trades/{trade_id}", party)).json["timeline"]
        assert [item for _, topic, item in found if topic == "trade"] == [{"trade_id": trade_id, **event} for event in timeline]
    nothing = await desk.get(f"/v1/events?wait_seconds=0&topics=all&trade_id={trade_id}", "stranger")
    assert nothing.status == 200 and b"data:" not in nothing.body


async def test_how_a_delivery_fares_and_what_is_held_is_streamed_to_whom_it_concerns(desk: Desk) -> None:
    mine = "/v1/parties/golden-lantern/channels/stream"
    assert (await desk.call("PUT", mine, "golden-lantern", {"kind": "null", "message_types": ["purchase_order"]})).status in (200, 201)
    async with stream(desk, "van-der-meer", "&topics=delivery,held&fresh=true") as reader:
        (trade_id,) = await lodged(desk, 1)
        found = await gathered(reader, lambda all: all and (all[-1][2]["channel"] or {}).get("status") == "sent")
        assert {(item["trade_id"], item["party_id"]) for _, _, item in found} == {(trade_id, "golden-lantern")}
        await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": [{"type": "purchase_order"}]})
        held = (await desk.lodge(order(await desk.trade()), "van-der-meer")).json["held_id"]
        await desk.call("PUT", "/v1/release-rules", "van-der-meer", {"items": []})
        assert (await desk.post(f"/v1/held/{held}/reject", "van-der-meer", {"note": "no"})).status == 200
        waits = await gathered(reader, lambda all: all and all[-1][2].get("state") == "rejected")
        assert {item["held_id"] for _, topic, item in waits if topic == "held"} == {held}
    await desk.call("DELETE", mine, "golden-lantern")
    quiet = await desk.get("/v1/events?wait_seconds=0&topics=held&fresh=false", "golden-lantern")
    assert held.encode() not in quiet.body


async def test_a_cursor_that_is_none_is_refused(desk: Desk) -> None:
    for query in ("topics=everything", "topics=trade,", "topics="):
        assert_problem(await desk.get(f"/v1/events?wait_seconds=0&{query}", "stranger"), 422, "INVALID_REQUEST")
    wrong = await desk.get("/v1/events?wait_seconds=0&topics=trade", "stranger", headers={"Last-Event-ID": "7-x"})
    assert_problem(wrong, 422, "INVALID_REQUEST")
    old = await desk.get("/v1/events?wait_seconds=0", "stranger", headers={"Last-Event-ID": "7-12"})
    assert old.status == 200
